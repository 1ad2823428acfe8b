#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Slow senders over TLS, two hundred at once: a handshake that never ends, a head and a body byte by byte. Each costs little memory and none for long, and
whoever is in order is answered beside them, over TLS too."""
import socket
import ssl
import time

from pt_attack import amount
from pt_case import PATIENCE, case, check, equal, main, stack_in_folder
from pt_coap import Authority
from pt_raw import get, open_files, post, statuses
from pt_world import World, resident_kib, wait_until

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from pt_stack import free_port

SLOW = amount(200, 1000)
EACH_KIB = 256  # what one may cost the daemon, docs/ATTACKS.md
PAUSE = 0.2  # s, between two bytes of each


def first_message(context):
    """What a client begins a handshake with."""
    sent = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname="localhost")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        return sent.read()
    raise AssertionError("the handshake asked for nothing")


class Slow:
    """Sends @begins, over TLS where it is a request, and then @rest, a byte at a time."""

    def __init__(self, house, begins, rest):
        self.link, self.rest, self.answer, self.is_gone = socket.create_connection(("127.0.0.1", house.port), PATIENCE), iter(rest), b"", False
        if b"HTTP" in begins:
            self.link = house.context.wrap_socket(self.link, server_hostname="localhost")
        self.link.sendall(begins)
        self.link.setblocking(False)

    def drip(self):
        try:
            self.link.send(bytes([next(self.rest)]))
        except (BlockingIOError, ssl.SSLWantWriteError, StopIteration):
            pass
        except OSError:
            self.is_gone = True

    def is_over(self):
        """Whether it was refused or cut."""
        try:
            while data := self.link.recv(65536):
                self.answer += data
            self.is_gone = True
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        except OSError:
            self.is_gone = True
        return self.is_gone or bool(statuses(self.answer))


class House:
    """A daemon that is there over TLS, and somebody in order."""

    def __init__(self, stack):
        own = Authority(stack.folder, "daemon")
        certificate, key = own.issue("own", ec.generate_private_key(ec.SECP256R1()), "localhost", [x509.DNSName("localhost")])
        self.stack, self.port, self.context = stack, free_port(), ssl.create_default_context(cafile=own.path)
        stack.write_config(http_listen=None, http_connections=SLOW + 200, http_connections_per_address=SLOW + 200)
        with open(stack.config, "a", encoding="utf-8") as file:
            file.write(f"[listen own]\naddress=127.0.0.1:{stack.http_port}\nserves=public;devices;administration\n\n"
                       f"[listen wide]\naddress=127.0.0.1:{self.port}\nserves=public;devices\ncertificate={certificate}\nkey={key}\n")
        stack.start_daemon()
        self.world = World(stack, "test-east")
        self.world.register("tx-1")
        self.pid = stack.children["powertrackd"].pid
        self.regular = self.connect()
        self.files, self.memory = open_files(self.pid), resident_kib(self.pid)

    def connect(self):
        return self.context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), PATIENCE), server_hostname="localhost")

    def report(self, link):
        """One over TLS is taken."""
        body = self.world.report("tx-1")
        link.sendall(post(f"Content-Length: {len(body)}\r\n", body))
        answer = b""
        while b"}" not in answer:
            data = link.recv(65536)
            check(data, f"the connection ended: {answer!r}")
            answer += data
        check(b'"accepted":1' in answer, f"taken: {answer!r}")

    def serves(self):
        """Whoever was there, and whoever comes."""
        self.report(self.regular)
        with self.connect() as other:
            self.report(other)
        self.world.say("tx-1")


def attack(make, wanted):
    """@make: what each begins with, and what it sends after that; @wanted: what the refused are told."""
    with stack_in_folder(chain=False) as stack:
        house = House(stack)
        slow, most, longest = [Slow(house, *make(house)) for _ in range(SLOW)], 0, 0
        while not all([client.is_over() for client in slow]):
            begun = time.monotonic()
            house.serves()
            longest = max(longest, time.monotonic() - begun)
            most = max(most, resident_kib(house.pid) - house.memory)
            for client in slow:
                client.drip()
            time.sleep(PAUSE)
        print(f"# {most / SLOW:.0f} KiB each; three reports beside them took {longest:.1f} s at most", flush=True)
        check(most < SLOW * EACH_KIB, f"{most} KiB for {SLOW} slow senders")
        equal({tuple(statuses(client.answer)) for client in slow} - {()}, wanted, "what they are told")
        for client in slow:
            client.link.close()
        wait_until("descriptors as before", lambda: open_files(house.pid) <= house.files + 10)
        house.serves()
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_handshake():
    """The first message of one never comes whole."""
    attack(lambda house: (b"", first_message(house.context)[:-1]), set())


@case
def test_half_a_handshake():
    """It comes whole, and nothing after it."""
    attack(lambda house: (first_message(house.context), b""), set())


@case
def test_head():
    attack(lambda _: (get()[:-2] + b"X-Slow: ", b"x" * 1_000_000), {(408,)})


@case
def test_body():
    attack(lambda _: (post("Content-Length: 1000000\r\n"), b"x" * 900_000), {(408,)})


if __name__ == "__main__":
    main()
