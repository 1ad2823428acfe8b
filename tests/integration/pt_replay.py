# SPDX-License-Identifier: Apache-2.0
"""A replay of a slice of real outages on a stack of its own, for the tests that look at what comes out."""
import csv
import os

from pt_case import PERIOD_MS, SOURCE

from pt_stack import HOUR_MS, csv_span

STORM = os.path.join(SOURCE, "..", "shared", "data", "outages-2024-02-storm.csv")
SMALL = os.path.join(SOURCE, "tests", "integration", "storm-slice.csv")


def slice_csv(folder, devices):
    """The first @devices of the storm week with all their outages; the small file where that is not at hand."""
    if not os.path.exists(STORM):
        return SMALL
    path, kept = os.path.join(folder, "slice.csv"), set()
    with open(STORM, newline="", encoding="utf-8") as source, open(path, "w", newline="", encoding="utf-8") as target:
        rows = csv.DictReader(source)
        writer = csv.DictWriter(target, rows.fieldnames)
        writer.writeheader()
        for row in rows:
            if len(kept) < devices:
                kept.add(row["device_id"])
            if row["device_id"] in kept:
                writer.writerow(row)
    return path


def begin(stack, path, seconds=20):
    """Registers the devices of @path and lets time run, so fast that the file takes about @seconds."""
    first, last = csv_span(path)
    origin = (first - HOUR_MS) // PERIOD_MS * PERIOD_MS
    speed = max(1, round((last - origin) / 1000 / seconds))
    devices = os.path.join(stack.folder, "devices.csv")
    stack.freeze_clock(origin, speed)
    stack.start_daemon()
    stack.fleet("replay", path, "--heartbeat", "1h", "--list", devices)
    stack.register_all(devices)
    stack.release_clock()


def run(stack, path, seconds=20):
    """The whole replay, until every batch is final."""
    begin(stack, path, seconds)
    stack.fleet("replay", path, "--heartbeat", "1h", "--url", stack.url)
    stack.wait_settled()
