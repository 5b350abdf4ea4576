#include "vm/per_cpu.hpp"

#include "vm/interrupts.hpp"

namespace trv::vm {

void PerCpu::request_attention() {
    // Before the SGI: the target clears the flag first and looks at what it announces afterwards.
    const bool was_set = attention.exchange(true, std::memory_order_seq_cst);
    if (!was_set && this != &this_cpu()) {
        arch::Gicv3::send_sgi(attention_sgi, mpidr);
    }
}

} // namespace trv::vm
