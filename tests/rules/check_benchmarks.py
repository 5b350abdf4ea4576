#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every figure in docs/benchmarks.md must be one of docs/benchmarks/results.json."""

import json
import pathlib
import sys


def unit_for(unit, value):
    if unit == "B":
        return "KiB", 1024
    if unit != "ns" or value < 1e4:
        return unit, 1
    return ("ms", 1e6) if value >= 1e6 else ("µs", 1e3)


def cell(row, peer):
    """As the tool writes it, without what the spread adds; the ratios next to it follow from these."""
    if peer not in row:
        return "–"
    if "fails" in row[peer]:
        return "fails: " + row[peer]["fails"]
    unit, divisor = unit_for(row.get("unit", "ns"), row[peer]["median"])
    return f"{row[peer]['median'] / divisor:.{2 if divisor > 1 else 0}f} {unit}"


def lines_of_results(results):
    """Name and cells of each row that a table may have; where the last digit is a matter of rounding, both ways."""
    rows = {}
    for suite in results.values():
        for clock in suite["figures"].values() if isinstance(suite["figures"], dict) else []:
            for row in clock:
                rows.setdefault(row["name"], []).append({p: cell(row, p) for p in ("bare", "xen", "trivisor")})
    return rows


def agree(written, known):
    if written == known or written.startswith(known + " ("):
        return True
    a, b = written.split(" ")[0], known.split(" ")[0]
    try:
        last_digit = 0.011 if "." in a else 1.01
        return written.split(" ")[1] == known.split(" ")[1] and abs(float(a) - float(b)) < last_digit
    except (IndexError, ValueError):
        return False


def check(page, rows):
    wrong = []
    peers = []
    for number, line in enumerate(page.splitlines(), 1):
        cells = [c.strip() for c in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells or set(cells[0]) <= {"-", ":"}:
            continue
        if cells[0] == "row":
            peers = [c for c in cells[1:] if "/" not in c]
            continue
        matching = [r for r in rows.get(cells[0], []) if all(agree(w, r[p]) for w, p in zip(cells[1:], peers))]
        if not matching:
            wrong.append(f"docs/benchmarks.md:{number}: no result has the figures of '{cells[0]}'")
    return wrong


def main():
    root = pathlib.Path(sys.argv[1])
    results = json.loads((root / "docs/benchmarks/results.json").read_text(encoding="utf-8"))
    page = (root / "docs/benchmarks.md").read_text(encoding="utf-8")
    rows = lines_of_results(results)
    wrong = check(page, rows)
    # The check must be able to fail: a figure that was not measured.
    if not check("| row | bare |\n| --- | ---: |\n| first-process | 1.23 ms |\n", rows):
        wrong.append("check_benchmarks.py finds nothing wrong with an invented figure")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
