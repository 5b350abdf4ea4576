// SPDX-License-Identifier: Apache-2.0
#include "tool/run/session/hypervisor_event.hpp"

#include <nlohmann/json.hpp>

namespace trv::tool::run {

namespace {

using contract::Member;
using nlohmann::json;

std::string text_of(const json& object, Member member) {
    const auto found = object.find(name_of(member));
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::uint64_t number_of(const json& object, Member member) {
    const auto found = object.find(name_of(member));
    return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

} // namespace

std::optional<HypervisorEvent> parse_event(std::string_view line) {
    const json object = json::parse(line, nullptr, false);
    if (!object.is_object() || !object.contains(name_of(Member::Event))) {
        return std::nullopt;
    }
    HypervisorEvent event{
        .ns = number_of(object, Member::Ns),
        .vm = text_of(object, Member::Vm),
        .reason = text_of(object, Member::Reason),
        .detail = text_of(object, Member::Detail),
        .version = text_of(object, Member::Version),
        .options = text_of(object, Member::Options),
        .image_bytes = number_of(object, Member::ImageBytes),
        .guest = static_cast<unsigned>(number_of(object, Member::Guest)),
    };
    const std::string name = text_of(object, Member::Event);
    for (const contract::EventRow& row : contract::event_rows) {
        if (name == row.name) {
            event.kind = row.event;
        }
    }
    return event;
}

} // namespace trv::tool::run
