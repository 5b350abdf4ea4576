# SPDX-License-Identifier: Apache-2.0
global-incdirs-y += . ../include
srcs-y += shared_memory.c
