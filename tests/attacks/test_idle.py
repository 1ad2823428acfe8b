#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ten thousand connections that asked once and stay: memory is bounded, and whoever asks is answered beside them."""
import resource
import socket

from pt_attack import amount
from pt_case import PATIENCE, case, check, equal, main, stack_in_folder
from pt_world import World, ask, resident_kib

IDLE = amount(10000, 15000)
EACH_KIB = 32  # what one may cost the daemon, docs/ATTACKS.md
QUESTION = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def idle(stack):
    client = socket.create_connection(("127.0.0.1", stack.http_port), PATIENCE)
    client.sendall(QUESTION)
    return client


@case
def test_ten_thousand():
    """With reports and reads between them, and all gone at once at the end."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    check(hard >= IDLE + 500, f"only {hard} descriptors are allowed here: ulimit -Hn {IDLE + 500}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with stack_in_folder(chain=False) as stack:
        stack.write_config(http_connections=IDLE + 100)
        stack.start_daemon()
        world = World(stack, "test-east")
        world.register("tx-1")
        pid = stack.children["powertrackd"].pid
        before, clients = resident_kib(pid), []
        for number in range(IDLE):
            clients.append(idle(stack))
            if number % 1000 == 0:
                world.say("tx-1")
        for client in clients:
            check(client.recv(4096).startswith(b"HTTP/1.1 200 "), "each is answered")
        world.say("tx-1")
        equal(ask(stack, "/api/v1/status")[0], 200, "a read beside them")
        grown = resident_kib(pid) - before
        check(grown <= IDLE * EACH_KIB, f"{grown} KiB for {IDLE} connections")
        print(f"# {grown / IDLE:.1f} KiB each")
        for client in clients:
            client.close()
        world.say("tx-1")
        equal(stack.stop("powertrackd"), 0, "its exit code")


if __name__ == "__main__":
    main()
