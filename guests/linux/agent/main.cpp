// SPDX-License-Identifier: Apache-2.0
#include "guests/linux/agent/agent.hpp"

#include <string_view>

int main(int count, char** arguments) {
    using namespace trv::guest;
    const bool exec = count > 1 && std::string_view(arguments[1]) == "exec";
    Agent agent(exec ? Mode::Exec : Mode::Shell);
    agent.run();
}
