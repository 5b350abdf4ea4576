// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trv::tool::console {

/// The user's input in interactive mode, without the escape keys.
struct Typed {
    enum class Kind {
        Text,          // for the console in focus
        Quit,          // Ctrl-] q
        SelectVm,      // Ctrl-] 1…9: the VM with that number, counted from 1
        NextVm,        // Ctrl-] n
        HypervisorLog, // Ctrl-] h
        Help,          // Ctrl-] ?
    };
    Kind kind;
    std::string text{};  // Text only
    unsigned number = 0; // SelectVm only

    bool operator==(const Typed&) const = default;
};

/// Recognizes Ctrl-] and the key after it, however the terminal cuts its input. Ctrl-] twice sends one to the guest;
/// any other key after it shows the help.
class EscapeKeys {
  public:
    static constexpr char prefix = 0x1d; // Ctrl-]

    [[nodiscard]] std::vector<Typed> feed(std::string_view bytes);

  private:
    bool escaped_ = false;
};

/// The help that Ctrl-] ? shows.
[[nodiscard]] std::string escape_help(const std::vector<std::string>& vm_names);

} // namespace trv::tool::console
