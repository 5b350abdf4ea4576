// SPDX-License-Identifier: Apache-2.0
#include "tool/run/session/hypervisor_event.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <sstream>
#include <utility>

namespace trv::tool::run {

namespace {

using Kind = HypervisorEvent::Kind;
using nlohmann::json;

constexpr std::array<std::pair<std::string_view, Kind>, 8> kinds{{
    {"machine-ready", Kind::MachineReady},
    {"vm-created", Kind::VmCreated},
    {"vm-refused", Kind::VmRefused},
    {"vm-with-tee", Kind::VmWithTee},
    {"vm-running", Kind::VmRunning},
    {"vm-stopped", Kind::VmStopped},
    {"machine-off", Kind::MachineOff},
    {"reply", Kind::Reply},
}};

std::string text_of(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::uint64_t number_of(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

} // namespace

std::optional<HypervisorEvent> parse_event(std::string_view line) {
    const json object = json::parse(line, nullptr, false);
    if (!object.is_object() || !object.contains("event")) {
        return std::nullopt;
    }
    HypervisorEvent event{
        .ns = number_of(object, "ns"),
        .vm = text_of(object, "vm"),
        .reason = text_of(object, "reason"),
        .detail = text_of(object, "detail"),
        .version = text_of(object, "version"),
        .options = text_of(object, "options"),
        .image_bytes = number_of(object, "image_bytes"),
        .guest = static_cast<unsigned>(number_of(object, "guest")),
    };
    const std::string name = text_of(object, "event");
    for (const auto& [known, kind] : kinds) {
        if (name == known) {
            event.kind = kind;
        }
    }
    return event;
}

std::optional<unsigned> guest_number(std::string_view events_log, std::string_view vm) {
    std::optional<unsigned> guest;
    std::istringstream lines{std::string{events_log}};
    for (std::string line; std::getline(lines, line);) {
        if (const auto event = parse_event(line);
            event && event->kind == HypervisorEvent::Kind::VmWithTee && event->vm == vm) {
            guest = event->guest;
        }
    }
    return guest;
}

} // namespace trv::tool::run
