#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The fleet's ways in, each with the same devices; and one that lost its memory of what was acknowledged: the daemon is sent what it lacks,
and nothing twice."""
import ipaddress
import json
import mmap
import os
import secrets
import signal
import struct
import time

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pt_broker import Broker
from pt_case import PATIENCE_LONG, case, check, equal, main, stack_in_folder
from pt_coap import Authority, write_private
from pt_replay import begin, slice_csv, spawn, speed_of
from pt_world import wait_until

from pt_stack import csv_span, expected_outages, free_port, outage_differences, reported_outages

DEVICES, SECONDS = 60, 40
HEADER, RECORD = "<8sIIQQq96s40s", "<32s72s32sqqQQ"  # of the fleet's state; the ring follows in each record


class Flash:
    """The fleet's state file, as a screwdriver would reach it."""

    def __init__(self, path):
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 0)
        _, self.size, _, self.count, *_ = struct.unpack_from(HEADER, self.map)

    def records(self):
        for number in range(self.count):
            at = struct.calcsize(HEADER) + number * self.size
            yield at, struct.unpack_from(RECORD, self.map, at)

    def waiting(self):
        return sum(after - first for _, (*_, first, after) in self.records())

    def counters(self):
        return {(area.rstrip(b"\0").decode(), device.rstrip(b"\0").decode()): used for _, (area, device, _, used, *_) in self.records()}

    def keys(self):
        return {(area.rstrip(b"\0").decode(), device.rstrip(b"\0").decode()): ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1())
                for _, (area, device, scalar, *_) in self.records()}

    def forget_acks(self):
        for at, record in self.records():
            struct.pack_into(RECORD, self.map, at, *record[:5], 0, 0)
        self.map.flush()


def flash_of(stack):
    return Flash(os.path.join(stack.folder, "fleet.state"))


def wait_part(stack, path, part):
    first, last = csv_span(path)
    wait_until("the replay goes on", lambda: stack.status()["now"] >= first + (last - first) * part, pause=0.02)


def caught(stack, flash):
    """Whether the daemon was stopped while reports waited that are not acknowledged; else it goes on."""
    daemon = stack.children["powertrackd"]
    if flash.waiting() == 0:
        return False
    daemon.send_signal(signal.SIGSTOP)
    time.sleep(0.05)  # what it had answered before is read meanwhile, or is not: either is looked at next
    if flash.waiting() > 0:
        return True
    daemon.send_signal(signal.SIGCONT)
    return False


def lose_power(stack, path, part):
    """Daemon and fleet die with reports that wait, which happens only between two looks of a fast machine: so it is looked for."""
    wait_part(stack, path, part)
    flash = flash_of(stack)
    wait_until("a report waits", lambda: caught(stack, flash), pause=0)
    for name in ("powertrack-fleet", "powertrackd"):
        stack.stop(name, signal.SIGKILL)
    check(flash.waiting() > 0, "reports wait when the power is lost")
    return flash


def check_held(stack):
    """Every counter that a device ever used is there, by what the daemon signed."""
    for (area, device), used in flash_of(stack).counters().items():
        held = stack.get(f"/devices/{area}/{device}/held")
        equal((held["highest"], held["missing"]), (used, []), f"what is held of {device}")


@case
def test_only_what_is_missing_is_sent():
    with stack_in_folder(chain=False) as stack:
        path = slice_csv(stack.folder, DEVICES)
        begin(stack, path)
        spawn(stack, path, speed_of(path, SECONDS))
        flash = lose_power(stack, path, 0.2)
        waited = flash.waiting()
        flash.forget_acks()
        stack.start_daemon()
        twice = stack.status()["duplicates"]
        fleet = spawn(stack, path, speed_of(path, SECONDS))  # it sees by itself that the state was cut
        wait_part(stack, path, 0.6)
        equal(stack.status()["duplicates"], twice, "duplicates after power was lost")

        # Stopped in order, but the memory was lost afterwards: the operator says so.
        equal(stack.stop("powertrack-fleet", signal.SIGINT), 130, "the exit code of a fleet that was stopped")
        flash_of(stack).forget_acks()
        fleet = stack.spawn("powertrack-fleet", [*fleet.args, "--resync"])
        equal(fleet.wait(PATIENCE_LONG), 0, "the fleet's exit code: nothing was refused")
        equal(stack.status()["duplicates"], twice, "duplicates at the end")
        differences = outage_differences(expected_outages(path), reported_outages(stack))
        check(not differences, "; ".join(differences[:5]))
        check_held(stack)
        print(f"# {waited} reports waited when the power was lost")


def own_certificates(stack, authority):
    """A certificate for each device of the fleet, of the key that it has; the folder."""
    folder = os.path.join(stack.folder, "certificates")
    for (area, device), key in flash_of(stack).keys().items():
        os.makedirs(os.path.join(folder, area), exist_ok=True)
        path, secret = authority.device("fleet", key, area, device)
        os.rename(path, os.path.join(folder, area, f"{device}.pem"))
        os.unlink(secret)
    return folder


def replay(stack, path, *how):
    """All of the file goes in by this way; what the fleet told."""
    told = json.loads(stack.fleet("replay", path, "--heartbeat", "1h", "--url", stack.url, "--json", *how))
    equal((told["acknowledged"], told["rejected"]), (told["reports"], {}), "the fleet's reports")
    wait_until("all of them are in the daemon", lambda: stack.status()["reports"] == told["reports"])
    differences = outage_differences(expected_outages(path), reported_outages(stack))
    check(not differences, "; ".join(differences[:5]))
    status = stack.status()
    equal((status["reports"], status["refused"]), (told["reports"], 0), "reports in the daemon, and those refused")
    check_held(stack)
    return told


@case
def test_coap_with_shared_keys():
    """One session of 60 is open at a time a thread, so that each has to make room."""
    with stack_in_folder(chain=False) as stack:
        path, port = slice_csv(stack.folder, 20), free_port()
        keys = write_private(os.path.join(stack.folder, "coap.psk"), b"")
        stack.write_config(coap_listen=f"127.0.0.1:{port}", coap_psk_file=keys)
        begin(stack, path)
        write_private(keys, "".join(f"{area}/{device}:{secrets.token_hex(16)}\n" for area, device in flash_of(stack).counters()).encode())
        stack.children["powertrackd"].send_signal(signal.SIGHUP)
        replay(stack, path, "--transport", "coap", "--via", f"127.0.0.1:{port}", "--psk-file", keys, "--connections", "8")


@case
def test_coap_with_certificates():
    with stack_in_folder(chain=False) as stack:
        path, port, authority = slice_csv(stack.folder, 20), free_port(), Authority(stack.folder)
        own = authority.issue("daemon", ec.generate_private_key(ec.SECP256R1()), "127.0.0.1", [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        stack.write_config(coap_listen=f"127.0.0.1:{port}", coap_certificate=own[0], coap_key=own[1], coap_client_ca=authority.path)
        begin(stack, path)
        folder = own_certificates(stack, authority)
        replay(stack, path, "--transport", "coap", "--via", f"127.0.0.1:{port}", "--certificates", folder, "--ca", authority.path)


@case
def test_https_with_certificates():
    """Devices have an address of their own, which takes nobody without a certificate."""
    with stack_in_folder(chain=False) as stack:
        path, port, authority = slice_csv(stack.folder, 20), free_port(), Authority(stack.folder)
        own = authority.issue("daemon", ec.generate_private_key(ec.SECP256R1()), "127.0.0.1", [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        devices = {"address": f"127.0.0.1:{port}", "serves": "devices", "certificate": own[0], "key": own[1], "client_certificates": "required",
                   "client_ca": authority.path}
        rest = {"address": f"127.0.0.1:{stack.http_port}", "serves": "public;devices;administration"}
        stack.write_config(http_listen=None, **{f"listen devices_{key}": value for key, value in devices.items()},
                           **{f"listen rest_{key}": value for key, value in rest.items()})
        begin(stack, path)
        folder = own_certificates(stack, authority)
        replay(stack, path, "--via", f"https://127.0.0.1:{port}", "--certificates", folder, "--ca", authority.path)


def broker_certificates(stack, broker):
    """The same, with the name that the broker gives whoever shows it."""
    folder = os.path.join(stack.folder, "certificates")
    for (area, device), key in flash_of(stack).keys().items():
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{area}/{device}")])
        os.makedirs(os.path.join(folder, area), exist_ok=True)
        with open(os.path.join(folder, area, f"{device}.pem"), "wb") as file:
            file.write(broker.authority.build(name, key, []).public_bytes(serialization.Encoding.PEM))
    return folder


@case
def test_mqtt():
    """Through a real broker, which dies in between and comes back; two connections are open at a time a thread."""
    with stack_in_folder(chain=False) as stack:
        path, broker = slice_csv(stack.folder, 20), Broker(stack)
        broker.start()
        broker.configure_daemon()
        begin(stack, path)
        how = ["--transport", "mqtt", "--via", f"127.0.0.1:{broker.port}", "--certificates", broker_certificates(stack, broker), "--ca", broker.authority.path]
        fleet = spawn(stack, path, speed_of(path, SECONDS), *how, "--connections", "8")
        wait_part(stack, path, 0.3)
        broker.stop(signal.SIGTERM)
        broker.start()
        equal(fleet.wait(PATIENCE_LONG), 0, "the fleet's exit code")
        wait_until("every counter is in the daemon", lambda: stack.status()["reports"] == sum(flash_of(stack).counters().values()))
        differences = outage_differences(expected_outages(path), reported_outages(stack))
        check(not differences, "; ".join(differences[:5]))
        check_held(stack)


if __name__ == "__main__":
    main()
