#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks a trace file as the viewers' importers read it, and that it has what is asked for.

usage: check_trace.py FILE 'PROCESS/TRACK/EVENT'...

Each pattern has three regular expressions, of a process's, a track's and an event's whole name; some event has to match.
"""

import json
import re
import sys
from collections import defaultdict


def fail(message):
    sys.exit(f"check_trace: {message}")


def require(condition, event, message):
    if not condition:
        fail(f"{message}: {json.dumps(event)}")


def check_event(event):
    require(isinstance(event.get("name"), str) and event["name"], event, "no name")
    require(all(isinstance(event.get(key), int) for key in ("pid", "tid")), event, "no track")
    require(isinstance(event.get("args"), dict), event, "no arguments")
    require(event.get("ph") in ("M", "X", "i"), event, "a phase that is not used here")
    if event["ph"] == "M":
        return
    require(isinstance(event.get("ts"), (int, float)) and event["ts"] >= 0, event, "no time")
    if event["ph"] == "X":
        require(isinstance(event.get("dur"), (int, float)) and event["dur"] >= 0, event, "no duration")
    else:
        require(event.get("s") == "t", event, "an instant that is not its track's")


def check_nesting(track, slices):
    """Of two slices of a track, one ends before the other begins, or lies inside it."""
    open_ends = []
    for begin, end, name in sorted(slices, key=lambda one: (one[0], -one[1])):
        while open_ends and open_ends[-1] <= begin:
            open_ends.pop()
        if open_ends and end > open_ends[-1]:
            fail(f"{track}: {name} at {begin} ns reaches beyond the slice around it")
        open_ends.append(end)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        trace = json.load(file)
    events = trace["traceEvents"]
    names = {"process_name": {}, "thread_name": {}}
    slices = defaultdict(list)
    for event in events:
        check_event(event)
        track = (event["pid"], event["tid"])
        if event["ph"] == "M" and event["name"] in names:
            names[event["name"]][event["pid"] if event["name"] == "process_name" else track] = event["args"]["name"]
        if event["ph"] == "X":
            begin = round(event["ts"] * 1000)
            slices[track].append((begin, begin + round(event["dur"] * 1000), event["name"]))
    for track, all_of_it in slices.items():
        check_nesting(track, all_of_it)
    there = {
        (names["process_name"].get(event["pid"], ""), names["thread_name"].get((event["pid"], event["tid"]), ""), event["name"])
        for event in events
        if event["ph"] != "M"
    }
    for pattern in sys.argv[2:]:
        wanted = [re.compile(part) for part in pattern.split("/")]
        if not any(all(part.fullmatch(name) for part, name in zip(wanted, found)) for found in there):
            fail(f"nothing matches {pattern}; there are {sorted(there)[:60]}")
    print(f"check_trace: {len(events)} events on {len(slices)} tracks with slices")


if __name__ == "__main__":
    main()
