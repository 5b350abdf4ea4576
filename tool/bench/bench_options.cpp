#include "tool/bench/bench_options.hpp"

#include "tool/support/files.hpp"

namespace trv::tool::bench {

Result<void> write_results(const BenchOptions& options, const std::string& suite, const std::string& json) {
    if (!options.json.empty()) {
        TRY(write_file(std::filesystem::absolute(options.json), json));
    }
    return options.out.empty() ? Result<void>{}
                               : write_file(std::filesystem::absolute(options.out) / (suite + ".json"), json);
}

} // namespace trv::tool::bench
