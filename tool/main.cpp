// SPDX-License-Identifier: Apache-2.0
#include "tool/commands/command_line.hpp"

int main(int count, char** arguments) {
    return trv::tool::commands::run_command(count, arguments);
}
