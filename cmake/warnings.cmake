# SPDX-License-Identifier: Apache-2.0
# The warnings every target of ours is built with. An exception is named where it is made.
add_library(trivisor_warnings INTERFACE)
target_compile_options(trivisor_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wcast-align
    -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Werror>
  $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wthread-safety>)
