// SPDX-License-Identifier: Apache-2.0
// The tables of the reference pages are what contract/ says. With TRIVISOR_WRITE_PAGES in the environment they are
// written instead of compared.

#include "contract/agent.hpp"
#include "contract/channels.hpp"
#include "contract/events.hpp"
#include "contract/machine_tree.hpp"
#include "contract/manager.hpp"
#include "contract/monitor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace trv::contract {
namespace {

using testing::HasSubstr;

const std::string internals = std::string(TRIVISOR_SOURCE) + "/docs/internals/";

std::string read(const std::string& page) {
    std::stringstream text;
    text << std::ifstream(internals + page).rdbuf();
    return text.str();
}

std::string code(std::string_view text) {
    return text.empty() ? "" : "`" + std::string(text) + "`";
}

class Table {
  public:
    explicit Table(const std::vector<std::string>& heads) {
        add(heads);
        add(std::vector<std::string>(heads.size(), "---"));
    }
    void add(const std::vector<std::string>& cells) {
        for (const std::string& cell : cells) {
            text_ += "| " + cell + (cell.empty() ? "" : " ");
        }
        text_ += "|\n";
    }
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    std::string text_;
};

/// The table is what stands in the page between the block's comments.
void expect_in(const std::string& page, const std::string& block, const Table& table) {
    const std::string text = read(page);
    const std::string begin = "<!-- contract: " + block + " -->\n";
    const std::size_t from = text.find(begin);
    const std::size_t to = text.find("<!-- end of contract -->", from);
    ASSERT_TRUE(from != std::string::npos && to != std::string::npos) << page << " has no block " << block;
    const std::size_t start = from + begin.size();
    if (std::getenv("TRIVISOR_WRITE_PAGES") != nullptr) {
        std::ofstream(internals + page) << text.substr(0, start) << table.text() << text.substr(to);
        return;
    }
    EXPECT_EQ(text.substr(start, to - start), table.text())
        << page << ": run this test with TRIVISOR_WRITE_PAGES=1, which writes the table anew";
}

template <typename Words>
std::string listed(const Words& words) {
    std::string text;
    for (const std::string_view word : words) {
        text += (text.empty() ? "" : ", ") + code(word);
    }
    return text;
}

/// What may stand in the tree for a row of a property.
std::string values(const Property&) {
    return "";
}
template <typename Settings, typename Value>
std::string values(const Number<Settings, Value>& row) {
    return std::to_string(row.least) + " to " + std::to_string(row.most);
}
template <typename Settings, typename Value, std::size_t count>
std::string values(const Choice<Settings, Value, count>& row) {
    return listed(row.words);
}

TEST(ReferencePages, HaveTheTreesProperties) {
    Table table({"property", "key", "values", "meaning"});
    const std::string page = read("machine-tree.md");
    const auto add = [&](const auto& row) {
        const Property& property = property_of(row);
        table.add({code(property.name), code(property.key), values(row), std::string(property.meaning)});
        EXPECT_TRUE(property.name == phandle_property.name ||
                    page.contains("    " + std::string(property.name) + " = ") ||
                    page.contains("    " + std::string(property.name) + ";"))
            << "machine-tree.md: the example has no " << property.name;
    };
    for_each_vm_row(add);
    for_each_tee_row(add);
    expect_in("machine-tree.md", "properties", table);
}

std::string_view kind_word(manager::Kind kind) {
    switch (kind) {
    case manager::Kind::None:
        return "";
    case manager::Kind::ValueIn:
        return "value";
    case manager::Kind::ValueOut:
        return "value, out";
    case manager::Kind::ValueInOut:
        return "value, in and out";
    case manager::Kind::MemoryIn:
        return "memory";
    case manager::Kind::MemoryOut:
        return "memory, out";
    }
    return "";
}

TEST(ReferencePages, HaveTheManagersCommands) {
    Table table({"number", "command", "effect", "parameters"});
    for (const manager::Row& row : manager::rows) {
        std::string parameters;
        for (const manager::Parameter& parameter : row.parameters) {
            if (parameter.kind != manager::Kind::None) {
                parameters += (parameters.empty() ? "" : "<br>") + std::string(kind_word(parameter.kind)) + ": " +
                              std::string(parameter.meaning);
            }
        }
        table.add(
            {std::to_string(static_cast<unsigned>(row.command)), code(row.name), std::string(row.meaning), parameters});
    }
    expect_in("manager.md", "manager", table);
}

TEST(ReferencePages, HaveTheChannels) {
    Table table({"channel", "from the hypervisor", "to the hypervisor"});
    for (const ChannelRow& row : channel_rows) {
        table.add({std::string(row.channel), std::string(row.from), std::string(row.to)});
    }
    expect_in("console.md", "channels", table);
}

TEST(ReferencePages, HaveTheEvents) {
    Table events({"event", "members", "meaning"});
    for (const EventRow& row : event_rows) {
        std::vector<std::string_view> names;
        for (const Member member : row.members) {
            names.push_back(name_of(member));
        }
        events.add({code(row.name), listed(names), std::string(row.meaning)});
    }
    expect_in("console.md", "events", events);
    Table members({"member", "meaning"});
    for (const MemberRow& row : member_rows) {
        members.add({code(row.name), std::string(row.meaning)});
    }
    expect_in("console.md", "members", members);
    Table reasons({"event", "reason", "meaning"});
    for (const ReasonRow<StopReason>& row : stop_reason_rows) {
        reasons.add({code(name_of(Event::VmStopped)), code(row.name), std::string(row.meaning)});
    }
    for (const ReasonRow<PowerOffReason>& row : power_off_reason_rows) {
        reasons.add({code(name_of(Event::MachineOff)), code(row.name), std::string(row.meaning)});
    }
    expect_in("console.md", "reasons", reasons);
}

TEST(ReferencePages, HaveTheMonitorsCommands) {
    Table table({"command", "arguments and effect"});
    for (const monitor::Row& row : monitor::rows) {
        table.add({code(row.name), std::string(row.help)});
    }
    expect_in("console.md", "commands", table);
}

TEST(ReferencePages, HaveTheAgentsLines) {
    Table table({"direction", "line", "meaning"});
    const auto add = [&table](const char* direction, const auto& row) {
        const std::string parts = row.shown.empty() ? "" : " " + std::string(row.shown);
        table.add({direction, code(std::string(row.word) + parts), std::string(row.meaning)});
    };
    for (const auto& row : agent::request_rows) {
        add("tool → guest", row);
    }
    for (const auto& row : agent::reply_rows) {
        add("guest → tool", row);
    }
    expect_in("guest-agent.md", "agent", table);
}

} // namespace
} // namespace trv::contract
