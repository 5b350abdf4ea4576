// SPDX-License-Identifier: Apache-2.0
#include "host/manager/transport.hpp"

#include <fmt/format.h>

namespace trv::host::manager {

std::string text_of(Verdict verdict) {
    switch (verdict) {
    case Verdict::AccessDenied:
        return "the hypervisor refuses it";
    case Verdict::BadParameters:
        return "the hypervisor does not accept its parameters";
    case Verdict::BadState:
        return "the VM's state does not allow it";
    case Verdict::ItemNotFound:
        return "no such VM";
    case Verdict::OutOfMemory:
        return "the hypervisor has too little free memory";
    case Verdict::Busy:
        return "another program uses it";
    case Verdict::ShortBuffer:
        return "the answer is too long";
    default:
        return fmt::format("the hypervisor reports error {:#x}", static_cast<std::uint32_t>(verdict));
    }
}

} // namespace trv::host::manager
