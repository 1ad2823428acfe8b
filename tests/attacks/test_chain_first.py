#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The daemon looks at the chain before it does what can't be undone: it takes nothing in on an older copy, signs with no key that is not the area's,
and anchors once more what a deep reorg took away."""
import collections
import contextlib
import json
import os
import shutil
import subprocess

import pt_attack  # noqa: F401  (the paths)
from pt_audit import events
from pt_case import BUILD, PATIENCE, case, check, equal, main, stack_in_folder
from pt_liar import Liar
from pt_world import World, ask, wait_until

from pt_stack import Stack, free_port, program_path, rpc

AREA = "test-east"


def begin(stack, period="1s", **settings):
    stack.write_config(batch_period=period, chain_poll_ms=100, **settings)
    stack.start_daemon()
    world = World(stack, AREA)
    world.register("tx-1")
    return world


def batches(stack):
    return [row for row in stack.pages("/batches?limit=100", "batches") if row["area"] == AREA]


def final(stack, count):
    wait_until(f"{count} batches are final", lambda: sum(row["state"] == "final" for row in batches(stack)) >= count)


def batch_of(stack, world):
    """One more batch, and until it is final."""
    before = len(batches(stack))
    world.say("tx-1")
    wait_until("it is sealed", lambda: len(batches(stack)) > before)
    wait_until("nothing is under way", stack.settled)
    return len(batches(stack))


def holds(stack):
    report = stack.audit()
    equal((report["verdict"], report["failures"]), ("holds", 0), f"the audit: {report}")


def anchored(stack):
    return collections.Counter(event[1:3] for event in events(stack.rpc_url, stack.contract) if event[0] == "anchored")


def refuses(stack, *words):
    """It does not start, and says why in one sentence."""
    done = subprocess.run([program_path(BUILD, "powertrackd"), "--config", stack.config], capture_output=True, text=True, timeout=PATIENCE,
                          check=False, stdin=subprocess.DEVNULL)
    check(done.returncode > 0, f"it ended with {done.returncode}")
    for word in words:
        check(word in done.stderr, f"{word!r} is not in: {done.stderr}")


def closed(stack, world, *words):
    """Nothing is taken in, and everybody is told why."""
    status = stack.status()
    equal(status["state"], "attention", f"its state: {status.get('detail')}")
    for path, line in (("/reports", world.report("tx-1", seq=900)), ("/registrations", world.device("tx-2"))):
        code, headers, body = ask(stack, "/api/v1" + path, "POST", line, Content_Type="application/x-ndjson")
        equal(code, 503, f"{path}: {body[:300]}")
        check(b'"busy"' in body and headers["Retry-After"], f"{path}: {body[:300]}")
        for word in words:
            check(word.encode() in body, f"{word!r} is not in {body[:400]}")


@case
def test_older_copy():
    """An older copy is put back: it takes nothing in, seals nothing, also after a start without a chain, until the newest is there again."""
    with stack_in_folder() as stack:
        copy, newest = os.path.join(stack.folder, "copy"), os.path.join(stack.folder, "newest")
        world = begin(stack)
        first = batch_of(stack, world)
        equal(stack.stop("powertrackd"), 0, "its exit code")
        shutil.copytree(stack.state, copy)
        stack.start_daemon()
        last = first
        while last < first + 2:
            last = batch_of(stack, world)
        equal(stack.stop("powertrackd"), 0, "its exit code")
        before = anchored(stack)
        os.rename(stack.state, newest)
        os.rename(copy, stack.state)

        stack.start_daemon()
        closed(stack, world)
        check(len(batches(stack)) == first, "a batch was sealed besides the chain's")
        equal(stack.stop("powertrackd"), 0, "its exit code")
        stack.write_config(chain_rpc=f"http://127.0.0.1:{free_port()}")
        stack.start_daemon()
        closed(stack, world, AREA)
        check(len(batches(stack)) == first, "a batch was sealed besides the chain's")
        equal(stack.stop("powertrackd"), 0, "its exit code")
        equal(anchored(stack), before, "what is on the chain")

        shutil.rmtree(stack.state)
        os.rename(newest, stack.state)
        stack.write_config(chain_rpc=stack.rpc_url)
        stack.start_daemon()
        batch_of(stack, world)
        check(set(anchored(stack).values()) == {1}, f"each batch once: {anchored(stack)}")
        holds(stack)


@case
def test_service_key_lost():
    """Without the key that the areas were registered with, or with another one, it does not start, and makes none."""
    with stack_in_folder() as stack:
        world = begin(stack)
        batch_of(stack, world)
        equal(stack.stop("powertrackd"), 0, "its exit code")
        aside = stack.service_key + ".aside"
        os.rename(stack.service_key, aside)
        refuses(stack, "service.pem", "missing")
        check(not os.path.exists(stack.service_key), "a key was made")
        stack.powertrack("keygen", "--out", stack.service_key)
        refuses(stack, "service.pem", AREA)
        os.replace(aside, stack.service_key)
        stack.start_daemon()
        batch_of(stack, world)
        holds(stack)


@contextlib.contextmanager
def neighbour(stack):
    """Another daemon with a service key of its own, on the same contract."""
    other = Stack(BUILD, os.path.join(stack.folder, "neighbour"))
    other.contract, other.contract_block, other.rpc_url = stack.contract, stack.contract_block, stack.rpc_url
    other.make_keys()
    try:
        other.write_config()
        other.start_daemon()
        yield other
    finally:
        other.stop_all()


@case
def test_other_keys_on_the_chain():
    """An area that was registered on the chain with another daemon's key: nothing of it is sealed; others go on; the next start is refused."""
    with stack_in_folder() as stack:
        world = begin(stack)
        batch_of(stack, world)
        with neighbour(stack) as other:
            other.register_areas("test-west")
            theirs = next(row for row in other.get("/areas")["areas"] if row["area"] == "test-west")["service_key"]
        # Ours knows of the area, and the contract has their key for it.
        stack.powertrack("area", "register", "--url", stack.url, "--token-file", stack.token, "--authority-key", stack.authority_key, "test-west")
        world.register("tx-9", area="test-west")
        status = wait_until("it says so", lambda: (lambda told: told if told["state"] == "attention" else None)(stack.status()))
        check("test-west" in status["detail"] and theirs in status["detail"], f"it says: {status['detail']}")
        count = len(batches(stack))
        world.say("tx-1")
        final(stack, count + 1)
        rows = [row for row in stack.pages("/batches?limit=100", "batches") if row["area"] == "test-west"]
        equal(rows, [], "what was sealed of the area")
        equal([name for name, _ in anchored(stack) if name == "test-west"], [], "what was anchored of it")
        equal(stack.stop("powertrackd"), 0, "its exit code")
        refuses(stack, "test-west", theirs)


def without_receipts(status, headers, body):
    """An endpoint that has lost, or never made, the index of transactions: it knows the state and the events alone."""
    answer = json.loads(body)
    result = answer.get("result")
    if isinstance(result, dict) and ("cumulativeGasUsed" in result or "maxFeePerGas" in result):
        return status, headers, json.dumps({**answer, "result": None}).encode()
    return status, headers, body


@case
def test_no_receipts():
    """Receipts that never come: the contract's word makes a batch final, by the one transaction that was sent, while it runs and after a restart."""
    with stack_in_folder() as stack:
        way = Liar(stack.rpc_port)
        try:
            way.lie(("", without_receipts))
            world = begin(stack, chain_rpc=way.url)
            count = batch_of(stack, world)
            world.say("tx-1")
            wait_until("it was sent", lambda: sum(anchored(stack).values()) > count)
            equal(stack.stop("powertrackd"), 0, "its exit code")
            rpc(stack.rpc_url, "anvil_mine", "0x40")
            stack.start_daemon()
            final(stack, count + 1)
            wait_until("nothing is under way", stack.settled)
            equal(stack.status()["state"], "ok", f"its state: {stack.status()}")
            check(set(anchored(stack).values()) == {1}, f"each batch once: {anchored(stack)}")
            holds(stack)
        finally:
            way.close()


@case
def test_deep_reorg():
    """The chain goes another way from far below what was final: every batch is anchored again, once, and the audit holds."""
    with stack_in_folder() as stack:
        world = begin(stack)
        first = batch_of(stack, world)
        before = rpc(stack.rpc_url, "evm_snapshot")
        last = first
        while last < first + 3:
            last = batch_of(stack, world)
        check(rpc(stack.rpc_url, "evm_revert", before), "the chain went back")
        check(len(anchored(stack)) == first, f"what is left: {anchored(stack)}")
        rpc(stack.rpc_url, "anvil_mine", "0x80")
        batch_of(stack, world)
        told = batches(stack)
        equal(anchored(stack), collections.Counter({(AREA, row["batch"]): 1 for row in told}), "each batch once")
        equal({row["state"] for row in told}, {"final"}, "what the daemon says of them")
        equal(stack.status()["state"], "ok", "its state")
        holds(stack)


if __name__ == "__main__":
    main()
