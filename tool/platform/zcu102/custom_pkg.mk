# SPDX-License-Identifier: Apache-2.0
# What TF-A's port to ZynqMP needs where no PMU firmware runs and no system counter block exists, as on QEMU's board: PSCI of
# our own, and the counter's frequency. TF-A includes this file by CUSTOM_PKG_PATH.
BL31_SOURCES := $(filter-out plat/xilinx/zynqmp/plat_psci.c,$(BL31_SOURCES)) \
                $(CUSTOM_PKG_PATH)/psci.c plat/xilinx/zynqmp/custom_sip_svc.c
# The port's own function reads it from that block.
%/zynqmp_common.o: TF_CFLAGS += -Dplat_get_syscnt_freq2=zynqmp_hw_syscnt_freq2
