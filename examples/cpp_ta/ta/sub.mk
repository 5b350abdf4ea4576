global-incdirs-y += . ../include

# The freestanding subset: there is no C++ runtime in OP-TEE, and nobody to catch an exception.
cxxflags-y += -std=c++23 -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-asynchronous-unwind-tables
srcs-y += cpp_ta.cpp
srcs-y += tally.cpp
