#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the daemon at random points of a replay: nothing acknowledged is lost or doubled, and the audit passes.

PT_SEED repeats a run, PT_KILLS says how often it is killed.
"""
import os
import random
import signal
import time

from pt_audit import audit
from pt_case import BUILD, case, check, equal, main, stack_in_folder
from pt_replay import begin, slice_csv

from pt_stack import expected_outages, outage_differences, program_path, reported_outages

KILLS = int(os.environ.get("PT_KILLS", "20"))
SECONDS = 40  # how long the replay takes by itself


def start_fleet(stack, path):
    command = [program_path(BUILD, "powertrack-fleet"), "replay", path, "--heartbeat", "1h", "--url", stack.url, "--json",
               "--state", os.path.join(stack.folder, "fleet.state")]
    return stack.spawn("powertrack-fleet", command)


def kill_and_restart(stack, chance):
    """Kills it at a random moment, at times while it is still starting; the fleet goes on trying."""
    time.sleep(chance.uniform(0.05, 2 * SECONDS / KILLS - 1))
    stack.stop("powertrackd", signal.SIGKILL)
    stack.start_daemon()


@case
def test_twenty_kills():
    seed = int(os.environ.get("PT_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"# PT_SEED={seed}", flush=True)
    chance = random.Random(seed)
    with stack_in_folder() as stack:
        path = slice_csv(stack.folder, 200)
        begin(stack, path, SECONDS)
        fleet, kills = start_fleet(stack, path), 0
        while kills < KILLS and fleet.poll() is None:
            kill_and_restart(stack, chance)
            kills += 1
        equal(fleet.wait(300), 0, "the fleet's exit code: all its reports were acknowledged in the end")
        while kills < KILLS:
            kill_and_restart(stack, chance)
            kills += 1
        stack.wait_settled()
        equal(outage_differences(expected_outages(path), reported_outages(stack)), [], "outages")
        check(stack.audit()["holds"], "the audit")
        areas = audit(stack.rpc_url, stack.contract, stack.url)
        devices = [device for area in areas.values() for device in area.devices.values()]
        # The fleet numbers its reports without a hole and ends only when all are acknowledged.
        gaps = sum(device.highest - len(device.used) for device in devices)
        equal(gaps, 0, "reports that were made and are not in the log")
        equal(sum(area.reports for area in areas.values()), stack.status()["reports"], "reports in the log and in the daemon")


if __name__ == "__main__":
    main()
