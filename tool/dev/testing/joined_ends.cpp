// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/testing/joined_ends.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>

namespace trv::tool::dev::testing {

Result<JoinedEnds> make_terminal() {
    JoinedEnds ends;
    ends.ours.reset(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    std::array<char, 64> name;
    if (!ends.ours || ::grantpt(ends.ours.get()) != 0 || ::unlockpt(ends.ours.get()) != 0 ||
        ::ptsname_r(ends.ours.get(), name.data(), name.size()) != 0) {
        return system_failure("system test", "cannot create a pseudo-terminal");
    }
    ends.its.reset(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!ends.its) {
        return system_failure("system test", "cannot open the pseudo-terminal");
    }
    return ends;
}

Result<JoinedEnds> make_socket() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return system_failure("system test", "cannot create a socket");
    }
    return JoinedEnds{.ours = FileDescriptor{ends[0]}, .its = FileDescriptor{ends[1]}};
}

} // namespace trv::tool::dev::testing
