// SPDX-License-Identifier: Apache-2.0
#include "host/serve/privileges.hpp"

#include "host/devices/backend/backend_process.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace trv::host::serve {

tool::Result<void> give_up_root() {
    constexpr const char* place = "serve";
    const passwd* const backend = ::getpwnam(devices::backend_user);
    const gid_t sockets = backend != nullptr ? backend->pw_gid : 0;
    const passwd* const user = backend != nullptr ? ::getpwnam(server_user) : nullptr;
    if (user == nullptr) {
        return tool::failure(
            place, std::string{"the host has no user "} + (backend != nullptr ? server_user : devices::backend_user),
            "Install the package trivisor-host again.");
    }
    const uid_t uid = user->pw_uid;
    const gid_t gid = user->pw_gid;
    if (::setgroups(1, &sockets) != 0 || ::setresgid(gid, gid, gid) != 0 || ::setresuid(uid, uid, uid) != 0 ||
        ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return tool::system_failure(place, "root's rights cannot be given up", "Only root makes VMs with devices.");
    }
    // Others of this user's processes serve other VMs: none may look into this one [ptrace(2)].
    if (::setuid(0) == 0 || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        return tool::failure(place, "root's rights cannot be given up");
    }
    return {};
}

} // namespace trv::host::serve
