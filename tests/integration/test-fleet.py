#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A fleet that lost its memory of what was acknowledged: the daemon is sent what it lacks, and nothing twice."""
import mmap
import os
import signal
import struct

from pt_case import PATIENCE_LONG, case, check, equal, main, stack_in_folder
from pt_replay import begin, slice_csv, spawn, speed_of
from pt_world import wait_until

from pt_stack import csv_span, expected_outages, outage_differences, reported_outages

DEVICES, SECONDS = 60, 40
HEADER, RECORD = "<8sIIQQq96s40s", "<32s72s32sqqQQ"  # of the fleet's state; the ring follows in each record
TRIES = 30


class Flash:
    """The fleet's state file, as a screwdriver would reach it."""

    def __init__(self, path):
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 0)
        _, self.size, _, self.count, *_ = struct.unpack_from(HEADER, self.map)

    def records(self):
        for number in range(self.count):
            at = struct.calcsize(HEADER) + number * self.size
            yield at, struct.unpack_from(RECORD, self.map, at)

    def waiting(self):
        return sum(after - first for _, (*_, first, after) in self.records())

    def counters(self):
        return {(area.rstrip(b"\0").decode(), device.rstrip(b"\0").decode()): used for _, (area, device, _, used, *_) in self.records()}

    def forget_acks(self):
        for at, record in self.records():
            struct.pack_into(RECORD, self.map, at, *record[:5], 0, 0)
        self.map.flush()


def wait_part(stack, path, part):
    first, last = csv_span(path)
    wait_until("the replay goes on", lambda: stack.status()["now"] >= first + (last - first) * part, pause=0.02)


def lose_power(stack, path, part):
    """The daemon is away when the fleet dies with reports that nobody has taken in."""
    for _ in range(TRIES):
        wait_part(stack, path, part)
        stack.stop("powertrackd")
        stack.stop("powertrack-fleet", signal.SIGKILL)
        flash = Flash(os.path.join(stack.folder, "fleet.state"))
        if flash.waiting() > 0:
            return flash
        stack.start_daemon()
        spawn(stack, path, speed_of(path, SECONDS))
        part += 0.01
    raise AssertionError("the fleet never died with a report that waited")


def check_held(stack):
    """Every counter that a device ever used is there, by what the daemon signed."""
    for (area, device), used in Flash(os.path.join(stack.folder, "fleet.state")).counters().items():
        held = stack.get(f"/devices/{area}/{device}/held")
        equal((held["highest"], held["missing"]), (used, []), f"what is held of {device}")


@case
def test_only_what_is_missing_is_sent():
    with stack_in_folder(chain=False) as stack:
        path = slice_csv(stack.folder, DEVICES)
        begin(stack, path)
        spawn(stack, path, speed_of(path, SECONDS))
        flash = lose_power(stack, path, 0.2)
        waited = flash.waiting()
        flash.forget_acks()
        stack.start_daemon()
        twice = stack.status()["duplicates"]
        fleet = spawn(stack, path, speed_of(path, SECONDS))  # it sees by itself that the state was cut
        wait_part(stack, path, 0.6)
        equal(stack.status()["duplicates"], twice, "duplicates after power was lost")

        # Stopped in order, but the memory was lost afterwards: the operator says so.
        equal(stack.stop("powertrack-fleet", signal.SIGINT), 130, "the exit code of a fleet that was stopped")
        Flash(os.path.join(stack.folder, "fleet.state")).forget_acks()
        fleet = stack.spawn("powertrack-fleet", [*fleet.args, "--resync"])
        equal(fleet.wait(PATIENCE_LONG), 0, "the fleet's exit code: nothing was refused")
        equal(stack.status()["duplicates"], twice, "duplicates at the end")
        differences = outage_differences(expected_outages(path), reported_outages(stack))
        check(not differences, "; ".join(differences[:5]))
        check_held(stack)
        print(f"# {waited} reports waited when the power was lost")


if __name__ == "__main__":
    main()
