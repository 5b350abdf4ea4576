#include "tool/run/run_folder.hpp"

#include "tool/support/files.hpp"

#include <fmt/format.h>

namespace trv::tool::runs {

Result<RunFolder> RunFolder::create(const Paths& paths, const std::filesystem::path& machine) {
    TRY(make_folder(paths.run()));
    for (unsigned number = 1;; ++number) {
        const auto path = paths.run() / fmt::format("{}-{}", machine.stem().string(), number);
        std::error_code problem;
        if (std::filesystem::create_directory(path, problem)) {
            return RunFolder{path};
        }
        if (problem) {
            return failure(path.string(), "cannot be made: " + problem.message());
        }
    }
}

} // namespace trv::tool::runs
