// SPDX-License-Identifier: Apache-2.0
#include "tool/support/files.hpp"
#include "tool/support/hash.hpp"
#include "tool/support/stamps.hpp"
#include "tool/ta/build/build_project.hpp"
#include "tool/ta/build/compiler_output.hpp"

#include <array>

namespace trv::tool::ta {
namespace {

constexpr std::array common_flags = {"-O2", "-g", "-Wall", "-Wextra", "-Werror", "-fdiagnostics-plain-output"};

bool is_cpp(const std::filesystem::path& source) {
    return source.extension() != ".c";
}

/// The VM has the C library but not the C++ library, which is therefore linked statically.
/// C's library includes that for mathematics, which counts as one of its own only for linkers.
std::vector<std::string> link_command(const devkit::Kit& kit, const Project& project, const Sysroot& sysroot,
                                      const std::vector<std::string>& objects, bool cpp,
                                      const std::filesystem::path& out) {
    std::vector<std::string> command = {cpp ? "aarch64-linux-gnu-g++" : "aarch64-linux-gnu-gcc", "-o", out.string()};
    command.insert(command.end(), objects.begin(), objects.end());
    if (cpp) {
        command.insert(command.end(), {"-static-libstdc++", "-static-libgcc"});
    }
    for (const auto& folder : sysroot.libraries()) {
        command.push_back("-L" + folder.string());
    }
    command.insert(command.end(), project.client.libraries.begin(), project.client.libraries.end());
    // OP-TEE's library, like others, was linked with a younger C library than the cross compiler's; the VM has that
    // one. DT_RPATH, because DT_RUNPATH does not count for the libraries that libraries need.
    command.insert(command.end(), {kit.client_library.string(), "-Wl,--as-needed", "-lm", "-Wl,--allow-shlib-undefined",
                                   "-Wl,--disable-new-dtags", "-Wl,-rpath," + project.guest_libraries(),
                                   "-Wl,--gc-sections", "-Wl,-z,max-page-size=4096"});
    return command;
}

std::vector<std::string> compile_command(const devkit::Kit& kit, const Project& project, const Sysroot& sysroot,
                                         const std::filesystem::path& source, const std::filesystem::path& object) {
    std::vector<std::string> command = is_cpp(source) ? std::vector<std::string>{"aarch64-linux-gnu-g++", "-std=c++23"}
                                                      : std::vector<std::string>{"aarch64-linux-gnu-gcc", "-std=gnu17"};
    command.insert(command.end(), common_flags.begin(), common_flags.end());
    command.insert(command.end(), project.client.flags.begin(), project.client.flags.end());
    command.insert(command.end(), {"-ffunction-sections", "-I", (project.folder / "include").string()});
    for (const auto& folder : project.client.include) {
        command.insert(command.end(), {"-I", folder.string()});
    }
    command.insert(command.end(), {"-isystem", kit.client_headers.string()});
    for (const auto& folder : sysroot.include()) {
        command.insert(command.end(), {"-isystem", folder.string()});
    }
    command.insert(command.end(), {"-c", source.string(), "-o", object.string()});
    return command;
}

/// Libraries that the project names by their paths.
std::vector<std::filesystem::path> named_files(const Project& project) {
    std::vector<std::filesystem::path> files;
    for (const std::string& library : project.client.libraries) {
        if (!library.starts_with('-')) {
            files.emplace_back(library);
        }
    }
    return files;
}

Result<std::string> inputs_of(const Project& project, const std::vector<std::string>& commands) {
    Sha256 hash;
    for (const std::string& word : commands) {
        hash.add_field(word);
    }
    std::vector<std::filesystem::path> parts{project.folder / "client", project.folder / "include"};
    parts.insert(parts.end(), project.client.sources.begin(), project.client.sources.end());
    parts.insert(parts.end(), project.client.include.begin(), project.client.include.end());
    for (const auto& library : named_files(project)) {
        parts.push_back(library);
    }
    std::error_code ignored;
    for (const auto& part : parts) {
        if (std::filesystem::exists(part, ignored)) {
            TRY(hash.add_path(part));
        }
    }
    return hash.finish();
}

} // namespace

Result<ClientFiles> build_client(const Paths& paths, const devkit::Kit& kit, const Project& project,
                                 const packages::PackageStore& store) {
    const auto output = project.output(paths) / "client";
    const auto& sources = project.client.sources;
    if (sources.empty()) {
        return usage_error(paths.shown(project.folder / "client"), {}, "contains no C or C++ source file",
                           "Write the client application there.");
    }
    const Sysroot sysroot = TRY(make_sysroot(store, project, output));
    ClientFiles files{.program = output / project.name, .symbols = output / (project.name + ".debug")};
    const auto log = project.output(paths) / "client.log";
    std::vector<Command> steps;
    std::vector<std::string> objects;
    bool cpp = false;
    for (const auto& source : sources) {
        const auto object = output / (std::to_string(objects.size()) + "-" + source.stem().string() + ".o");
        objects.push_back(object.string());
        cpp = cpp || is_cpp(source);
        steps.push_back({.arguments = compile_command(kit, project, sysroot, source, object),
                         .folder = project.folder,
                         .log = log});
    }
    steps.push_back({.arguments = link_command(kit, project, sysroot, objects, cpp, files.symbols),
                     .folder = project.folder,
                     .log = log});
    steps.push_back({.arguments = {"aarch64-linux-gnu-strip", "-o", files.program, files.symbols},
                     .folder = project.folder,
                     .log = log});

    std::vector<std::string> words;
    for (const Command& step : steps) {
        words.insert(words.end(), step.arguments.begin(), step.arguments.end());
    }
    const std::string inputs = TRY(inputs_of(project, words));
    const Stamps stamps(project.output(paths));
    if (!stamps.fresh("client.stamp", inputs, {files.program, files.symbols})) {
        TRY(make_folder(output));
        for (const Command& step : steps) {
            TRY(run_build_step(paths, step));
        }
        TRY(stamps.record("client.stamp", inputs));
    }
    auto shared = named_files(project);
    std::erase_if(shared, [](const auto& file) { return file.extension() != ".so"; });
    files.libraries = TRY(needed_libraries(files.symbols, sysroot.libraries(), shared));
    return files;
}

} // namespace trv::tool::ta
