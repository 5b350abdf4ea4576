// SPDX-License-Identifier: Apache-2.0
#include "tool/run/report/result_json.hpp"

#include "tool/run/report/vm_result.hpp"

#include <nlohmann/json.hpp>

#include <sstream>

namespace trv::tool::run {

namespace {

using nlohmann::ordered_json;

ordered_json vm_json(const VmSession& vm, const run_folder::RunFolder& folder) {
    ordered_json object = vm_result(vm);
    object["log"] = folder.vm_log(vm.plan().name).string();
    if (vm.plan().has_tee) {
        object["tee_log"] = folder.vm_tee_log(vm.plan().name).string();
    }
    return object;
}

/// "NAME=value NAME=value" as an object.
ordered_json options_json(const std::string& text) {
    ordered_json object = ordered_json::object();
    std::istringstream words{text};
    for (std::string word; words >> word;) {
        const auto at = word.find('=');
        if (at != std::string::npos) {
            object[word.substr(0, at)] = word.substr(at + 1);
        }
    }
    return object;
}

ordered_json versions_json(const RunReport& report, const MachineSession& session) {
    ordered_json versions{{"tool", TRIVISOR_VERSION},
                          {"hypervisor",
                           {{"version", session.version()},
                            {"image_bytes", session.image_bytes()},
                            {"options", options_json(session.options())}}},
                          {"qemu", report.qemu_version}};
    ordered_json packages = ordered_json::parse(report.resolved_versions, nullptr, false);
    if (!packages.is_discarded()) {
        versions["packages"] = std::move(packages);
    }
    return versions;
}

} // namespace

std::string result_json(const RunReport& report, const MachineSession& session, const run_folder::RunFolder& folder) {
    ordered_json vms = ordered_json::object();
    for (const auto& vm : session.vms()) {
        vms[vm.plan().name] = vm_json(vm, folder);
    }
    const ordered_json result{
        {"status", std::string{word_for(report.ending, session)}},
        {"exit_code", exit_code(report.ending, session)},
        {"logs", folder.path().string()},
        {"machine_off", session.off_reason() ? ordered_json(*session.off_reason()) : ordered_json()},
        {"vms", std::move(vms)},
        {"versions", versions_json(report, session)}};
    // Text from guests may contain any byte: invalid UTF-8 is replaced, not rejected.
    return result.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

} // namespace trv::tool::run
