// SPDX-License-Identifier: Apache-2.0
// trivisor-agent MODE [PORT]
#include "guests/linux/agent/agent.hpp"

#include <string_view>

int main(int count, char** arguments) {
    using namespace trv::guest;
    const std::string_view word = count > 1 ? arguments[1] : "";
    const Mode mode = word == "exec" ? Mode::Exec : word == "service" ? Mode::Service : Mode::Shell;
    Agent agent(mode, count > 2 ? arguments[2] : "/dev/ttyAMA1");
    agent.run();
}
