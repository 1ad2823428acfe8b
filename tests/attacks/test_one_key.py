#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who has one device's key: it costs the daemon what one device may cost, and what it proves is kept as far as it proves something."""
import json
import sqlite3

from pt_attack import amount
from pt_case import case, check, equal, main, stack_in_folder
from pt_world import World, ask, resident_kib, wait_until

from pt_stack import now_ms

SHARE = 1024  # of one device in a group commit


def start(stack):
    stack.write_config(batch_period="1d")
    stack.start_daemon()
    world = World(stack, "test-east")
    world.register("tx-1", "tx-2")
    return world


def send(stack, lines):
    """The lines that are busy and have to be sent again; nothing else is refused."""
    status, answer = stack.post("/reports", b"\n".join(lines))
    if status == 503:
        return lines
    check(status == 200 and all(row["error"] == "busy" for row in answer["rejected"]), f"{status}: {str(answer)[:300]}")
    return [lines[row["line"] - 1] for row in answer["rejected"]]


@case
def test_every_second_counter():
    """Each report leaves a gap: memory grows by what one device's gaps take, others are served, and all of it is taken in the end."""
    with stack_in_folder(chain=False) as stack:
        world = start(stack)
        lines = [world.report("tx-1", seq=seq) for seq in range(1, amount(6000, 19000), 2)]  # in one body
        pid = stack.children["powertrackd"].pid
        world.say("tx-2")
        before, rounds = resident_kib(pid), 0
        waiting = lines
        while waiting:
            left = send(stack, waiting + [world.report("tx-2")])
            check(len(left) == max(0, len(waiting) - SHARE), f"of {len(waiting)} the group took its share: {len(left)} are left")
            waiting, rounds = left, rounds + 1
        equal(rounds, -(-len(lines) // SHARE), "groups")
        grown = (resident_kib(pid) - before) // 1024
        check(grown < 64, f"memory grew by {grown} MiB")
        equal(stack.status()["reports"], len(lines) + 1 + rounds, "reports")


@case
def test_flood_of_evidence():
    """Two reports of one counter prove that a key is in two hands; two thousand prove it no more."""
    with stack_in_folder(chain=False) as stack:
        world = start(stack)
        world.say("tx-1")
        first, used = now_ms(), 1
        for _ in range(2):
            clones = [world.report("tx-1", "OFF", seq=1, ts=first - number) for number in range(amount(2000, 9000))]
            status, answer = stack.post("/reports", b"\n".join(clones))
            equal((status, {row["error"] for row in answer["rejected"]}), (200, {"stale-seq"}), "each is refused")
        for _ in range(amount(80, 800)):
            world.say("tx-1")
            used += 1
        clones = [world.report("tx-1", "OFF", seq=seq, ts=first - 5000) for seq in range(1, used + 1)]
        stack.post("/reports", b"\n".join(clones))
        equal(stack.stop("powertrackd"), 0, "its exit code")
        database = sqlite3.connect(f"file:{stack.state}/powertrack.sqlite?mode=ro", uri=True)
        rows = database.execute("select seq, body from evidence").fetchall()
        database.close()
        equal((len(rows), len([seq for seq, _ in rows if seq == 1])), (64, 2), "what is kept, and of the first counter")
        check(all(json.loads(body)["device"] == "tx-1" for _, body in rows), "the refused reports themselves")


@case
def test_registrations_said_again():
    """A device and an official with many registrations: said again by anybody, as often as a body holds, it is a duplicate."""
    with stack_in_folder(chain=False) as stack:
        world = start(stack)
        for _ in range(amount(20, 400)):
            last = wait_until("a later millisecond", lambda: stack.post("/registrations", line := world.device("tx-1"))[1]["accepted"] and line)
        for _ in range(2):
            status, answer = stack.post("/registrations", b"\n".join([last] * 10000))
            equal((status, answer["duplicate"], answer["rejected"]), (200, 10000, []), "all are duplicates")
        equal(ask(stack, "/api/v1/status")[0], 200, "it still answers")


if __name__ == "__main__":
    main()
