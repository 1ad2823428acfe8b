#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reports as a stream of lines: taken in as they come, answered on the way, never whole in memory."""
import contextlib
import os
import socket
import sqlite3

from pt_case import PATIENCE, case, check, equal, main, stack_in_folder
from pt_upload import Upload, check_parts
from pt_world import World, ask, resident_kib

AREA = "test-east"
MEBI = 1024 * 1024


def upload_to(stack, length=None):
    return Upload(socket.create_connection(("127.0.0.1", stack.http_port), PATIENCE), length=length)


@case
def test_as_it_comes():
    """A line is answered before the next one is sent; empty lines count; the last one needs no end."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        world = World(stack, AREA)
        world.register("tx-1")
        upload = upload_to(stack)
        first = world.report("tx-1")
        upload.send(first[:40])
        upload.send(first[40:] + b"\n")
        upload.answered(lambda lines: lines and lines[0] == {"from": 1, "to": 1, "accepted": 1, "duplicate": 0, "rejected": []}, "one line, in two pieces")
        upload.send(b"\n\nnonsense\r\n" + first + b"\n")
        upload.answered(lambda lines: lines[-1]["to"] == 5, "four more")
        upload.send(world.report("tx-1"))
        parts, end = upload.end()
        check_parts(parts, end)
        equal(end, {"end": True, "lines": 6, "accepted": 2, "duplicate": 1, "rejected": 1}, "the end")
        equal([row["line"] for part in parts for row in part["rejected"]], [4], "the line that is nonsense")
        for body in (b"", b"\n\n\n"):
            upload = upload_to(stack)
            if body:
                upload.send(body)
            parts, end = upload.end()
            check_parts(parts, end)
            equal((end["end"], end["accepted"]), (True, 0), "nothing at all")
        status, answer = stack.post("/reports", world.report("tx-1") + b"\n")
        equal((status, answer), (200, {"accepted": 1, "duplicate": 0, "rejected": []}), "a small body, as ever")
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_large():
    """More than is ever in memory, in two framings; each line's number is that of the whole."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        world = World(stack, AREA)
        world.register("tx-1")
        good, bad = world.report("tx-1") + b"\n", b"x" * 16000 + b"\n"
        block = bad * 64 + good * 2
        size = 128 * MEBI // len(block)
        before = most = resident_kib(stack.children["powertrackd"].pid)
        for length in (None, size * len(block)):
            upload = upload_to(stack, length=length)
            for _ in range(size):
                upload.send(block)
                most = max(most, resident_kib(stack.children["powertrackd"].pid))
            parts, end = upload.end()
            check_parts(parts, end)
            equal((end["end"], end["accepted"] + end["duplicate"], end["rejected"]), (True, 2 * size, 64 * size), "the end")
            check(len(parts) > 50, f"{len(parts)} parts")
        print(f"# 2 x {size * len(block) // MEBI} MiB: {before} KiB before, {most} KiB at most")
        check(most - before < 48 * 1024, f"{most - before} KiB more than before")
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_wrong():
    """A line that never ends, clients that go, and one that does not read."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        world = World(stack, AREA)
        world.register("tx-1")
        upload = upload_to(stack)
        upload.send(world.report("tx-1") + b"\n")
        upload.answered(lambda lines: lines, "the first")
        for _ in range(3):
            upload.send(b"x" * (MEBI // 2))
        upload.reader.join(PATIENCE)
        equal(upload.lines[-1], {"end": False, "error": "too-large", "again": 2, "lines": 1, "accepted": 1, "duplicate": 0, "rejected": 0}, "a line without an end")
        upload.link.close()
        for _ in range(30):  # more than there is room for at once
            upload = upload_to(stack)
            upload.send(world.report("tx-1") + b"\n")
            upload.send(b"{")
            upload.link.close()
        status, answer = stack.post("/reports", world.report("tx-1"))
        equal((status, answer["accepted"]), (200, 1), "others are served")
        equal(stack.stop("powertrackd"), 0, "its exit code")


@contextlib.contextmanager
def nothing_is_stored(stack):
    """Somebody else writes to the daemon's store, and does not end."""
    with contextlib.closing(sqlite3.connect(os.path.join(stack.state, "powertrack.sqlite"), PATIENCE, isolation_level=None)) as other:
        other.execute("begin immediate")
        try:
            yield
        finally:
            other.execute("rollback")


@case
def test_busy():
    """Where nothing can be stored a stream ends and says from where on to send again; one that does so loses nothing. A body that is whole is 503."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1d")
        stack.start_daemon()
        world = World(stack, AREA)
        world.register("tx-1", "tx-2")
        lines = [world.report("tx-1") + b"\n" for _ in range(3)]
        upload = upload_to(stack)
        upload.send(lines[0])
        upload.answered(lambda answer: answer, "the first")
        with nothing_is_stored(stack):
            upload.send(lines[1])
            parts, end = upload.end()
            equal((len(parts), end), (1, {"end": False, "error": "busy", "again": 2, "lines": 2, "accepted": 1, "duplicate": 0, "rejected": 0}), "the end")
            status, headers, body = ask(stack, "/api/v1/reports", "POST", b"".join(lines[1:]), Content_Type="application/x-ndjson")
            equal((status, b'"busy"' in body), (503, True), "lines that are whole")
            check(int(headers["Retry-After"]) > 0, "when to come again")
        again = upload_to(stack)
        for line in lines[end["again"] - 1:]:
            again.send(line)
        parts, end = again.end()
        check_parts(parts, end)
        equal(end, {"end": True, "lines": 2, "accepted": 2, "duplicate": 0, "rejected": 0}, "sent again from there")
        equal(stack.status()["reports"], 3, "each once")
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_too_many():
    """Where no more may come from its address the stream ends, and says so at once."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(http_proxies="192.0.2.1", intake_address_per_minute=1)
        stack.start_daemon()
        upload = upload_to(stack)
        for _ in range(6):  # 10,000 may come at once, and one more a minute
            upload.send(b"x\n" * 2500)
        parts, end = upload.end()
        check_parts(parts, end)
        equal((end["end"], end["error"], end["again"]), (False, "too-many", end["lines"] + 1), "the end")
        reasons = [row["error"] for part in sorted(parts, key=lambda part: part["from"]) for row in part["rejected"]]
        equal(reasons[:10000], ["malformed"] * 10000, "what may come")
        equal(stack.stop("powertrackd"), 0, "its exit code")


if __name__ == "__main__":
    main()
