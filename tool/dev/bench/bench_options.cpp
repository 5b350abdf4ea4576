// SPDX-License-Identifier: Apache-2.0
#include "tool/dev/bench/bench_options.hpp"

#include "tool/support/files.hpp"

#include <nlohmann/json.hpp>

namespace trv::tool::dev::bench {

namespace {

using nlohmann::ordered_json;

Result<void> merge_into(const std::filesystem::path& file, const std::string& suite, const std::string& json) {
    auto all = ordered_json::parse(read_file(file).value_or("{}"), nullptr, false);
    if (!all.is_object()) {
        return failure(file.string(), "is not a JSON object", "Remove it, or choose another folder with --out.");
    }
    all[suite] = ordered_json::parse(json);
    return write_file(file, all.dump(1) + "\n");
}

} // namespace

Result<void> write_results(const BenchOptions& options, const std::string& suite, const std::string& json) {
    if (!options.json.empty()) {
        TRY(write_file(std::filesystem::absolute(options.json), json));
    }
    return options.out.empty() ? Result<void>{}
                               : merge_into(std::filesystem::absolute(options.out) / "results.json", suite, json);
}

} // namespace trv::tool::dev::bench
