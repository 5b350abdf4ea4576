// SPDX-License-Identifier: Apache-2.0
#pragma once
// The groups of attacks, each a command of its own.

#include <string_view>

namespace trv::bare::hostile {

void honest(std::string_view arguments);
void identifiers(std::string_view arguments);
void sweep(std::string_view arguments);
void argument_places(std::string_view arguments);
void messages(std::string_view arguments);
void page_lists(std::string_view arguments);
void references(std::string_view arguments);
void cookies(std::string_view arguments);
void replies(std::string_view arguments);
void tampering(std::string_view arguments);
void resumes(std::string_view arguments);
void threads(std::string_view arguments);
void quotas(std::string_view arguments);
void mappings(std::string_view arguments);
void spread(std::string_view arguments);
void policy(std::string_view arguments);
void races(std::string_view arguments);
void incarnations(std::string_view arguments);
void storms(std::string_view arguments);
void tenants(std::string_view arguments);

} // namespace trv::bare::hostile
