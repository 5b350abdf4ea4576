# SPDX-License-Identifier: Apache-2.0
# For examples/cpp_ta: a breakpoint of its own in a member function, and OP-TEE's own symbols.
hbreak Tally::add
info symbol user_ta_enter_invoke_cmd
info symbol dl_entry
continue
continue
print number
print this->sum_
finish
continue
continue
print this->sum_
delete
continue
