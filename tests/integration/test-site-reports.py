#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A site's newest reports: before their window ends, in batches, with gaps, of two devices and after a restart."""
from pt_case import case, check, equal, main, stack_in_folder
from pt_world import World, ask, refused, wait_until

from pt_stack import now_ms

AREA, OTHER = "test-east", "test-west"
MEMBERS = ["batch", "device", "power", "received", "seq", "state", "time", "ts", "waits_for"]


def reports(stack, site, query=""):
    rows = stack.get(f"/sites/{site}/reports{query}")["reports"]
    for row in rows:
        equal(sorted(row), MEMBERS, "the members of a report")
        check(row["received"] >= row["ts"] - 300_000, f"when it was received: {row}")
        equal(row["batch"] is None, row["state"] == "open", "who is in no batch is open")
    return rows


def numbers(rows):
    return [row["seq"] for row in rows]


@case
def test_open_window():
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1d")
        stack.start_daemon()
        world, now = World(stack, AREA, OTHER), now_ms()
        world.register("tx-1", "tx-2")
        equal(reports(stack, "S-tx-1"), [], "who never reported")
        for seq in (1, 2, 5, 40):
            world.say("tx-1", "OFF" if seq == 2 else "ON", seq=seq, ts=now - 100_000 + seq)
        world.say("tx-1", "ON", seq=4, ts=now - 100_000 + 4)  # comes late
        rows = reports(stack, "S-tx-1")
        equal(numbers(rows), [40, 5, 4, 2, 1], "newest first, what never came left out")
        equal([row["power"] for row in rows], ["ON", "ON", "ON", "OFF", "ON"], "their words")
        equal({(row["device"], row["ts"] - row["seq"], row["state"], row["waits_for"]) for row in rows},
              {("tx-1", now - 100_000, "open", "its window to end")}, "whose, when, and what they wait for")
        equal(numbers(reports(stack, "S-tx-1", "?limit=2")), [40, 5], "no more than asked for")
        equal(reports(stack, "S-tx-2"), [], "not its neighbour's")
        stack.stop("powertrackd")
        stack.start_daemon()
        equal(reports(stack, "S-tx-1"), rows, "after a restart")


@case
def test_batches():
    with stack_in_folder() as stack:
        stack.write_config(batch_period="1s", chain_confirmations=1)
        stack.start_daemon()
        world = World(stack, AREA)
        world.register("tx-1")
        world.say("tx-1", "OFF")
        done = wait_until("the report's batch is final", lambda: [row for row in reports(stack, "S-tx-1") if row["state"] == "final"])
        batch = stack.get(f"/batches/{AREA}/{done[0]['batch']}")
        equal((done[0]["waits_for"], batch["state"]), (None, "final"), "what is final waits for nothing")
        world.say("tx-1", "ON")
        seen = set()

        def newest():
            row = reports(stack, "S-tx-1")[0]
            seen.add((row["state"], row["waits_for"]))
            equal(row["seq"], 2, "there all the time, wherever it is")
            return row["state"] == "final"

        wait_until("the second one's too", newest, pause=0.01)
        words = {"open": {"its window to end"}, "sealed": {"publication"}, "published": {"a transaction"}, "final": {None},
                 "submitted": {"its transaction to be mined", "confirmations"}}
        for state, waits in seen:
            check(waits in words[state], f"{state} waits for {waits}")
        check(len({state for state, _ in seen}) >= 3, f"states on the way: {seen}")
        wait_until("it is in another batch", lambda: len({row["batch"] for row in reports(stack, "S-tx-1")}) == 2)


@case
def test_long_history():
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1s")
        stack.start_daemon()
        world, now = World(stack, AREA), now_ms()
        world.register("tx-1", "tx-2", site="S-both")
        for first in (1, 51, 3000):  # a gap of thousands costs no look-up
            world.post(*[world.report("tx-1", "ON", seq=seq, ts=now - 10_000_000 + seq * 1000) for seq in range(first, first + 40)])
        world.post(*[world.report("tx-2", "OFF", seq=seq, ts=now - 10_000_000 + seq * 1000 + 500) for seq in range(3020, 3060)])
        wait_until("they are sealed", lambda: all(row["state"] != "open" for row in reports(stack, "S-both")))
        rows = reports(stack, "S-both", "?limit=50")
        equal(len(rows), 50, "as many as may be asked for")
        equal([row["ts"] for row in rows], sorted((row["ts"] for row in rows), reverse=True), "of both devices, newest first")
        equal({row["device"] for row in rows}, {"tx-1", "tx-2"}, "devices")
        # One that begins again far above: what is behind the window is looked for only so far.
        world.say("tx-1", "ON", seq=2**53 - 1)
        equal(numbers(reports(stack, "S-both", "?limit=1")), [2**53 - 1], "the highest counter")


def known_from(stack, site):
    return stack.get(f"/sites/{site}?area={AREA}")["properties"]["known_from"]


def known_everywhere(stack, site, expected, text, *sealed):
    """At once, when the @sealed are in batches, and after a restart."""
    equal(known_from(stack, site), expected, f"{text}, at once")
    wait_until("they are sealed", lambda: all(row["state"] != "open" for name in sealed for row in reports(stack, name, "?limit=50")))
    equal(known_from(stack, site), expected, f"{text}, sealed")
    stack.stop("powertrackd")
    stack.start_daemon()
    equal(known_from(stack, site), expected, f"{text}, after a restart")


@case
def test_known_from():
    """The first report that came from a site, of whatever device, and not its registration: before it nothing is known."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1s")
        stack.start_daemon()
        world, day = World(stack, AREA), 86_400_000
        now = now_ms()
        world.register("tx-1", "tx-2", site="S-both", ts=now - 30 * day)
        world.register("tx-3", ts=now - 30 * day)
        equal(known_from(stack, "S-both"), None, "registered, and never heard")
        world.post(*[world.report("tx-1", "ON", seq=seq, ts=now - 2 * day + seq * 1000) for seq in range(3, 53)])
        known_everywhere(stack, "S-both", now - 2 * day + 3000, "fifty reports", "S-both")
        world.say("tx-1", "OFF", seq=2, ts=now - 4 * day)
        known_everywhere(stack, "S-both", now - 4 * day, "an earlier one came late", "S-both")
        world.say("tx-2", "ON", seq=9, ts=now - 5 * day)
        known_everywhere(stack, "S-both", now - 5 * day, "another device was heard before", "S-both")
        world.post(*[world.report("tx-1", "ON", seq=seq, ts=now - day) for seq in (9000, 9001)])
        world.register("tx-1", site="S-both", ts=now, feeder="F-1")
        world.say("tx-1", "ON", seq=9002, ts=now)
        equal(known_from(stack, "S-both"), now - 5 * day, "its line has no part in that")
        equal(known_from(stack, "S-tx-3"), None, "another site has none of it")
        for name in ("tx-1", "tx-2"):
            world.places.pop((AREA, name))
            world.register(name, site="S-new", ts=now + 1)
        equal(known_from(stack, "S-new"), None, "moved, and not heard there")
        world.say("tx-1", "ON", seq=9003, ts=now + 5)
        known_everywhere(stack, "S-new", now + 5, "the new site", "S-new")
        equal(known_from(stack, "S-both"), now - 5 * day, "the old one stays what it was")
        refused(stack, "/api/v1/sites/S-none", 404, "not-found")


@case
def test_wrong_questions():
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        world = World(stack, AREA, OTHER)
        for area in (AREA, OTHER):
            world.register("tx-1", area=area)
        path = "/api/v1/sites/S-tx-1/reports"
        for query in ("limit=0", "limit=51", "limit=-1", "limit=x", "limit=1e1", "limit=99999999999999999999", "limit="):
            refused(stack, f"{path}?area={AREA}&{query}", 400, "malformed")
        refused(stack, path, 409, "conflict")
        refused(stack, f"{path}?area=none", 404, "unknown-area")
        refused(stack, f"/api/v1/sites/none/reports?area={AREA}", 404, "not-found")
        for target in ("/api/v1/sites//reports", f"{path}/more", "/api/v1/sites/S-tx-1/report"):
            refused(stack, target, 404, "not-found")
        for site in ("a" * 5000, "..%22", "%22", "%7f"):
            refused(stack, f"/api/v1/sites/{site}/reports", 404, "not-found")
        for site in ("%00", "%ff", "a%00b"):
            check(ask(stack, f"/api/v1/sites/{site}/reports")[0] in (400, 404), f"what is no text: {site}")
        refused(stack, path, 405, "wrong-method", method="POST")
        equal(reports(stack, "S-tx-1", f"?area={OTHER}"), [], "the other area's")


if __name__ == "__main__":
    main()
