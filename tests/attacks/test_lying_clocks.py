#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Devices whose clocks lie, and whose reports come in any order: what is told is what the counters and the times of receipt say."""
import random

from pt_attack import amount
from pt_case import case, check, equal, main, stack_in_folder
from pt_world import World

from pt_stack import HOUR_MS, now_ms

DAY_MS = 24 * HOUR_MS


def times(rows):
    """The time of each report, by the book: @rows are (ts, received) in the order of the counters."""
    out, before = [], -1
    for ts, received in rows:
        before = ts if ts >= before else max(received, before)
        out.append(before)
    return out


def expected(reports):
    """Outages as (start_seq, start, end_seq, end) of {seq: (power, ts, received)}."""
    seqs = sorted(reports)
    out = []
    for seq, time in zip(seqs, times([reports[seq][1:] for seq in seqs])):
        power = reports[seq][0]
        lasts = bool(out) and out[-1][2] is None
        if power == "OFF" and not lasts:
            out.append([seq, time, None, None])
        elif power == "ON" and lasts:
            out[-1][2:] = [seq, time]
    return [tuple(row) for row in out]


def told(stack, name):
    rows = stack.get(f"/outages?device={name}&limit=1000")["outages"]
    for row in rows:
        check(row["end"] is None or row["end"] >= row["start"], f"no outage ends before it began: {row}")
        equal(row["ended_by"], None if row["end"] is None else "report", "how it ended")
    return sorted((row["start_seq"], row["start"], row["end_seq"], row["end"]) for row in rows)


def received(stack, name):
    """When each of a device's reports was received, as its site tells."""
    return {row["seq"]: row["received"] for row in stack.get(f"/sites/S-{name}/reports?limit=50")["reports"]}


def agree(stack, name, reports, text):
    came = received(stack, name)
    want = expected({seq: (power, ts, came[seq]) for seq, (power, ts) in reports.items()})
    equal(told(stack, name), want, f"{text}: the outages of {name}")
    last = reports[max(reports)][0]
    site = stack.get(f"/sites/S-{name}")["properties"]
    equal(site["state"], "on" if last == "ON" else "off", f"{text}: the state of {name}")
    power = {"ON": [row[3] for row in want if row[3]], "OFF": [row[1] for row in want if row[2] is None]}[last]
    if power:
        equal(site["since"], power[-1] or None, f"{text}: since when {name} is {last}")


def clocks(now, chance):
    """Kinds of clocks: what the n-th report says the time is."""
    return {
        "right": lambda n: now - HOUR_MS + n * 60000,
        "still": lambda n: now - HOUR_MS,
        "back": lambda n: now - HOUR_MS - n,
        "dead": lambda n: 0,
        "lost": lambda n: now - HOUR_MS + n * 60000 if n < 5 else now - 3 * DAY_MS + n,
        "behind": lambda n: now - 3 * HOUR_MS + n * 1000,
        "any": lambda n: now - chance.randrange(0, DAY_MS),
        "ahead": lambda n: now + chance.randrange(0, 250_000),
    }


def post_in_any_order(world, name, reports, chance):
    """In some bodies, of which none is in order."""
    seqs = list(reports)
    chance.shuffle(seqs)
    while seqs:
        count = chance.randrange(1, len(seqs) + 1)
        world.post(*[world.report(name, reports[seq][0], seq=seq, ts=reports[seq][1]) for seq in seqs[:count]])
        del seqs[:count]


@case
def test_flapping_in_disorder():
    """Twelve reports OFF and ON by any clock, in any order: never an outage below nothing, the same after a restart, and clean."""
    with stack_in_folder() as stack:
        stack.write_config(batch_period="2s", chain_confirmations=1)
        stack.start_daemon()
        world, chance, now = World(stack, "test-east"), random.Random(9), now_ms()
        fleet = {}
        for turn in range(amount(2, 20)):
            for kind, clock in clocks(now, chance).items():
                name = f"{kind}-{turn}"
                world.register(name)
                fleet[name] = {seq: (chance.choice(("ON", "OFF")) if turn % 2 else ("ON", "OFF")[seq % 2], clock(seq))
                               for seq in range(1, 13) if turn == 0 or chance.randrange(5)}
                post_in_any_order(world, name, fleet[name], chance)
                agree(stack, name, fleet[name], "at once")
        check(stack.stop("powertrackd") == 0, "it ends in peace")
        stack.start_daemon()
        for name, reports in fleet.items():
            agree(stack, name, reports, "after a restart")
        # What comes late into a gap, later still.
        for name, reports in fleet.items():
            for seq in set(range(1, 13)) - set(reports):
                reports[seq] = (chance.choice(("ON", "OFF")), now - chance.randrange(0, DAY_MS))
                world.say(name, reports[seq][0], seq=seq, ts=reports[seq][1])
            agree(stack, name, reports, "with all reports")
        stack.wait_settled()
        equal(stack.audit()["holds"], True, "the audit")
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_clock_lost_with_the_power():
    """OFF at the right time, ON three days behind: the outage is found where one looks for it, and the device is heard."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(live_silent_after="1h")
        stack.start_daemon()
        world, now = World(stack, "test-east"), now_ms()
        world.register("lost", "behind")
        world.say("lost", "OFF", ts=now - 10 * 60000)
        world.say("lost", "ON", ts=now - 3 * DAY_MS)
        world.say("behind", "ON", ts=now - 3 * HOUR_MS)
        outage, = stack.get(f"/outages?from={now - HOUR_MS}")["outages"]
        equal((outage["start"], outage["end"] >= now), (now - 10 * 60000, True), "found in the window in which it was")
        equal(stack.get(f"/outages?to={now - HOUR_MS}")["outages"], [], "and in none before")
        reports = stack.get("/sites/S-lost/reports")["reports"]
        equal([row["time"] for row in reports], [outage["end"], outage["start"]], "the times of its reports")
        for name in ("lost", "behind"):
            equal(stack.get(f"/sites/S-{name}")["properties"]["state"], "on", f"{name} was heard now")
        text = stack.powertrack("outages", "--url", stack.url)
        check("10 min" in text, f"the command line tells how long: {text}")
        equal(stack.stop("powertrackd"), 0, "its exit code")
        stack.start_daemon()
        equal(stack.get("/outages")["outages"], [outage], "after a restart")
        equal(stack.get("/sites/S-behind")["properties"]["state"], "on", "heard, after a restart too")


if __name__ == "__main__":
    main()
