// SPDX-License-Identifier: Apache-2.0
#include "tool/console/escape_keys.hpp"

#include <fmt/format.h>

namespace trv::tool::console {

namespace {

Typed meaning(char key) {
    if (key >= '1' && key <= '9') {
        return {.kind = Typed::Kind::SelectVm, .number = static_cast<unsigned>(key - '0')};
    }
    switch (key) {
    case 'q':
        return {.kind = Typed::Kind::Quit};
    case 'n':
        return {.kind = Typed::Kind::NextVm};
    case 'h':
        return {.kind = Typed::Kind::HypervisorLog};
    default:
        return {.kind = Typed::Kind::Help};
    }
}

void add_text(std::vector<Typed>& typed, char byte) {
    if (typed.empty() || typed.back().kind != Typed::Kind::Text) {
        typed.push_back({.kind = Typed::Kind::Text});
    }
    typed.back().text += byte;
}

} // namespace

std::vector<Typed> EscapeKeys::feed(std::string_view bytes) {
    std::vector<Typed> typed;
    for (const char byte : bytes) {
        if (!escaped_ && byte == prefix) {
            escaped_ = true;
        } else if (!escaped_ || byte == prefix) {
            escaped_ = false;
            add_text(typed, byte);
        } else {
            escaped_ = false;
            typed.push_back(meaning(byte));
        }
    }
    return typed;
}

std::string escape_help(const std::vector<std::string>& vm_names) {
    std::string help = "\nCtrl-] and then:\n"
                       "  q       power off the machine and quit\n"
                       "  h       show the hypervisor's log so far\n"
                       "  n       switch to the next VM\n"
                       "  Ctrl-]  send Ctrl-] itself to the VM\n";
    for (std::size_t vm = 0; vm < vm_names.size() && vm < 9; ++vm) {
        help += fmt::format("  {}       switch to VM {}\n", vm + 1, vm_names[vm]);
    }
    return help + "  ?       show this help\n";
}

} // namespace trv::tool::console
