#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A machine's clock that was far ahead, or is far behind: one bad answer about the time, one flat battery."""
import json

from pt_attack import amount
from pt_case import Failure, case, check, equal, main, stack_in_folder
from pt_world import World, ask, wait_until

from pt_stack import now_ms

DAY_MS = 24 * 3600 * 1000
AREAS = ("test-east", "test-west")


def clock_ahead(stack, days):
    stack.write_config(clock_source="scaled", clock_origin_ms=now_ms() + days * DAY_MS, clock_started_ms=now_ms(), clock_speed=1)


def clock_right(stack):
    stack.write_config(clock_source="real")


def refused_as_busy(world, name, area):
    """The report is not acknowledged: its device keeps it."""
    seq = world.seq.get((area, name), 0) + 1
    status, answer = world.stack.post("/reports", world.report(name, area=area, seq=seq))
    check(status == 503 and answer["type"] == "busy" or [row["error"] for row in answer["rejected"]] == ["busy"], f"{status}: {answer}")


def attention(stack, *words):
    status = wait_until("attention", lambda: (row := stack.status())["state"] == "attention" and row)
    check(all(word in status["detail"] for word in words), f"the sentence: {status['detail']!r}")
    check(b"\npowertrack_attention 1\n" in ask(stack, "/metrics")[2], "the number for whoever watches")
    try:
        stack.powertrack("status", "--url", stack.url)
    except Failure:
        return
    check(False, "powertrack status is no success")


@case
def test_ahead_for_a_moment():
    """What was received meanwhile and is not sealed gets the time at which the clock is right again; all of it is anchored, and the audit holds."""
    with stack_in_folder() as stack:
        stack.write_config(batch_period="5s")
        clock_right(stack)
        stack.start_daemon()
        world = World(stack, *AREAS)
        for area in AREAS:
            world.register("tx-1", area=area)
        wait_until("all is sealed", lambda: stack.status()["pending"] == 0)
        stack.stop("powertrackd")
        stack.write_config(batch_period="1d")  # nothing is sealed while it is ahead
        clock_ahead(stack, 400)
        stack.start_daemon()
        for _ in range(amount(5, 500)):
            world.say("tx-1", "OFF", area=AREAS[0])
        equal(stack.stop("powertrackd"), 0, "its exit code")
        stack.write_config(batch_period="5s")
        clock_right(stack)
        stack.start_daemon()
        wait_until("they have the time of now", lambda: stack.status()["state"] == "ok")
        for area in AREAS:
            world.say("tx-1", area=area)
        stack.wait_settled()
        equal(stack.status()["pending"], 0, "what waits")
        reports = stack.get("/sites/S-tx-1/reports?area=test-east")["reports"]
        check(reports and all(row["received"] <= now_ms() + 1000 for row in reports), f"no time that has not come: {reports[:2]}")
        check(stack.audit()["holds"], "the audit")
        with open(stack.log_file("powertrackd"), encoding="utf-8") as file:
            equal(len([line for line in file if "by a clock that was ahead" in line]), 1, "lines in the log that say so")


@case
def test_sealed_ahead():
    """A window that was sealed a year ahead can't be taken back: it says so, and acknowledges nothing into the next one."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1s")
        clock_ahead(stack, 400)
        stack.start_daemon()
        world = World(stack, AREAS[0])
        world.register("tx-1")
        world.say("tx-1")
        wait_until("it is sealed", lambda: stack.status()["pending"] == 0)
        stack.stop("powertrackd")
        clock_right(stack)
        for _ in range(2):
            stack.start_daemon()
            attention(stack, "clock")
            for _ in range(amount(3, 100)):
                refused_as_busy(world, "tx-1", AREAS[0])
            equal(stack.status()["pending"], 0, "nothing waits for a time that is to come")
            equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_behind():
    """Started before the time of what is stored: attention, nothing acknowledged, nothing changed; right again, it goes on."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1d")
        stack.start_daemon()
        world = World(stack, AREAS[0])
        world.register("tx-1")
        world.say("tx-1")
        stack.stop("powertrackd")
        clock_ahead(stack, -30)
        stack.start_daemon()
        attention(stack, "clock")
        refused_as_busy(world, "tx-1", AREAS[0])
        stack.stop("powertrackd")
        clock_right(stack)
        stack.start_daemon()
        world.say("tx-1")
        status = stack.status()
        equal((status["state"], status["pending"]), ("ok", 3), json.dumps(status))
        check(b"\npowertrack_attention 0\n" in ask(stack, "/metrics")[2], "the number for whoever watches")
        stack.powertrack("status", "--url", stack.url)


if __name__ == "__main__":
    main()
