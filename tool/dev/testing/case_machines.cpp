// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/testing/case_machines.hpp"

#include "tool/machine/readers/machine_reader.hpp"
#include "tool/machine/readers/optee_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace trv::tool::dev::testing {
namespace {

/// The machines of commands that need not name one.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> usual_machines{
    {{"xtest", "machines/two.toml"}, {"demo", "machines/two.toml"}, {"host", "machines/host.toml"}}};

std::optional<machine::MachineDescription> described(const std::filesystem::path& file) {
    auto machine = machine::read_machine(file);
    return machine ? std::optional{*std::move(machine)} : std::nullopt;
}

std::optional<machine::MachineDescription> machine_of(const SystemCase& system_case,
                                                      const std::filesystem::path& root) {
    const auto& words = system_case.arguments;
    const auto named = std::ranges::find_if(words, [](const std::string& word) { return word.ends_with(".toml"); });
    if (named != words.end()) {
        return described(root / *named);
    }
    const auto usual = std::ranges::find(usual_machines, words.front(), [](const auto& one) { return one.first; });
    return usual == usual_machines.end() ? std::nullopt : described(root / usual->second);
}

} // namespace

std::optional<firmware::Optee> optee_of(const SystemCase& system_case, const std::filesystem::path& root) {
    const auto& words = system_case.arguments;
    if (words.front() == "bench") {
        return machine::secure_optee(platform::qemu_virt); // of its own machines
    }
    const auto machine = machine_of(system_case, root);
    if (!machine || machine->platform != &platform::qemu_virt) { // on another board the case's own run builds it
        return std::nullopt;
    }
    return std::ranges::find(words, "--bare") != words.end()
               ? without_virtualization(machine->optee, machine->platform->firmware.optee_memory.secure)
               : machine->optee;
}

} // namespace trv::tool::dev::testing
