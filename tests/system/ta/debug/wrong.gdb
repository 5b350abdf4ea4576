# SPDX-License-Identifier: Apache-2.0
continue
print nothing_of_the_kind
continue
