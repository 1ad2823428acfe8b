#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A batch that was made before it says: its roster names a block of the chain, also where the chain can't be asked just then."""
import json

import pt_attack  # noqa: F401  (where the rest is found)
from pt_audit import split_file
from pt_case import case, check, equal, main, stack_in_folder
from pt_world import World, ask, wait_until

from pt_stack import rpc


def roster_of(stack, number):
    """The roster of a batch, as the daemon serves it."""
    row = stack.get(f"/batches/test-east/{number}")
    return json.loads(split_file(ask(stack, f"/ipfs/{row['cid']}")[2])[1][-1])


def sealed(stack):
    """How many batches there are."""
    return len(list(stack.pages("/batches?area=test-east", "batches")))


def is_on_chain(stack, roster):
    block = rpc(stack.rpc_url, "eth_getBlockByNumber", hex(roster["block"]), False)
    equal(block["hash"], "0x" + roster["block_hash"], f"the hash of block {roster['block']}")


def begin(stack):
    """A daemon that has reached its chain, with one device."""
    stack.write_config(batch_period="2s")
    stack.start_daemon()
    world = World(stack, "test-east")
    world.register("tx-1")
    wait_until("the chain is reached", lambda: stack.status()["chain"]["block"] > 0)
    return world


@case
def test_named_block():
    """On the chain, not older than the one before, and older than the block that anchored the batch."""
    with stack_in_folder() as stack:
        world = begin(stack)
        for _ in range(2):
            world.say("tx-1")
            stack.wait_settled()
        rosters = [roster_of(stack, number) for number in range(1, sealed(stack) + 1)]
        named = [roster for roster in rosters if "block" in roster]
        check(named and rosters[-len(named):] == named, f"once one names a block, all do: {rosters}")
        for roster in named:
            is_on_chain(stack, roster)
            check(roster["block"] < stack.get(f"/batches/test-east/{roster['batch']}")["block"], f"older than what anchored it: {roster}")
        equal(stack.audit()["verdict"], "holds", "the audit")


@case
def test_chain_away():
    """Where the chain can't be asked a roster names what was named before: one that names none would be wrong for ever."""
    with stack_in_folder() as stack:
        world = begin(stack)
        world.say("tx-1")
        stack.wait_settled()
        before = roster_of(stack, sealed(stack))
        check("block" in before, f"it names a block: {before}")
        equal(stack.stop("powertrackd"), 0, "its exit code")
        chain = {name: value for name, value in stack.settings.items() if name.startswith("chain_")}
        stack.write_config(**dict.fromkeys(chain))
        stack.start_daemon()
        world.say("tx-1", "OFF")
        stack.wait_sealed()
        roster = roster_of(stack, sealed(stack))
        equal((roster["block"], roster["block_hash"]), (before["block"], before["block_hash"]), "the block of before")
        equal(stack.stop("powertrackd"), 0, "its exit code")
        stack.write_config(**chain)
        stack.start_daemon()
        stack.wait_settled()
        equal(stack.audit()["verdict"], "holds", "the audit")


if __name__ == "__main__":
    main()
