// SPDX-License-Identifier: Apache-2.0
#pragma once
// Asynchronous errors (SError) that guests cause: each goes to the vCPU that caused it, as hardware would report it
// there.

namespace trv::vm {

class Vcpu;
struct PerCpu;

/// An SError brought the loaded vCPU's guest to EL2: makes it take a virtual one, unless the error did no harm.
void deliver_error(Vcpu& vcpu);

/// Does that for the error that EL2 has taken on this CPU since the last time, if any. The vCPU that is loaded caused
/// it: none is loaded before the one before it has settled its own. Without any, it was the hypervisor's own access,
/// which is a panic.
void deliver_errors(PerCpu& cpu);

} // namespace trv::vm
