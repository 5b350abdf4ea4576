# SPDX-License-Identifier: Apache-2.0
# For examples/hello_world: gdb's commands in a run with the number 5.
continue
print params[0].value.a
backtrace
next
next
step
info args
next
next
print params[0].value.a
continue
