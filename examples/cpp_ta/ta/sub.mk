# SPDX-License-Identifier: Apache-2.0
global-incdirs-y += . ../include

# The freestanding subset: OP-TEE has no C++ runtime, so nothing could catch an exception.
cxxflags-y += -std=c++23 -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-asynchronous-unwind-tables
srcs-y += cpp_ta.cpp
srcs-y += tally.cpp
