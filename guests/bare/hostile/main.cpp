// SPDX-License-Identifier: Apache-2.0
// An OP-TEE client that does everything it must not, from two vCPUs.

#include "guests/bare/hostile/groups.hpp"
#include "guests/bare/lib/payload.hpp"

namespace trv::bare {
namespace {

constexpr Command groups[] = {
    {"honest", hostile::honest},         {"identifiers", hostile::identifiers},
    {"sweep", hostile::sweep},           {"arguments", hostile::argument_places},
    {"messages", hostile::messages},     {"lists", hostile::page_lists},
    {"references", hostile::references}, {"cookies", hostile::cookies},
    {"replies", hostile::replies},       {"tampering", hostile::tampering},
    {"resumes", hostile::resumes},       {"threads", hostile::threads},
    {"quotas", hostile::quotas},         {"mappings", hostile::mappings},
    {"spread", hostile::spread},         {"policy", hostile::policy},
    {"races", hostile::races},           {"incarnations", hostile::incarnations},
    {"storms", hostile::storms},
};

void all(std::string_view arguments) {
    for (const Command& group : groups) {
        group.run(arguments);
    }
}

constexpr Command others[] = {
    {"all", all}, {"tenants", hostile::tenants}, // wants a second VM that does the same
};

} // namespace

constinit const Payload payload{.name = "hostile", .suite = groups, .others = others};

} // namespace trv::bare
