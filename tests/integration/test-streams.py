#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reports as a stream of lines: taken in as they come, answered on the way, never whole in memory."""
import http.client
import json
import os
import socket
import threading

from pt_case import PATIENCE, case, check, equal, main, stack_in_folder
from pt_world import World, resident_kib

AREA = "test-east"
MEBI = 1024 * 1024


class Upload:
    """A POST of lines whose answer is read meanwhile, on a thread of its own."""

    def __init__(self, stack, *headers, length=None):
        self.link = socket.create_connection(("127.0.0.1", stack.http_port), PATIENCE)
        self.length, self.lines, self.status, self.error = length, [], None, None
        framing = f"Content-Length: {length}" if length else "Transfer-Encoding: chunked"
        self.link.sendall("\r\n".join(["POST /api/v1/reports HTTP/1.1", "Host: a", "Content-Type: application/x-ndjson", framing, *headers, "", ""]).encode())
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        try:
            answer = http.client.HTTPResponse(self.link)
            answer.begin()
            self.status, self.headers = answer.status, answer.headers
            while line := answer.readline():
                with self.changed:
                    self.lines.append(json.loads(line))
                    self.changed.notify_all()
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.error = error

    def send(self, data):
        self.link.sendall(data if self.length else b"%x\r\n%s\r\n" % (len(data), data))

    def answered(self, holds, text):
        with self.changed:
            check(self.changed.wait_for(lambda: holds(self.lines), PATIENCE), f"{text}: {self.lines[-3:]} {self.error}")

    def end(self):
        """All the lines of the answer; the last one tells of all."""
        if not self.length:
            self.link.sendall(b"0\r\n\r\n")
        self.reader.join(PATIENCE)
        check(not self.reader.is_alive() and self.error is None, f"the answer's end: {self.error} {self.lines[-3:]}")
        self.link.close()
        equal((self.status, self.headers["Content-Type"]), (200, "application/x-ndjson"), "its head")
        return self.lines[:-1], self.lines[-1]


def check_parts(parts, end):
    """They are all the lines, each once."""
    at = 0
    for part in sorted(parts, key=lambda part: part["from"]):
        equal(part["from"], at + 1, "where a part begins")
        at = part["to"]
        for row in part["rejected"]:
            check(part["from"] <= row["line"] <= at, f"the number of a line: {row} in {part['from']} to {at}")
    equal(end["lines"], at, "lines")
    for name in ("accepted", "duplicate"):
        equal(end[name], sum(part[name] for part in parts), name)
    equal(end["rejected"], sum(len(part["rejected"]) for part in parts), "rejected")


@case
def test_as_it_comes():
    """A line is answered before the next one is sent; empty lines count; the last one needs no end."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        world = World(stack, AREA)
        world.register("tx-1")
        upload = Upload(stack)
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
            upload = Upload(stack)
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
            upload = Upload(stack, length=length)
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
        upload = Upload(stack)
        upload.send(world.report("tx-1") + b"\n")
        upload.answered(lambda lines: lines, "the first")
        for _ in range(3):
            upload.send(b"x" * (MEBI // 2))
        upload.reader.join(PATIENCE)
        equal(upload.lines[-1], {"end": False, "error": "too-large", "again": 2, "lines": 1, "accepted": 1, "duplicate": 0, "rejected": 0}, "a line without an end")
        upload.link.close()
        for _ in range(30):  # more than there is room for at once
            upload = Upload(stack)
            upload.send(world.report("tx-1") + b"\n")
            upload.send(b"{")
            upload.link.close()
        status, answer = stack.post("/reports", world.report("tx-1"))
        equal((status, answer["accepted"]), (200, 1), "others are served")
        equal(stack.stop("powertrackd"), 0, "its exit code")


if __name__ == "__main__":
    main()
