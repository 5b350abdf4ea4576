# SPDX-License-Identifier: Apache-2.0
# gdb ends without giving the machine back.
continue
shell kill -KILL $PPID
