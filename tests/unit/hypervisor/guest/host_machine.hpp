// SPDX-License-Identifier: Apache-2.0
#pragma once
// A machine from the text of a device tree, and what its host VM would get of it.

#include "../dts.hpp"
#include "drivers/uart.hpp"
#include "guest/host_resources.hpp"
#include "machine/parse.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace trv::test {

/// At the end of the nodes of the root.
inline constexpr const char* boot_nodes = R"(
    chosen { stdout-path = "/pl011@9000000"; rng-seed = <1 2 3 4 5 6 7 8>; kaslr-seed = <9 10>;
        trivisor { compatible = "trivisor,machine-v1"; }; }; )";

class HostMachine {
  public:
    /// @param nodes of the root, with its properties
    explicit HostMachine(const std::string& nodes) : dts_("/ {" + nodes + " };"), tree_(dts_.tree()) {
        machine::Problems problems;
        parsed_ = machine::parse(tree_, drivers::uart_compatibles(), *machine_, problems).has_value();
        auto filter = parsed_ ? guest::HostFilter::create(tree_, *machine_) : fail(Error::Invalid);
        if (filter) {
            filter_ = *filter;
            collected_ = guest::collect(*filter_, *machine_, *resources_);
        } else {
            collected_ = fail(filter.error());
        }
    }

    [[nodiscard]] const DeviceTree& tree() const { return tree_; }
    [[nodiscard]] machine::Machine& machine() { return *machine_; }
    [[nodiscard]] const Result<void>& collected() const { return collected_; }
    [[nodiscard]] const guest::HostFilter& filter() const { return filter_.value(); }
    [[nodiscard]] const guest::HostResources& resources() const { return *resources_; }
    [[nodiscard]] guest::Fate fate(std::string_view path) const {
        const auto node = tree_.find(path);
        EXPECT_TRUE(node) << path;
        return node ? filter().fate_of(*node, *node->parent()) : guest::Fate::Disabled;
    }
    /// Whether a byte of the machine is among the device registers.
    [[nodiscard]] bool has_device(u64 address) const {
        const auto contains = [address](PaRange range) { return range.contains(Pa(address)); };
        return std::ranges::any_of(resources_->devices, contains);
    }
    [[nodiscard]] bool has_interrupt(u32 spi) const { return resources_->interrupts.has(IntId(first_spi + spi)); }

  private:
    Dts dts_;
    DeviceTree tree_;
    std::unique_ptr<machine::Machine> machine_ = std::make_unique<machine::Machine>();
    std::unique_ptr<guest::HostResources> resources_ = std::make_unique<guest::HostResources>();
    bool parsed_ = false;
    std::optional<guest::HostFilter> filter_;
    Result<void> collected_ = fail(Error::Invalid);
};

/// A machine that has what any needs, for trees of other boards' shapes.
inline constexpr const char* plain_board = R"(
    #address-cells = <2>; #size-cells = <1>; interrupt-parent = <1>; compatible = "a,board";
    memory@80000000 { device_type = "memory"; reg = <0 0x80000000 0x40000000>; };
    cpus { #address-cells = <1>; #size-cells = <0>;
        cpu@0 { device_type = "cpu"; reg = <0>; enable-method = "psci"; compatible = "arm,cortex-a53"; }; };
    psci { compatible = "arm,psci-1.0"; method = "smc"; };
    timer { compatible = "arm,armv8-timer"; interrupts = <1 13 8 1 14 8 1 11 8 1 10 8>; };
    chosen { stdout-path = "/soc/serial@f0000000"; };
)";
inline constexpr const char* plain_soc = R"(
        compatible = "simple-bus"; #address-cells = <1>; #size-cells = <1>;
        ranges = <0 0 0 0x80000000 0xf0000000 0 0xf0000000 0x10000000>;
        interrupt-controller@f1000000 { compatible = "arm,gic-v3"; phandle = <1>; #interrupt-cells = <3>;
            interrupt-controller; interrupts = <1 9 4>; reg = <0xf1000000 0x10000 0xf1040000 0x40000>; };
        serial@f0000000 { compatible = "arm,pl011", "arm,primecell"; reg = <0xf0000000 0x1000>; interrupts = <0 40 4>; };
)";
[[nodiscard]] inline std::string board(const std::string& soc_nodes, const std::string& root_nodes = "") {
    return std::string(plain_board) + " soc { " + plain_soc + soc_nodes + " }; " + root_nodes;
}

} // namespace trv::test
