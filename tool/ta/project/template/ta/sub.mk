# SPDX-License-Identifier: Apache-2.0
global-incdirs-y += . ../include
srcs-y += @IDENTIFIER@.c
