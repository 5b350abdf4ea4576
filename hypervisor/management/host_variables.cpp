// SPDX-License-Identifier: Apache-2.0
#include "management/host_variables.hpp"

#include "arch/cpu/nospec.hpp"
#include "management/host_vms.hpp"

#include <algorithm>

namespace trv::management {
namespace {

namespace interface = contract::manager;
using tee::manager::TeeResult;

/// What is copied under the content's lock, for which a vCPU may wait.
using Piece = std::array<u8, 512>;

} // namespace

TeeResult HostVariables::read(tee::manager::SessionId session, Parameters& parameters) {
    auto& what = parameters[0];
    auto& out = parameters[1];
    if (what.b >= interface::variables_size) {
        return TeeResult::BadParameters;
    }
    const u64 offset = arch::nospec_index(what.b, interface::variables_size);
    const u64 size =
        std::min({out.memory.size(), u64{interface::largest_variables_piece}, interface::variables_size - offset});
    return result_of(manager_.with_variables(vm::VmHandle(what.a), [&](vm::Variables& variables) {
        variables.keep(static_cast<u32>(session), what.c);
        what.b = variables.content().changes();
        while (out.used < size) {
            Piece piece;
            const std::span<u8> part = std::span(piece).first(std::min<u64>(piece.size(), size - out.used));
            variables.content().read(offset + out.used, part);
            out.memory.write(out.used, part);
            out.used += part.size();
        }
    }));
}

TeeResult HostVariables::write(Parameters& parameters) {
    const auto& what = parameters[0];
    const tee::manager::CallerMemory& from = parameters[1].memory;
    if (what.b >= interface::variables_size || from.size() > interface::largest_variables_piece ||
        from.size() > interface::variables_size - what.b) {
        return TeeResult::BadParameters;
    }
    const u64 offset = arch::nospec_index(what.b, interface::variables_size);
    Result<void> result;
    const Result<void> used = manager_.while_off(vm::VmHandle(what.a), [&](vm::Belongings& belongings, auto) {
        vm::Variables* const variables = belongings.variables.get();
        if (variables == nullptr) {
            result = fail(Error::NotFound);
            return;
        }
        for (u64 done = 0; done < from.size();) {
            Piece piece;
            const std::span<u8> part = std::span(piece).first(std::min<u64>(piece.size(), from.size() - done));
            from.read(done, part);
            variables->content().write(offset + done, part);
            done += part.size();
        }
    });
    return result_of(used ? result : used);
}

void HostVariables::end_keeping(tee::manager::SessionId session) {
    manager_.for_each_belongings([session](unsigned, const vm::Belongings& belongings) {
        if (vm::Variables* const variables = belongings.variables.get()) {
            variables->end_keeping(static_cast<u32>(session));
        }
    });
}

} // namespace trv::management
