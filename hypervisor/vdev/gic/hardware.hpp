// SPDX-License-Identifier: Apache-2.0
#pragma once
// The concept of the virtual interface that the virtual GIC needs, and an assertion that the machine (or the tests'
// fake) satisfies it.

#include "arch/gicv3.hpp"
#include "arch/ich.hpp"

#include <concepts>

namespace trv::vdev {

template <typename T>
concept VirtualInterface = requires(unsigned n, u64 value) {
    { T::vtr() } -> std::same_as<u64>;
    { T::hcr() } -> std::same_as<u64>;
    { T::vmcr() } -> std::same_as<u64>;
    { T::list_register(n) } -> std::same_as<u64>;
    { T::active_priorities0(n) } -> std::same_as<u64>;
    { T::active_priorities1(n) } -> std::same_as<u64>;
    T::set_hcr(value);
    T::set_vmcr(value);
    T::set_list_register(n, value);
    T::set_active_priorities0(n, value);
    T::set_active_priorities1(n, value);
};

template <typename T>
concept PhysicalActiveState = requires(T own, u32 mask) {
    own.set_active(mask);
    own.clear_active(mask);
};

static_assert(VirtualInterface<arch::Ich>);
static_assert(PhysicalActiveState<arch::Redistributor>);

} // namespace trv::vdev
