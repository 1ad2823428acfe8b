#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A slice of the storm through fleet, daemon and chain: the daemon's outages are the file's, merged here; and what comes out does not
depend on how busy the machine was."""
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request

from pt_case import PATIENCE, PATIENCE_LONG, case, check, equal, main, stack_in_folder
from pt_replay import SMALL, begin, run, slice_csv, spawn, speed_of
from pt_world import wait_until

from pt_stack import csv_span, expected_outages, http, outage_differences, reported_outages

STEP_MOST_MS = 5 * 60 * 1000
PAUSES, PAUSE_SECONDS, SLOW_SECONDS = 3, 2, 12


def compare_outages(stack, path):
    expected = expected_outages(path)
    differences = outage_differences(expected, reported_outages(stack))
    check(not differences, "; ".join(differences[:5]))
    check(sum(map(len, expected.values())) > 0, "the slice has outages")


def replay_and_compare(path_of):
    with stack_in_folder() as stack:
        path = path_of(stack.folder)
        run(stack, path)
        compare_outages(stack, path)
        answer = stack.audit()
        check(answer, "the audit says what it saw")
        equal(stack.status()["batches"]["final"], sum(1 for _ in stack.pages("/batches?limit=1000", "batches")), "batches, all final")


@case
def test_overlaps_and_odd_names():
    replay_and_compare(lambda folder: SMALL)


@case
def test_storm_slice():
    replay_and_compare(lambda folder: slice_csv(folder, int(os.environ.get("PT_SLICE_DEVICES", "300"))))


class Watcher(threading.Thread):
    """Reads the event stream as a window would; what it saw of silence, and whether the clock went back."""

    def __init__(self, stack):
        super().__init__(daemon=True)
        self.silent, self.times = [], []
        self.stream = urllib.request.urlopen(stack.url + "/api/v1/events", timeout=PATIENCE)

    def run(self):
        with contextlib.suppress(OSError, ValueError, AttributeError):  # the daemon ended
            name = None
            for line in self.stream:
                if line.startswith(b"event: "):
                    name = line[7:].strip()
                elif line.startswith(b"data: ") and name == b"clock":
                    self.times.append(json.loads(line[6:])["now"])
                elif line.startswith(b"data: ") and name == b"sites":
                    self.silent += [row["site"] for row in json.loads(line[6:])["sites"] if row["state"] == "silent"]


@contextlib.contextmanager
def busy_machine():
    """Two processes beside it that take all they can get."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def wait_part(stack, path, part):
    """Until this part of the replay is over."""
    first, last = csv_span(path)
    wait_until("the replay goes on", lambda: stack.status()["now"] >= first + (last - first) * part, pause=0.02)


def pause_daemon(stack, fleet, path):
    """Stands still now and then while the fleet is at work."""
    child = stack.children["powertrackd"]
    for number in range(PAUSES):
        wait_part(stack, path, (number + 1) / 12)
        check(fleet.poll() is None, "the fleet is at work when the daemon stands still")
        child.send_signal(signal.SIGSTOP)
        time.sleep(PAUSE_SECONDS)
        child.send_signal(signal.SIGCONT)


def kill_fleet(stack, fleet, path):
    """Ends the fleet as a loss of power would, twice; it goes on where it was."""
    for number in range(2):
        wait_part(stack, path, (number + 1) / 12)
        check(fleet.poll() is None, "the fleet is at work when it is killed")
        stack.stop("powertrack-fleet", signal.SIGKILL)
        fleet = stack.spawn("powertrack-fleet", fleet.args)
    return fleet


def check_dates(stack, batches):
    """Each report came in the step after it was made, and is in the window of its own time."""
    for row in batches:
        status, body = http(f"{stack.url}/ipfs/{row['cid']}")
        equal(status, 200, f"the file of {row['area']} {row['batch']}")
        for entry in json.loads(body)["entries"]:
            if entry["kind"] == "report":
                check(0 <= entry["received"] - entry["ts"] < STEP_MOST_MS, f"{entry['device']} of {entry['ts']} came at {entry['received']}")
                check(row["from"] <= entry["ts"] < row["to"], f"{entry['device']} of {entry['ts']} is in {row['from']} to {row['to']}")


def outcome(path, seconds=None, meanwhile=None):
    """What a replay left behind: outages, windows with what is in each, and counts."""
    with stack_in_folder(chain=False) as stack:
        begin(stack, path)
        watcher = Watcher(stack)
        watcher.start()
        fleet = spawn(stack, path, speed_of(path, seconds) if seconds else None)
        if meanwhile:
            fleet = meanwhile(stack, fleet, path) or fleet
        equal(fleet.wait(PATIENCE_LONG), 0, "the fleet's exit code: nothing was refused")
        stack.wait_sealed()
        status = stack.status()
        batches = list(stack.pages("/batches?limit=1000", "batches"))
        compare_outages(stack, path)
        check_dates(stack, batches)
        equal((status["refused"], status["sites_silent"], watcher.silent), (0, 0, []), "refused, silent, silent in between")
        check(watcher.times, "the clock was told")
        equal(watcher.times, sorted(watcher.times), "the times of the clock")
        return {"outages": reported_outages(stack), "now": status["now"], "entries": status["entries"], "reports": status["reports"],
                "windows": sorted((row["area"], row["batch"], row["from"], row["to"], row["prev_size"], row["size"]) for row in batches)}


@case
def test_same_whatever_the_load():
    with stack_in_folder(chain=False) as stack:
        path = slice_csv(stack.folder, 40)
        alone = outcome(path)
        check(len(alone["windows"]) > 20, "windows")
        with busy_machine():
            equal(outcome(path), alone, "what came out beside two busy processes")
        equal(outcome(path, SLOW_SECONDS, pause_daemon), alone, "what came out of a daemon that stood still at times")
        equal(outcome(path, SLOW_SECONDS, kill_fleet), alone, "what came out of a fleet that was killed twice")


if __name__ == "__main__":
    main()
