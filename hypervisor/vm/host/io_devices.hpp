// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "vdev/virtio/slots.hpp"
#include "vm/host/io_bank.hpp"

namespace trv::vm {

/// What programs of the host serve a VM with.
struct IoDevices {
    IoDevices(vdev::VirtioBackend& backend, unsigned vm, contract::Io io) : slots(backend, vm, io) {}

    IoBank bank;
    vdev::VirtioSlots slots;
};

} // namespace trv::vm
