// SPDX-License-Identifier: Apache-2.0
#include "tool/setup/setup_lock.hpp"

#include "tool/support/files.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

namespace trv::tool::setup {

Result<SetupLock> SetupLock::take(Context& context) {
    const std::filesystem::path path = context.paths.cache() / "setup.lock";
    TRY(make_folder(context.paths.cache()));
    FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    if (!file) {
        return system_failure(path, "cannot be opened");
    }
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        context.progress.say("setup: waiting for another command that is setting up this checkout");
        while (::flock(file.get(), LOCK_EX) != 0) {
            if (errno != EINTR) {
                return system_failure(path, "cannot be locked");
            }
        }
    }
    remove_leftovers(context.paths.build());
    return SetupLock(std::move(file));
}

} // namespace trv::tool::setup
