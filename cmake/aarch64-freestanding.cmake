# SPDX-License-Identifier: Apache-2.0
# Freestanding AArch64: no operating system, no C library; only the header-only parts of the standard library.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER clang-19)
set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_ASM_COMPILER clang-19)
set(CMAKE_C_COMPILER_TARGET aarch64-none-elf)
set(CMAKE_CXX_COMPILER_TARGET aarch64-none-elf)
set(CMAKE_ASM_COMPILER_TARGET aarch64-none-elf)
# CMake passes the target on only once it has identified the assembler, for which it waits 10 s: too short on a busy host.
set(CMAKE_ASM_FLAGS_INIT --target=aarch64-none-elf)
set(CMAKE_AR llvm-ar-19)
set(CMAKE_RANLIB llvm-ranlib-19)
set(CMAKE_OBJCOPY llvm-objcopy-19)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
