# SPDX-License-Identifier: Apache-2.0
"""A replay of a slice of real outages on a stack of its own, for the tests that look at what comes out."""
import csv
import json
import os

from pt_case import BUILD, PATIENCE_LONG, PERIOD_MS, SOURCE

from pt_stack import HOUR_MS, csv_span, program_path

STORM = os.environ.get("PT_STORM") or os.path.join(SOURCE, "..", "shared", "data", "outages-2024-02-storm.csv")
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


def begin(stack, path):
    """Registers the devices of @path an hour before its first outage, where time stands."""
    first, _ = csv_span(path)
    devices = os.path.join(stack.folder, "devices.csv")
    stack.step_clock((first - HOUR_MS) // PERIOD_MS * PERIOD_MS)
    stack.start_daemon()
    stack.fleet("replay", path, "--heartbeat", "1h", "--list", devices)
    stack.register_all(devices)


def speed_of(path, seconds):
    """How fast time goes when the whole file takes @seconds."""
    first, last = csv_span(path)
    return max(1, round((last - first) / 1000 / seconds))


def spawn(stack, path, speed=None, *how):
    """The fleet as it begins to live through @path, at @speed at most, by the way in @how; its summary goes to its log as JSON."""
    command = [program_path(BUILD, "powertrack-fleet"), "replay", path, "--heartbeat", "1h", "--url", stack.url, "--json", "--token-file", stack.token,
               "--state", os.path.join(stack.folder, "fleet.state")]
    return stack.spawn("powertrack-fleet", command + (["--speed", str(speed)] if speed else []) + list(how))


def run(stack, path, timeout=PATIENCE_LONG):
    """The whole replay as fast as it goes, until every batch is final; what the fleet told."""
    begin(stack, path)
    told = stack.fleet("replay", path, "--heartbeat", "1h", "--url", stack.url, "--json", timeout=timeout)
    stack.wait_settled(PATIENCE_LONG)
    return json.loads(told)
