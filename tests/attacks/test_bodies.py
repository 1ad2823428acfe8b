#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bodies that are never finished and answers that are never read: bounded in all, and those who are in order are served beside them."""
import threading

from pt_attack import amount
from pt_case import case, check, equal, main, stack_in_folder
from pt_raw import Raw, get, post, statuses
from pt_world import World, ask, resident_kib, wait_until

MIB = 1 << 20
BODY = 8 * MIB


def grown_mib(stack, before):
    return (resident_kib(stack.children["powertrackd"].pid) - before) / 1024


@case
def test_never_finished():
    """Sixty times 8 MiB but a byte: no more than [http] bodies_mib of it stays, the rest is refused with 503."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(http_bodies_mib=16)
        stack.start_daemon()
        world = World(stack, "test-east")
        world.register("tx-1")
        before, most = resident_kib(stack.children["powertrackd"].pid), 0
        stuck = []
        for number in range(amount(14, 200)):
            framing = f"Content-Length: {BODY}\r\n" if number % 2 else "Transfer-Encoding: chunked\r\n"
            client = Raw(stack, post(framing))
            piece = b"x" * (BODY - 1)
            client.send(piece if number % 2 else b"%x\r\n" % len(piece) + piece)
            stuck.append(client)
            most = max(most, grown_mib(stack, before))
        wait_until("all but two are refused", lambda: sum(client.ended() or client.text != b"" for client in stuck) >= len(stuck) - 2)
        refused = [client for client in stuck if client.ended() or client.text]
        for client in refused:
            # No room, or let go for standing still while there was none; the rest was cut.
            check(statuses(client.text) in ([503], [408], []), f"why: {client.text[:200]}")
        check(sum(statuses(client.text) != [] for client in refused) > len(refused) // 2, "most are told")
        print(f"# grown by {most:.0f} MiB at most", flush=True)
        check(most < 16 * 2 + 24, f"grown by {most:.0f} MiB")
        # There is want, so who sends nothing any more is let go, and its room is free again.
        wait_until("room again", lambda: stack.post("/reports", world.report("tx-1"))[0] == 200)
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_one_sender():
    """One address has a quarter of it: others can still send."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(http_bodies_mib=64, http_proxies="")
        stack.start_daemon()
        world = World(stack, "test-east")
        world.register("tx-1")
        stuck = []
        for _ in range(6):
            stuck.append(Raw(stack, post(f"Content-Length: {BODY}\r\n"), source="127.0.0.2"))
            stuck[-1].send(b"x" * (BODY - 1))
        wait_until("refused beyond its part", lambda: sum(client.ended() or b" 503 " in client.text for client in stuck) >= 4)
        equal(sum(b"from your address" in client.text for client in stuck) > 0, True, "what it is told")
        world.say("tx-1")
        equal(stack.stop("powertrackd"), 0, "its exit code")


def fill(stack, world, sites):
    """So many sites with long names, that a list of them is long."""
    names = [f"d{number:060}" for number in range(sites)]
    for at in range(0, sites, 1000):
        world.register(*names[at : at + 1000])


@case
def test_never_read():
    """Answers of their own, each for another question, that nobody reads: bounded by [http] answers_mib, and cut where there is want."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(http_answers_mib=8)
        stack.start_daemon()
        world = World(stack, "test-east")
        fill(stack, world, 4000)
        size = len(ask(stack, "/api/v1/sites?bbox=-180,-90,180,90")[2])
        check(size > MIB, f"a list of {size} bytes")
        before, most, readers = resident_kib(stack.children["powertrackd"].pid), 0, []
        for number in range(amount(40, 400)):
            readers.append(Raw(stack, get(f"/api/v1/sites?bbox=-{170 + number / 1000},-90,180,90"), receive=4096))
            if number % 10 == 9:
                equal(ask(stack, "/healthz")[0], 200, "a question beside them")
                world.say(f"d{0:060}")
                most = max(most, grown_mib(stack, before))
        print(f"# {len(readers)} lists of {size / MIB:.1f} MiB, grown by {most:.0f} MiB at most", flush=True)
        check(most < 8 + 56, f"grown by {most:.0f} MiB")
        wait_until("who does read is served", lambda: ask(stack, "/api/v1/sites?bbox=-170,-90,179,90")[0] == 200)
        for reader in readers:
            reader.close()
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_slow_but_steady():
    """A client on a bad line is no attack: it is heard to its end, beside others."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        world = World(stack, "test-east")
        world.register("tx-1")
        line = world.report("tx-1")
        with Raw(stack) as slow:
            sent, pause = post(f"Content-Length: {len(line)}\r\nConnection: close\r\n", line), threading.Event()
            for byte in range(len(sent)):
                check(slow.send(sent[byte : byte + 1]), "it is still heard")
                pause.wait(0.005)
            answer = slow.read()
        check(statuses(answer) == [200] and b'"accepted":1' in answer, f"its answer: {answer[:300]}")
        equal(stack.stop("powertrackd"), 0, "its exit code")


if __name__ == "__main__":
    main()
