// SPDX-License-Identifier: Apache-2.0
#include "tool/packages/package_store.hpp"

#include "tool/packages/installation.hpp"
#include "tool/support/files.hpp"
#include "tool/support/process/process.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace trv::tool::packages {
namespace {

constexpr const char* place = "setup: packages";

std::string field(const ControlParagraph& paragraph, const std::string& name) {
    const auto found = paragraph.find(name);
    return found == paragraph.end() ? std::string() : found->second;
}

std::uint64_t number(const std::string& text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// The stanza of a package; several suites may offer the same name, `show` gives one stanza for each request.
/// @param name  as PackageId has it; a stanza has no armhf_suffix
const ControlParagraph* find_paragraph(const std::vector<ControlParagraph>& paragraphs, const std::string& name) {
    const auto found = std::ranges::find_if(paragraphs, [&](const ControlParagraph& paragraph) {
        return field(paragraph, "Package") == name.substr(0, name.find(':'));
    });
    return found == paragraphs.end() ? nullptr : &*found;
}

/// A meta-package's kernel; any other package itself. In sid the kernel's package is empty, and depends on ones with the
/// kernel, its modules, and the lists of these.
Result<std::vector<PackageId>> concrete_packages(const PrivateApt& apt, const PackageId& id) {
    if (id.kind != PackageKind::Kernel) {
        return std::vector{id};
    }
    const auto depends = [&](const std::string& name) -> Result<std::string> {
        const auto paragraphs = TRY(apt.show({{.suite = id.suite, .name = name}}));
        const ControlParagraph* paragraph = find_paragraph(paragraphs, name);
        return paragraph == nullptr ? "" : field(*paragraph, "Depends");
    };
    std::string kernel = first_dependency(TRY(depends(id.name)), "linux-image-");
    if (kernel.empty()) {
        return failure(place, id.text() + " does not depend on a kernel package");
    }
    if (id.is_armhf()) {
        kernel += armhf_suffix;
    }
    const std::string parts = TRY(depends(kernel));
    std::vector<PackageId> packages;
    for (const char* prefix : {"linux-binary-", "linux-modules-", "linux-base-"}) {
        const std::string part = first_dependency(parts, prefix);
        if (!part.empty()) {
            packages.push_back({.suite = id.suite, .name = part, .kind = id.kind});
        }
    }
    if (packages.size() < 2) {
        packages = {{.suite = id.suite, .name = kernel, .kind = id.kind}};
    }
    return packages;
}

std::string file_name(const ControlParagraph& paragraph) {
    return archive_name(field(paragraph, "Package"), field(paragraph, "Version"), field(paragraph, "Architecture"));
}

} // namespace

bool PackageStore::has(const PackageId& id) const {
    const ResolvedPackage* resolved = resolved_.find(id);
    if (resolved == nullptr || resolved->files.empty()) {
        return false;
    }
    return std::ranges::all_of(files(id), [](const auto& file) { return std::filesystem::exists(file); }) &&
           (id.kind == PackageKind::Kernel || std::filesystem::exists(tree(id)));
}

std::filesystem::path PackageStore::tree(const PackageId& id) const {
    return paths_.packages() / id.suite / id.name;
}

std::vector<std::filesystem::path> PackageStore::files(const PackageId& id) const {
    std::vector<std::filesystem::path> found;
    if (const ResolvedPackage* resolved = resolved_.find(id)) {
        for (const std::string& file : resolved->files) {
            found.push_back(archives() / file);
        }
    }
    return found;
}

std::string PackageStore::version(const PackageId& id) const {
    const ResolvedPackage* resolved = resolved_.find(id);
    return resolved == nullptr ? "" : resolved->package + " " + resolved->version;
}

Result<void> PackageStore::require(const std::vector<PackageId>& ids, Progress::Step& step) {
    std::vector<PackageId> binaries;
    std::vector<PackageId> sources;
    for (const PackageId& id : ids) {
        if (!has(id)) {
            (id.kind == PackageKind::Source ? sources : binaries).push_back(id);
        }
    }
    if (binaries.empty() && sources.empty()) {
        return {};
    }
    const PrivateApt apt = TRY(PrivateApt::create(paths_, step));
    const auto fetch = [&]() -> Result<void> {
        for (const bool armhf : {false, true}) { // each has its own view of the archive
            std::vector<PackageId> its;
            std::ranges::copy_if(binaries, std::back_inserter(its),
                                 [&](const PackageId& id) { return id.is_armhf() == armhf; });
            if (!its.empty()) {
                TRY(fetch_binaries(apt, its, step));
            }
        }
        for (const PackageId& source : sources) {
            step.update(source.text());
            TRY(fetch_source(apt, source));
        }
        return {};
    };
    if (fetch()) {
        return {};
    }
    // The archive may have changed since the lists were fetched; a second failure is a real one.
    std::vector<PackageId> missing = binaries;
    missing.insert(missing.end(), sources.begin(), sources.end());
    TRY(apt.update(missing, step));
    return fetch();
}

Result<std::vector<std::filesystem::path>> PackageStore::require_installation(const std::string& suite,
                                                                              const std::vector<std::string>& names,
                                                                              Progress::Step& step,
                                                                              Architecture architecture) {
    const PrivateApt apt = TRY(PrivateApt::create(paths_, step, architecture));
    const auto fetch = [&] { return apt.download_installation(suite, names, archives(), step); };
    auto fetched = fetch();
    if (!fetched) {
        TRY(apt.update({{.suite = suite, .name = names.front()}}, step)); // as above
        fetched = fetch();
    }
    std::vector<std::filesystem::path> files;
    for (const std::string& name : TRY(std::move(fetched))) {
        files.push_back(archives() / name);
    }
    return files;
}

Result<void> PackageStore::fetch_binaries(const PrivateApt& apt, const std::vector<PackageId>& ids,
                                          Progress::Step& step) {
    std::vector<Wanted> wanted;
    std::vector<PackageId> concrete;
    std::uint64_t bytes = 0;
    for (const PackageId& id : ids) {
        wanted.push_back({.id = id, .concrete = TRY(concrete_packages(apt, id))});
        concrete.insert(concrete.end(), wanted.back().concrete.begin(), wanted.back().concrete.end());
    }
    const std::vector<ControlParagraph> paragraphs = TRY(apt.show(concrete));
    for (Wanted& one : wanted) {
        for (const PackageId& package : one.concrete) {
            const ControlParagraph* paragraph = find_paragraph(paragraphs, package.name);
            if (paragraph == nullptr) {
                return failure(place, "the archive has no package " + package.text());
            }
            if (one.resolved.files.empty()) {
                one.resolved = {.package = package.name, .version = field(*paragraph, "Version"), .files = {}};
            }
            one.resolved.files.push_back(file_name(*paragraph));
            bytes += number(field(*paragraph, "Size"));
        }
    }
    const TemporaryFolder folder = TRY(TemporaryFolder::create(paths_.packages(), "download"));
    TRY(apt.download(concrete, folder.path(), bytes, step));
    TRY(keep_files(folder.path()));
    for (Wanted& one : wanted) {
        step.update("unpacking " + one.id.name);
        TRY(install(std::move(one)));
    }
    return {};
}

Result<void> PackageStore::fetch_source(const PrivateApt& apt, const PackageId& id) {
    const TemporaryFolder folder = TRY(TemporaryFolder::create(paths_.packages(), "download"));
    TRY(apt.download_source(id, folder.path()));
    Wanted wanted{.id = id, .concrete = {id}};
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        wanted.resolved.files.push_back(entry.path().filename().string());
    }
    std::ranges::sort(wanted.resolved.files);
    const auto description =
        std::ranges::find_if(wanted.resolved.files, [](const std::string& file) { return file.ends_with(".dsc"); });
    if (description == wanted.resolved.files.end()) {
        return failure(place, id.text() + " was downloaded without its .dsc file");
    }
    const std::string text = TRY(read_file(folder.path() / *description));
    for (const ControlParagraph& paragraph : parse_control(text)) {
        if (paragraph.contains("Source")) {
            wanted.resolved.package = field(paragraph, "Source");
            wanted.resolved.version = field(paragraph, "Version");
        }
    }
    TRY(keep_files(folder.path()));
    return install(std::move(wanted));
}

Result<void> PackageStore::keep_files(const std::filesystem::path& folder) {
    TRY(make_folder(archives()));
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::error_code error;
        std::filesystem::rename(entry.path(), archives() / entry.path().filename(), error);
        if (error) {
            return failure(archives(), "cannot keep " + entry.path().filename().string() + ": " + error.message());
        }
    }
    return {};
}

Result<void> PackageStore::install(Wanted wanted) {
    const std::filesystem::path log = paths_.logs() / "packages.log";
    std::filesystem::path opened;
    for (const std::string& file : wanted.resolved.files) {
        if (file.ends_with(".deb") || file.ends_with(".dsc")) {
            opened = archives() / file;
        }
    }
    if (wanted.id.kind != PackageKind::Kernel) {
        const bool source = wanted.id.kind == PackageKind::Source;
        TRY(make_whole(tree(wanted.id), [&](const std::filesystem::path& beside) {
            // apt has checked the hashes of all parts against the signed lists already, hence --no-check.
            return source ? run_checked(place,
                                        {.arguments = {"dpkg-source", "--no-check", "-x", opened, beside}, .log = log})
                          : run_checked(place, {.arguments = {"dpkg-deb", "-x", opened, beside}, .log = log});
        }));
    }
    resolved_.set(wanted.id, std::move(wanted.resolved));
    return resolved_.save(paths_.resolved_versions());
}

} // namespace trv::tool::packages
