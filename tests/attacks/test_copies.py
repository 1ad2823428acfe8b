#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whoever hands in copies of what is public makes the daemon look at no disk, whatever the signatures; and takes nobody's turn."""
import json

from pt_attack import amount
from pt_case import case, check, equal, main, stack_in_folder
from pt_formats import dump, encode64
from pt_world import World, ask

DEVICES, REPORTS = 50, amount(5000, 50000)
LINES = 10000  # of one body
MADE_UP = encode64(b"\1" * 64)


def read_so_far(pid):
    """Bytes that the process asked files for."""
    with open(f"/proc/{pid}/io", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("rchar:"))


def public_reports(stack):
    """All reports as they stand in the batch files that everybody may read."""
    reports = []
    for row in stack.get("/batches")["batches"]:
        status, _, body = ask(stack, f"/ipfs/{row['cid']}")
        equal(status, 200, f"the file of batch {row['batch']}")
        entries = [json.loads(line.rstrip(",")) for line in body.decode().split("\n")[1:-2]]
        reports += [entry for entry in entries if entry["kind"] == "report"]
    return reports


def copies(reports, **changes):
    """The signed form again, with something else in it."""
    return [dump({key: value for key, value in {**report, **changes}.items() if key != "received"}) for report in reports]


def hand_in(stack, lines):
    """The sum of the answers to bodies of at most LINES lines, and the slugs."""
    accepted, duplicate, slugs = 0, 0, set()
    for first in range(0, len(lines), LINES):
        status, answer = stack.post("/reports", b"\n".join(lines[first:first + LINES]))
        equal(status, 200, "a body of copies")
        accepted, duplicate = accepted + answer["accepted"], duplicate + answer["duplicate"]
        slugs |= {line["error"] for line in answer["rejected"]}
    return accepted, duplicate, slugs


@case
def test_copies():
    """Copies with the signature that they have, with one that is made up, and with other words: told by a digest."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="2s")
        stack.start_daemon()
        world = World(stack, "test-east", "test-load")
        world.register("tx-1")
        begin = ["load", "--area", "test-load", "--devices", DEVICES]
        stack.fleet(*begin, "--list", f"{stack.folder}/devices.csv")
        stack.register_devices(f"{stack.folder}/devices.csv")
        stack.fleet(*begin, "--url", stack.url, "--reports", REPORTS)
        stack.wait_sealed()
        reports = public_reports(stack)
        equal(len(reports), REPORTS, "reports that everybody may read")
        for turn in ("as it runs", "after a restart"):
            pid = stack.children["powertrackd"].pid
            tries = [(copies(reports), (0, REPORTS, set())), (copies(reports, sig=MADE_UP), (0, REPORTS, set())),
                     (copies(reports, sig=MADE_UP, power="OFF", ts=1), (0, 0, {"bad-signature"}))]
            for lines, wanted in tries:
                before = read_so_far(pid)
                equal(hand_in(stack, lines), wanted, f"{turn}: what became of copies")
                read = read_so_far(pid) - before
                # A look at a block of its file for each would be gigabytes.
                check(read < 16 << 20, f"{turn}: {read >> 20} MiB read for {REPORTS} lines")
                print(f"# {turn}: {read >> 10} KiB read", flush=True)
            world.say("tx-1")
            check(stack.stop("powertrackd") == 0, "it ends in peace")
            stack.start_daemon()


if __name__ == "__main__":
    main()
