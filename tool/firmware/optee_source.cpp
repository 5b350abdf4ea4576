// SPDX-License-Identifier: Apache-2.0
#include "tool/firmware/optee_source.hpp"

#include "tool/firmware/tf_a.hpp"
#include "tool/support/files.hpp"
#include "tool/support/hash.hpp"
#include "tool/support/process/process.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <thread>
#include <vector>

namespace trv::tool::firmware {
namespace {

constexpr const char* place = "setup: OP-TEE";
constexpr const char* kit_name = "kit";

Result<void> edit_source(const std::filesystem::path& source, const OpteeBuild& build) {
    for (const SourceEdit& edit : source_edits(build)) {
        const auto file = source / edit.file;
        TRY(write_file(file, TRY(apply(edit, TRY(read_file(file))))));
    }
    return {};
}

/// The variables that make is given, besides folders and the version.
std::vector<std::string> make_settings(const OpteeBuild& build) {
    std::vector<std::string> all = build.settings();
    for (const char* name : {"CROSS_COMPILE", "CROSS_COMPILE_core", "CROSS_COMPILE_ta_arm64"}) {
        all.push_back(fmt::format("{}={}", name, cross_compile));
    }
    all.emplace_back("PYTHON3=/usr/bin/python3");      // the one that has Debian's modules
    all.emplace_back("CFG_OS_REV_REPORTS_GIT_SHA1=n"); // of whatever repository the folder is in
    all.emplace_back("CFG_BUILD_IN_TREE_TA=n");        // half of the work; they come with the development kit
    return all;
}

/// The package's version, as guests and trusted applications see it.
std::string debian_version(const packages::PackageStore& store) {
    const std::string both = store.version(optee_source_package());
    return both.substr(both.find(' ') + 1);
}

} // namespace

std::string untested_version(const packages::PackageStore& store) {
    const std::string version = debian_version(store);
    return version.starts_with(tested_optee)
               ? ""
               : fmt::format(
                     "OP-TEE {} is built; Trivisor is tested with {}*. If it fails, write optee = \"debian\" below "
                     "[machine].",
                     version, tested_optee);
}

namespace {

/// The moment of the package's last change, so that builds of one version are equal.
Result<std::string> changed_at(const std::filesystem::path& source) {
    std::string seconds =
        TRY(capture(place, {.arguments = {"dpkg-parsechangelog", "-l", (source / "debian" / "changelog").string(), "-S",
                                          "Timestamp"}}));
    return seconds.substr(0, seconds.find('\n'));
}

std::vector<std::string> make_arguments(const OpteeBuild& build, const std::filesystem::path& source,
                                        const std::filesystem::path& output, const std::filesystem::path& key) {
    std::vector<std::string> arguments = {"make",
                                          "-C",
                                          source.string(),
                                          fmt::format("-j{}", std::max(1U, std::thread::hardware_concurrency())),
                                          "O=" + output.string(),
                                          "TA_SIGN_KEY=" + key.string()};
    std::ranges::move(make_settings(build), std::back_inserter(arguments));
    for (const std::string_view file : optee_files) {
        arguments.push_back((output / "core" / file).string());
    }
    if (build.ftrace) {
        arguments.emplace_back("ta_dev_kit");
    }
    return arguments;
}

} // namespace

packages::PackageId optee_source_package() {
    return {.suite = "sid", .name = "optee-os", .kind = packages::PackageKind::Source};
}

std::filesystem::path optee_folder(const Paths& paths, const OpteeBuild& build) {
    return paths.firmware() / "optee" / build.name();
}

std::filesystem::path tracing_kit(const Paths& paths, const OpteeBuild& build) {
    return optee_folder(paths, build) / kit_name;
}

std::vector<SourceEdit> source_edits(const OpteeBuild& build) {
    std::vector<SourceEdit> edits = {
        // A constant without a setting.
        {.file = "core/arch/arm/mm/core_mmu.c",
         .from = "#define MMU_NUM_ASID_PAIRS\t\t64\n",
         .to = fmt::format("#define MMU_NUM_ASID_PAIRS\t\t{}\n", build.address_spaces)},
        // Without CFG_DYN_CONFIG it initialises what is not there.
        {.file = "core/arch/arm/kernel/virtualization.c", .from = "\tpage_alloc_init();\n", .to = ""},
        // If a partition's page tables are used up, mapping its VM's shared memory must fail; it must not stop the
        // machine.
        {.file = "core/mm/core_mmu.c",
         .from = "\t\t\t\tpanic(\"Failed to spread pgdir on small tables\");\n",
         .to = "\t\t\t{\n\t\t\t\tret = TEE_ERROR_OUT_OF_MEMORY;\n\t\t\t\tgoto err;\n\t\t\t}\n",
         .after = "\nTEE_Result core_mmu_map_pages("}};
    if (build.ftrace) {
        // It passes records on only while the application is mapped, which it no longer is then; the next lines map it.
        edits.push_back({.file = "core/kernel/tee_ta_manager.c",
                         .from = "core_mmu_user_mapping_is_active()",
                         .to = "!ts_to_ta_ctx(ts_ctx)->panicked",
                         .after = "\nstatic void dump_ftrace("});
    }
    return edits;
}

Result<std::string> apply(const SourceEdit& edit, std::string text) {
    constexpr std::string_view function_end = "\n}\n";
    const std::size_t begin = edit.after.empty() ? 0 : text.find(edit.after);
    const std::size_t end =
        edit.after.empty() || begin == std::string::npos ? text.size() : text.find(function_end, begin);
    const std::size_t found = begin == std::string::npos ? begin : text.find(edit.from, begin);
    if (found >= end || text.find(edit.from, found + edit.from.size()) < end) {
        return failure(place, fmt::format("{} is not as expected, so this version cannot be built", edit.file),
                       "Write optee = \"debian\" below [machine].");
    }
    return text.replace(found, edit.from.size(), edit.to);
}

Result<std::string> optee_inputs(const packages::PackageStore& store, const OpteeBuild& build,
                                 const std::filesystem::path& key) {
    Sha256 hash;
    hash.add_field(store.version(optee_source_package()));
    hash.add_field(TRY(compiler_version()));
    for (const std::string& setting : make_settings(build)) {
        hash.add_field(setting);
    }
    for (const SourceEdit& edit : source_edits(build)) {
        for (const std::string_view text : {edit.file, edit.from, std::string_view{edit.to}, edit.after}) {
            hash.add_field(text);
        }
    }
    TRY(hash.add_path(key));
    return hash.finish();
}

Result<std::uint64_t> symbol_value(const std::string& symbols, std::string_view name) {
    std::istringstream lines{symbols};
    std::string value;
    std::string kind;
    std::string symbol;
    while (lines >> value >> kind >> symbol) {
        std::uint64_t number = 0;
        if (symbol == name &&
            std::from_chars(value.data(), value.data() + value.size(), number, 16).ec == std::errc{}) {
            return number;
        }
    }
    return failure(place, fmt::format("the build has no symbol {}", name));
}

Result<void> check_data(const OpteeBuild& build, std::uint64_t size) {
    if (build.vms == 0 || size <= partition_data(build)) {
        return {};
    }
    return failure(
        place,
        fmt::format("a partition's data takes {} bytes, {} more than planned, so that VMs would get less memory "
                    "than promised",
                    size, size - partition_data(build)),
        "Write optee = \"debian\" below [machine].");
}

namespace {

/// @param key  of which the build has a link, perhaps to a file beside it
Result<void> keep_kit(const std::filesystem::path& output, const std::filesystem::path& kit,
                      const std::filesystem::path& key) {
    TRY(copy_folder(output / "export-ta_arm64", kit));
    return write_file(kit / "keys" / key.filename(), TRY(read_file(key)));
}

} // namespace

Result<void> build_optee(const Paths& paths, const packages::PackageStore& store, const OpteeBuild& build,
                         const std::filesystem::path& key) {
    const std::filesystem::path log = paths.logs() / fmt::format("optee-{}.log", build.name());
    std::error_code problem;
    std::filesystem::remove(log, problem);
    const TemporaryFolder work = TRY(TemporaryFolder::create(paths.cache(), "optee"));
    const auto source = work.path() / "source";
    const auto output = work.path() / "out";
    TRY(copy_folder(store.tree(optee_source_package()), source));
    TRY(edit_source(source, build));
    std::vector<std::string> arguments = make_arguments(build, source, output, key);
    arguments.push_back("TEE_IMPL_VERSION=" + debian_version(store));
    arguments.push_back("SOURCE_DATE_EPOCH=" + TRY(changed_at(source)));
    TRY(run_checked(place, {.arguments = std::move(arguments), .clean = true, .log = log}));
    const std::string symbols = TRY(capture(place, {.arguments = {fmt::format("{}nm", cross_compile), "--defined-only",
                                                                  (output / "core/tee.elf").string()}}));
    TRY(check_data(build, TRY(symbol_value(symbols, "__vcore_unpg_rw_size"))));
    return make_whole(optee_folder(paths, build), [&](const std::filesystem::path& beside) -> Result<void> {
        for (const std::string_view file : optee_files) {
            TRY(write_file(beside / file, TRY(read_file(output / "core" / file))));
        }
        TRY(write_file(beside / loader_symbol_file, TRY(read_file(output / "ldelf" / loader_symbol_file))));
        return build.ftrace ? keep_kit(output, beside / kit_name, key) : Result<void>{};
    });
}

void keep_recent_builds(const Paths& paths, const OpteeBuild& used) {
    constexpr std::size_t kept = 12;
    std::error_code ignored;
    std::filesystem::last_write_time(optee_folder(paths, used), std::filesystem::file_time_type::clock::now(), ignored);
    std::vector<std::filesystem::directory_entry> builds;
    for (const auto& entry : std::filesystem::directory_iterator(paths.firmware() / "optee", ignored)) {
        if (entry.path().filename().string().starts_with(OpteeBuild::name_begin)) {
            builds.push_back(entry);
        }
    }
    std::ranges::sort(builds, std::greater{}, [&](const auto& build) { return build.last_write_time(ignored); });
    for (std::size_t index = kept; index < builds.size(); ++index) {
        for (const auto& folder : std::filesystem::directory_iterator(paths.firmware(), ignored)) {
            std::filesystem::remove_all(folder.path() / builds[index].path().filename(), ignored);
        }
    }
}

} // namespace trv::tool::firmware
