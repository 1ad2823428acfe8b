#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Heads, queries and JSON that are made to cost much: refused or cut, memory is bounded, and whoever asks beside them is answered."""
from pt_attack import amount
from pt_case import case, check, equal, main, stack_in_folder
from pt_raw import Raw, post, statuses
from pt_world import World, resident_kib, wait_until

MOST_MIB = 64
FIELDS = b"".join(b"X-%d: a\r\n" % number for number in range(50000))
BOMBS = {
    "fields": b"GET /api/v1/status HTTP/1.1\r\nHost: a\r\n" + FIELDS + b"\r\n",
    "query": b"GET /api/v1/sites?area=" + b"a" * (4 << 20) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "pairs": b"GET /api/v1/sites?" + b"&".join(b"k%d=v" % number for number in range(100000)) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
}


def throw(stack, bomb):
    client = Raw(stack, b"")
    try:
        client.send(bomb)
    except OSError:
        pass  # it is cut in the middle
    return client


@case
def test_heads():
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        world = World(stack, "test-east")
        world.register("tx-1")
        pid = stack.children["powertrackd"].pid
        before = resident_kib(pid)
        for name, bomb in BOMBS.items():
            for _ in range(amount(10, 100)):
                client = throw(stack, bomb)
                wait_until(f"{name} is ended", lambda client=client: client.ended() or client.text)
                check(all(400 <= status < 500 for status in statuses(client.text)), f"{name}: {client.text[:200]}")
            world.say("tx-1")
        grown = (resident_kib(pid) - before) / 1024
        check(grown <= MOST_MIB, f"grown by {grown:.0f} MiB")
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_nested():
    """A megabyte of brackets, as a report and as an envelope with JSON in it."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        world = World(stack, "test-east")
        world.register("tx-1")
        pid = stack.children["powertrackd"].pid
        before = resident_kib(pid)
        for path in ("reports", "registrations", "notices", "complaints", "areas"):
            for body in (b"[" * (1 << 20), b'{"a":' * 200000, b"[" * 100000 + b"]" * 100000):
                for _ in range(amount(3, 30)):
                    head = post(f"Content-Length: {len(body)}\r\n").replace(b"/reports", b"/" + path.encode())
                    client = Raw(stack, head)
                    client.send(body)
                    wait_until(f"{path} is answered", lambda client=client: statuses(client.text) or client.ended())
                    check(b'"accepted":1' not in client.text and statuses(client.text)[:1] != [500], f"{path}: {client.text[:300]}")
            world.say("tx-1")
        grown = (resident_kib(pid) - before) / 1024
        check(grown <= MOST_MIB, f"grown by {grown:.0f} MiB")
        equal(stack.stop("powertrackd"), 0, "its exit code")


if __name__ == "__main__":
    main()
