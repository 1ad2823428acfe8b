#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Connections and descriptors: who opens many and says little takes nobody's place, and running out of them passes."""
import os
import re

from pt_attack import amount
from pt_case import SOURCE, case, check, equal, main, stack_in_folder
from pt_raw import Raw, get, open_files, statuses, talk
from pt_world import World, ask, wait_until

from pt_stack import http, program_path

HALF = b"GET /api/v1/status HTTP/1.1\r\nHost: a\r\nX-Half: "
READERS = 16  # descriptors of the store's readers
RESERVE = 40  # descriptors beyond the connections: what is accepted in one turn, and the daemon's own


def pid_of(stack):
    return stack.children["powertrackd"].pid


def ask_and_leave(stack, method, target, reads):
    """Whether the answer is read or not, the client goes."""
    with Raw(stack, f"{method} {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode()) as client:
        if reads:
            client.read_until(b"\r\n\r\n")


def routes():
    """Every address of the interface's description, with names for its parameters."""
    with open(os.path.join(SOURCE, "data", "openapi.yaml"), encoding="utf-8") as file:
        paths = re.findall(r"^  (/\S*):$", file.read().partition("\npaths:")[2].partition("\ncomponents:")[0], re.MULTILINE)
    check(len(paths) > 12, f"addresses: {paths}")
    return [re.sub(r"\{\w+\}", "1", path) for path in paths] + ["/", "/healthz", "/ipfs/bafkqaaa?format=car", "/nothing"]


@case
def test_every_route():
    """No method on any address leaves a descriptor behind, whether the client reads the answer or goes before it."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(http_connections=2000)
        stack.start_daemon()
        http(stack.url + "/api/v1/status")
        before = open_files(pid_of(stack))
        for path in routes():
            for method in ("GET", "HEAD", "OPTIONS", "DELETE"):
                for number in range(amount(20, 200)):
                    ask_and_leave(stack, method, path, number % 2)
        # The store opens up to four reading connections of its own when many ask, and keeps them.
        wait_until(f"descriptors as before, {before}", lambda: open_files(pid_of(stack)) <= before + READERS)
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_heads_that_never_end():
    """Ten times as many as there is room for; whoever asks whole questions is answered beside them."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(http_connections=40)
        stack.start_daemon()
        world = World(stack, "test-east")
        world.register("tx-1")
        before, stuck = open_files(pid_of(stack)), []
        for number in range(amount(400, 4000)):
            stuck.append(Raw(stack, (b"", b"G", HALF)[number % 3]))
            if number % 20 == 0:
                world.say("tx-1")
                equal(ask(stack, "/healthz")[0], 200, "a question beside them")
                check(open_files(pid_of(stack)) <= before + 40 + RESERVE, f"{open_files(pid_of(stack))} descriptors")
        # Those that are left go too, though nobody needs their place: there is want.
        for client in stuck:
            client.send(b"x")
        wait_until("the slow are let go", lambda: sum(not client.ended() for client in stuck) <= 30)
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_out_of_descriptors():
    """A limit of 60 files and 80 connections: what is acknowledged goes on, and after them all is as before."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1s")
        os.makedirs(stack.state, mode=0o700, exist_ok=True)
        stack.spawn("powertrackd", ["sh", "-c", 'ulimit -n 60; exec "$0" --config "$1"', program_path(stack.build, "powertrackd"), stack.config])
        stack.wait_for("powertrackd", lambda: http(stack.url + "/healthz", timeout=2)[0] == 200)
        world = World(stack, "test-east")
        world.register("tx-1")
        for turn in range(amount(2, 20)):
            idle = [Raw(stack, (b"", HALF)[number % 2]) for number in range(80)]
            for _ in range(5):
                world.say("tx-1")
            check(stack.status()["state"] in ("ok", "attention"), "its state is told")
            for client in idle:
                client.close()
            equal(ask(stack, "/healthz")[0], 200, f"after turn {turn}")
        wait_until("sealed beside all that", lambda: stack.get("/batches")["batches"])
        equal(stack.status()["reports"], 5 * amount(2, 20), "reports")
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_soft_limit():
    """The soft limit of a shell is not the daemon's."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        os.makedirs(stack.state, mode=0o700, exist_ok=True)
        stack.spawn("powertrackd", ["sh", "-c", 'ulimit -S -n 60; exec "$0" --config "$1"', program_path(stack.build, "powertrackd"), stack.config])
        stack.wait_for("powertrackd", lambda: http(stack.url + "/healthz", timeout=2)[0] == 200)
        idle = [Raw(stack, get()) for _ in range(150)]
        for client in idle:
            client.read_until(b"ok\n")
        equal(sum(client.ended() for client in idle), 0, "all of them have their places")
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_one_address():
    """One address has its part of connections and streams, and no more; another one has its own. A proxy's address is not bounded so."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(http_proxies="", http_connections_per_address=10, http_streams_per_address=5)
        stack.start_daemon()
        idle = [Raw(stack, get()) for _ in range(60)]
        wait_until("ten are left", lambda: sum(not client.ended() for client in idle) <= 10)
        equal(statuses(talk(stack, get("/healthz", "Connection: close"))), [200], "one more of the same address")
        for client in idle:
            client.close()
        streams = [Raw(stack, get("/api/v1/events")) for _ in range(6)]
        equal(sorted(statuses(stream.read_until(b"\r\n\r\n"))[0] for stream in streams), [200] * 5 + [503], "streams of one address")
        check(b"retry-after" in next(stream.text for stream in streams if b" 503 " in stream.text).lower(), "it may come back")
        with Raw(stack, get("/api/v1/events"), source="127.0.0.2") as other:
            equal(statuses(other.read_until(b"\r\n\r\n")), [200], "a stream of another address")
        for stream in streams:
            stream.close()
        equal(stack.stop("powertrackd"), 0, "its exit code")
        stack.write_config(http_proxies="127.0.0.1", http_connections_per_address=10, http_streams_per_address=5)
        stack.start_daemon()
        streams = [Raw(stack, get("/api/v1/events")) for _ in range(30)]
        equal([statuses(stream.read_until(b"\r\n\r\n"))[0] for stream in streams], [200] * 30, "streams through a proxy")
        for stream in streams:
            stream.close()
        equal(stack.stop("powertrackd"), 0, "its exit code")


if __name__ == "__main__":
    main()
