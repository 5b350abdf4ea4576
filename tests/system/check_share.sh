# SPDX-License-Identifier: Apache-2.0
# check_share.sh LOG [LEAST MOST]: judges the windows that the bare guest's `share` counted, in the log that is named: some were
# beside a storm, the last ones alone. In the worst of them it had from LEAST to MOST per cent of the CPU. Not given: half of it;
# two slices of 25 in a window may fall to the other side.
least=${2:-42} most=${3:-60}
windows=$(sed -n 's/^window [0-9]*: \([0-9][0-9]*\) rounds.*/\1/p' "$1" | sort -n)
worst=$(echo "$windows" | head -n 1) best=$(echo "$windows" | tail -n 1)
echo "rounds in a window: ${best:-none} alone, ${worst:-none} at worst"
[ "${best:-0}" -ge 100 ] || { echo "there are no windows to judge"; exit 1; }
[ $((100 * worst)) -ge $((least * best)) ] || { echo "that is less than its share"; exit 1; }
[ $((100 * worst)) -le $((most * best)) ] || { echo "there was no storm beside it"; exit 1; }
