#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A disk that does not keep what it was given: it is noticed, mended from what else there is, and told where that can't be."""
import glob
import os
import shutil
import sqlite3

from pt_attack import LONG
from pt_case import case, check, equal, main, stack_in_folder
from pt_servers import Blocks
from pt_world import World, ask, wait_until

from pt_stack import rpc

AREA = "test-east"
RUN_HEADER = 80


def blocks(stack):
    """{path: content} of the batch files' blocks."""
    paths = glob.glob(os.path.join(stack.state, "blocks", "*", "*"))
    return {path: read(path) for path in paths}


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)


def flip(path, at):
    content = bytearray(read(path))
    content[at % len(content)] ^= 1
    write(path, content)


def entries_in_store(stack):
    with sqlite3.connect(f"file:{stack.state}/powertrack.sqlite?mode=ro", uri=True) as database:
        return database.execute("select count(*) from entries").fetchone()[0]


def restart(stack):
    check(stack.stop("powertrackd") == 0, "it ends in peace")
    stack.start_daemon()


def begin(stack, count=20, **settings):
    stack.write_config(batch_period="2s", **settings)
    stack.start_daemon()
    world = World(stack, AREA)
    world.register("tx-1", "tx-2")
    if count:
        world.post(*(world.report("tx-1", "OFF" if number % 5 == 0 else "ON") for number in range(count)))
    stack.wait_sealed()
    return world


@case
def test_bit_before_final():
    """A bit turns in a block between SUBMITTED and FINAL: the file is whole again before its entries go."""
    with stack_in_folder() as stack:
        begin(stack, chain_confirmations=60)
        wait_until("it is in a block", lambda: all(row["block"] for row in stack.get("/batches")["batches"]))
        equal(stack.status()["batches"]["final"], 0, "final batches")
        whole = blocks(stack)
        check(whole, "there is a block")
        for path, content in whole.items():
            flip(path, len(content) // 2)
        rpc(stack.rpc_url, "anvil_mine", hex(80))
        wait_until("all is final", stack.settled)
        check(entries_in_store(stack) > 0, "its entries are in the store")
        if LONG:
            wait_until("its entries are pruned", lambda: entries_in_store(stack) == 0)
        else:
            restart(stack)
        wait_until("the file is whole again", lambda: blocks(stack) == whole)
        equal((stack.status()["state"], stack.status()["damaged"]), ("ok", 0), "how it is")
        check(stack.audit()["holds"], "the audit")


def health(stack):
    status = stack.status()
    return status["state"], status["damaged"]


@case
def test_no_way_back():
    """What nothing here can give back is told, by its batch and without a path, and no entry of it goes until a copy is there."""
    with stack_in_folder(chain=False) as stack:
        begin(stack)
        whole = blocks(stack)
        check(stack.stop("powertrackd") == 0, "it ends in peace")
        with sqlite3.connect(f"{stack.state}/powertrack.sqlite") as database:
            database.execute("delete from rosters")
        before = entries_in_store(stack)
        for path in whole:
            write(path, b"lost")
        stack.start_daemon()
        wait_until("it is noticed", lambda: health(stack) == ("attention", len(whole)))
        detail = stack.status()["detail"]
        check(f" of {AREA} is damaged" in detail and "bafk" in detail, detail)
        check(stack.state not in detail and "/" not in detail, f"no path: {detail}")
        check(f"powertrack_damaged_batches {len(whole)}\n" in ask(stack, "/metrics")[2].decode(), "the metric")
        check("Damaged" in stack.powertrack("status", "--url", stack.url, exits=1), "powertrack status")
        equal(entries_in_store(stack), before, "entries in the store")
        for path, content in whole.items():
            write(path, content)
        restart(stack)
        wait_until("it is well again", lambda: health(stack) == ("ok", 0))


@case
def test_fetched():
    """What nothing here can give back comes from a gateway that has it: not from one that is dead, has nothing, or sends other bytes."""
    nothing, wrong, good = Blocks(), Blocks(), Blocks()
    with stack_in_folder() as stack, nothing.serve() as first, wrong.serve() as second, good.serve() as third:
        begin(stack, chain_confirmations=1)
        stack.wait_settled()
        whole = blocks(stack)
        check(stack.stop("powertrackd") == 0, "it ends in peace")
        copy = os.path.join(stack.folder, "copy")
        shutil.copytree(os.path.join(stack.state, "blocks"), copy)
        with sqlite3.connect(f"{stack.state}/powertrack.sqlite") as database:
            database.execute("delete from entries")
            database.execute("delete from rosters")
        for path in whole:
            write(path, b"lost")
        wrong.folder, wrong.alter = copy, lambda body: body[:-2] + b"!\n"

        stack.write_config(chain_gateways=f"http://127.0.0.1:9;{first};{second}/")
        stack.start_daemon()
        wait_until("it is noticed, and they were asked", lambda: health(stack) == ("attention", len(whole)) and nothing.asked and wrong.asked)
        check(all(read(path) == b"lost" for path in whole), "nothing else takes its place")
        check(stack.stop("powertrackd") == 0, "it ends in peace")
        good.folder = copy
        stack.write_config(chain_gateways=f"http://127.0.0.1:9;{first};{second}/;{third}")
        stack.start_daemon()
        wait_until("it is well again", lambda: health(stack) == ("ok", 0) and blocks(stack) == whole)
        check(stack.audit()["holds"], "the audit")


def proof(stack, seq):
    status, _, body = ask(stack, f"/api/v1/proof?device=tx-1&seq={seq}")
    equal(status, 200, f"the proof of report {seq}: {body[:200]}")
    path = os.path.join(stack.folder, "proof.json")
    write(path, body)
    stack.verify(path)
    return body


@case
def test_index_and_tiles():
    """Zeros of the right length in the index, lies in the tiles: repetitions are known, and every proof is the right one."""
    with stack_in_folder() as stack:
        world = begin(stack, count=0)
        lines = [world.report("tx-1") for _ in range(300)]
        world.post(*lines)
        wait_until("all is final", stack.settled)
        wanted = {seq: proof(stack, seq) for seq in (1, 2, 150, 256, 299, 300)}
        for level in sorted(glob.glob(os.path.join(stack.state, "tiles", "*", "*"))):
            for at in range(0, os.path.getsize(level), 32 * 37):
                flip(level, at)
            equal({seq: proof(stack, seq) for seq in wanted}, wanted, f"proofs beside lies in level {os.path.basename(level)}")
        check(stack.stop("powertrackd") == 0, "it ends in peace")
        runs = glob.glob(os.path.join(stack.state, "index", "*.run"))
        check(runs, "there is an index")
        for path in runs:
            content = read(path)
            write(path, content[:RUN_HEADER] + bytes(len(content) - RUN_HEADER))
        stack.start_daemon()
        status, answer = stack.post("/reports", b"\n".join(lines))
        equal((status, answer), (200, {"accepted": 0, "duplicate": len(lines), "rejected": []}), "repetitions")
        answer = stack.post("/reports", world.report("tx-1", "OFF", seq=7))[1]
        equal([line["error"] for line in answer["rejected"]], ["stale-seq"], "other words of a used counter")
        equal({seq: proof(stack, seq) for seq in wanted}, wanted, "proofs with an index that was made again")


if __name__ == "__main__":
    main()
