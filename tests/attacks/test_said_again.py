#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whoever has no key but a copy of everything that was ever signed says it again: nothing changes."""
import json

from pt_attack import amount
from pt_case import case, check, equal, main, stack_in_folder
from pt_world import World, ask, wait_until


def rejected(stack, path, *lines):
    """The slugs of lines of which none is taken."""
    status, answer = stack.post(path, b"\n".join(lines))
    equal((status, answer["accepted"]), (200, 0), f"{path}: {answer}")
    return [line["error"] for line in answer["rejected"]]


@case
def test_revoked_device():
    """An old registration brings no revoked device back, and moves none to where it was."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="3s")
        stack.start_daemon()
        world = World(stack, "test-east")
        first = world.device("tx-1")
        world.take("/registrations", [first])
        world.say("tx-1", "OFF")
        wait_until("a millisecond later", lambda: json.loads(world.device("tx-1"))["ts"] > json.loads(first)["ts"])
        world.register("tx-1", status="revoked")
        for _ in range(amount(3, 200)):
            equal(rejected(stack, "/registrations", first), ["stale-entry"], "the registration, said again")
            equal(rejected(stack, "/reports", world.report("tx-1", seq=2)), ["revoked-device"], "a report with the copied key")
        wait_until("what was said is sealed", lambda: stack.status()["pending"] == 0)
        equal(rejected(stack, "/registrations", first), ["stale-entry"], "after it was sealed")
        check(stack.stop("powertrackd") == 0, "it ends in peace")
        stack.start_daemon()
        equal(rejected(stack, "/registrations", first), ["stale-entry"], "after a restart")
        equal(rejected(stack, "/reports", world.report("tx-1", seq=2)), ["revoked-device"], "a report after a restart")
        equal(ask(stack, "/api/v1/status")[0], 200, "it still answers")


if __name__ == "__main__":
    main()
