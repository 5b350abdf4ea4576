// SPDX-License-Identifier: Apache-2.0
// PSCI of a ZynqMP without PMU firmware, as QEMU models it: CPUs start by their reset vectors and resets. The model has no
// power switch but semihosting, by which any guest could open the files of QEMU's user: so ./trivisor ends QEMU. Compiled
// into TF-A. Registers: Zynq UltraScale+ Devices Register Reference, UG1087.
#include <arch_helpers.h>
#include <drivers/arm/gicv2.h>
#include <lib/mmio.h>
#include <lib/psci/psci.h>
#include <plat/arm/common/plat_arm.h>
#include <plat/common/platform.h>

#define APU_RVBAR_LOW(cpu) (U(0xFD5C0040) + ((cpu) << 3))
#define APU_RVBAR_HIGH(cpu) (APU_RVBAR_LOW(cpu) + U(4))
#define CRF_RST_FPD_APU U(0xFD1A0104)
#define APU_RESET(cpu) (U(0x001) << (cpu))
#define APU_BOTH_RESETS(cpu) (U(0x401) << (cpu)) /* also the one at power-on */

#define COUNTER_HZ U(62500000) /* of QEMU's Cortex-A53 */

static uintptr_t secondary_entry;

static void cpu_standby(plat_local_state_t state) {
    (void)state;
    dsb();
    wfi();
}

static int32_t cpu_on(u_register_t mpidr) {
    const uint32_t cpu = (uint32_t)plat_core_pos_by_mpidr(mpidr);
    mmio_write_32(APU_RVBAR_LOW(cpu), (uint32_t)secondary_entry);
    mmio_write_32(APU_RVBAR_HIGH(cpu), (uint32_t)((uint64_t)secondary_entry >> 32));
    const uint32_t resets = mmio_read_32(CRF_RST_FPD_APU);
    mmio_write_32(CRF_RST_FPD_APU, resets | APU_BOTH_RESETS(cpu));
    mmio_write_32(CRF_RST_FPD_APU, resets & ~APU_BOTH_RESETS(cpu));
    return PSCI_E_SUCCESS;
}

static void cpu_on_finish(const psci_power_state_t* state) {
    (void)state;
    plat_arm_gic_pcpu_init();
    gicv2_cpuif_enable();
}

static void cpu_off(const psci_power_state_t* state) {
    (void)state;
    gicv2_cpuif_disable();
}

static void __dead2 wait_for_reset(const psci_power_state_t* state) {
    const uint32_t cpu = plat_my_core_pos();
    (void)state;
    for (;;) {
        mmio_write_32(CRF_RST_FPD_APU, mmio_read_32(CRF_RST_FPD_APU) | APU_RESET(cpu));
        wfi();
    }
}

static void __dead2 end_machine(void) {
    for (;;) {
        wfi();
    }
}

static int32_t validate_power_state(unsigned int wanted, psci_power_state_t* state) {
    if (psci_get_pstate_type(wanted) != PSTATE_TYPE_STANDBY) {
        return PSCI_E_INVALID_PARAMS;
    }
    state->pwr_domain_state[MPIDR_AFFLVL0] = PLAT_MAX_RET_STATE;
    return PSCI_E_SUCCESS;
}

static const struct plat_psci_ops operations = {
    .cpu_standby = cpu_standby,
    .pwr_domain_on = cpu_on,
    .pwr_domain_on_finish = cpu_on_finish,
    .pwr_domain_off = cpu_off,
    .pwr_domain_pwr_down_wfi = wait_for_reset,
    .system_off = end_machine,
    .system_reset = end_machine,
    .validate_power_state = validate_power_state,
};

int plat_setup_psci_ops(uintptr_t entry, const plat_psci_ops_t** used) {
    secondary_entry = entry;
    *used = &operations;
    return 0;
}

unsigned int plat_get_syscnt_freq2(void) {
    return COUNTER_HZ;
}
