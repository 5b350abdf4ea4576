// SPDX-License-Identifier: Apache-2.0
#include "tool/tee/tee_sorter.hpp"

#include "tool/tee/tee_line.hpp"

namespace trv::tool::tee {

void TeeSorter::on_guest(unsigned guest, const std::string& vm) {
    vms_[guest] = vm;
    std::erase_if(held_, [&](const auto& held) {
        if (held.first != guest) {
            return false;
        }
        sink_(vm, held.second);
        return true;
    });
}

void TeeSorter::on_line(const std::string& line) {
    const auto parsed = parse_tee_line(line);
    if (!parsed) {
        return;
    }
    if (parsed->guest) {
        if (const auto vm = vms_.find(*parsed->guest); vm != vms_.end()) {
            sink_(vm->second, line);
        } else {
            held_.emplace_back(*parsed->guest, line);
            if (held_.size() > most_held) {
                held_.pop_front();
            }
        }
    } else if (only_vm_ && parsed->source != TeeLine::Source::Core) {
        sink_(*only_vm_, line);
    }
}

} // namespace trv::tool::tee
