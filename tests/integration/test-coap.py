#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Devices over CoAP and DTLS: who they are, what they are answered, and what is made of damaged, repeated and foreign words."""
import contextlib
import json
import os
import secrets
import signal
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from pt_case import VECTORS, case, check, equal, main, stack_in_folder
from pt_coap import CBOR, JSON, Authority, Relay, compact, probe, read_cbor, relay, write_private
from pt_formats import decode64, encode64, load_pem, parse_entry, point_of, public_key, sign, verify_bytes
from pt_world import World, ask, wait_until

from pt_stack import free_port, now_ms, program_path

AREA, OTHER = "test-east", "test-west"


class Secrets:
    """The file of shared keys."""

    def __init__(self, stack, *identities):
        self.path, self.keys = os.path.join(stack.folder, "coap.psk"), {}
        for identity in identities:
            self.keys[identity] = secrets.token_bytes(16)
        self.write()

    def write(self):
        write_private(self.path, ("# a device a line\n" + "".join(f"{name}:{key.hex()}\n" for name, key in self.keys.items())).encode())

    def how(self, identity):
        return "psk", identity, self.keys[identity].hex()


@contextlib.contextmanager
def world_of(*devices, certificates=False, **settings):
    """(stack, world, secrets, authority, port) of a daemon that these devices of AREA are registered with."""
    with stack_in_folder(chain=False) as stack:
        port, keys, authority = free_port(), Secrets(stack, *(f"{AREA}/{name}" for name in devices)), None
        if certificates:
            authority = Authority(stack.folder)
            own = authority.issue("daemon", ec.generate_private_key(ec.SECP256R1()), "127.0.0.1", [x509.DNSName("localhost")])
            settings.update(coap_certificate=own[0], coap_key=own[1], coap_client_ca=authority.path)
        stack.write_config(coap_listen=f"127.0.0.1:{port}", coap_psk_file=keys.path, **settings)
        stack.start_daemon()
        world = World(stack, AREA, OTHER)
        world.register(*devices)
        yield stack, world, keys, authority, port
        equal(stack.stop("powertrackd"), 0, "its exit code")


def said(answer):
    return answer.code, answer.payload.decode().split(":")[0]


def numbers(stack, name):
    return sorted(row["seq"] for row in stack.get(f"/sites/S-{name}/reports")["reports"])


@case
def test_shared_key():
    """A report in both forms, what repeats one, what is held; and nothing for who has no key, or another."""
    with world_of("tx-1", "tx-2") as (stack, world, keys, _, port):
        me = f"{AREA}/tx-1"
        with probe(port, *keys.how(me)) as device:
            first = world.report("tx-1", "OFF")
            equal(said(device.post(compact(first))), ("2.04", ""), "a compact report")
            equal(numbers(stack, "tx-1"), [1], "it is there before its answer")
            equal(said(device.post(compact(first))), ("2.04", ""), "once more")
            equal(said(device.post(first, JSON)), ("2.04", ""), "and as JSON")
            equal(said(device.post(world.report("tx-1"), JSON)), ("2.04", ""), "another as JSON")
            equal(said(device.post(compact(world.report("tx-1")), "-")), ("2.04", ""), "without a format it is compact")
            equal(said(device.post(compact(world.report("tx-1")), kind="non")), ("2.04", ""), "not confirmable")
            equal(said(device.post(compact(world.report("tx-1", seq=40)))), ("2.04", ""), "after a gap")
            equal(said(device.post(b"hello", 0)), ("4.15", "unsupported"), "text")
            equal(device.ask("get", "r").code, "4.05", "a report is not asked for")
            equal(device.ask("get", "nothing").code, "4.04", "there is nothing else")
            check(b"</r>" in device.ask("get", ".well-known/core").payload, "what there is")
            equal(numbers(stack, "tx-1"), [1, 2, 3, 4, 40], "each once")
            check_held(stack, device.ask("get", "held"), "tx-1", 40, set(range(5, 40)))
        for name, how in (("another's key", ("psk", me, keys.keys[f"{AREA}/tx-2"].hex())), ("nobody", ("psk", f"{AREA}/tx-9", "00" * 16)), ("no name", ("psk", "tx-1", "00" * 16))):
            with probe(port, *how) as stranger:
                equal(stranger.post(compact(world.report("tx-1"))).code, "failed", name)
        with probe(port, *keys.how(f"{AREA}/tx-2")) as device:
            check_held(stack, device.ask("get", "held"), "tx-2", 0, set())
        equal(numbers(stack, "tx-1"), [1, 2, 3, 4, 40], "nothing of it")


def check_held(stack, answer, name, highest, missing):
    equal((answer.code, answer.format), ("2.05", CBOR), f"held of {name}: {answer}")
    got, bits, ts, signature = read_cbor(answer.payload)
    equal(got, highest, "the highest counter")
    equal({highest - 1 - i for i in range(8 * len(bits)) if bits[i // 8] >> i % 8 & 1}, missing, "what is missing")
    words = {"area": AREA, "device": name, "format": "powertrack-held-1", "highest": highest, "missing": sorted(missing), "ts": ts}
    text = json.dumps(words, sort_keys=True, separators=(",", ":")).encode()
    verify_bytes(b"powertrack held v1\n" + text, encode64(signature), load_pem(stack.service_key).public_key())


if __name__ == "__main__":
    main()
