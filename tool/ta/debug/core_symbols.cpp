// SPDX-License-Identifier: Apache-2.0
#include "tool/ta/debug/core_symbols.hpp"

#include "tool/firmware/optee_source.hpp"
#include "tool/machine/readers/machine_reader.hpp"
#include "tool/packages/package_store.hpp"

namespace trv::tool::ta {

Result<CoreSymbols> core_symbols(const Paths& paths, const std::filesystem::path& description) {
    const auto machine = TRY(machine::read_machine(description));
    const firmware::OpteeBuild* build = firmware::source_build(machine.optee);
    if (build == nullptr) {
        return usage_error(paths.shown(description), "machine.optee", "Debian's OP-TEE has no symbols for a debugger",
                           "Write optee = \"source\" below [machine].");
    }
    const auto folder = firmware::optee_folder(paths, *build);
    return CoreSymbols{.core = folder / firmware::core_symbol_file,
                       .loader = folder / firmware::loader_symbol_file,
                       .source = packages::PackageStore(paths).tree(firmware::optee_source_package())};
}

} // namespace trv::tool::ta
