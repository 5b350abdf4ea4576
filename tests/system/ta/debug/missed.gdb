# SPDX-License-Identifier: Apache-2.0
# Removes the breakpoint, so that none is reached.
delete
continue
