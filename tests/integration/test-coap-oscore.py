#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Devices over CoAP with OSCORE, which is for narrowband: what they are answered, in how many datagrams, and what is made of foreign, repeated and unprotected words.

Another's client speaks for them (oscore-device.py). The daemon needs a libcoap that has OSCORE, as Debian 13's; elsewhere it says so.
"""
import contextlib
import functools
import json
import os
import queue
import secrets
import socket
import subprocess
import threading

from pt_case import SOURCE, Skip, case, check, equal, main, stack_in_folder
from pt_coap import CBOR, JSON, compact, hang_up, log_of, read_cbor, relay, write_private
from pt_enroll import AREA as OFFICE_AREA
from pt_enroll import Office
from pt_world import World, resident_kib, wait_until

from pt_stack import PATIENCE, free_port, now_ms, program_path

AREA = "test-east"
HERE = os.path.dirname(os.path.abspath(__file__))


def refusal(stack):
    """What a daemon says that can't start with this configuration; None: it has nothing against it."""
    done = subprocess.run([program_path(stack.build, "powertrackd"), "--config", stack.config], capture_output=True, text=True, timeout=PATIENCE, check=False)
    return None if done.returncode == 0 else done.stderr


@functools.cache
def has_oscore():
    """Asked of the daemon itself, with a file that is none."""
    with stack_in_folder(chain=False) as stack:
        path = write_private(os.path.join(stack.folder, "oscore"), b"nothing\n")
        stack.write_config(coap_oscore_listen=f"127.0.0.1:{free_port()}", coap_oscore_file=path)
        os.makedirs(stack.state, mode=0o700, exist_ok=True)
        words = refusal(stack)
        if "has no OSCORE" in words:
            return False
        check("line 1 is not area/device:id:secret" in words, words)
        return True


def needs_oscore():
    if not has_oscore():
        raise Skip("the libcoap here has no OSCORE; Debian 13's (4.3.4) has")


def client_python():
    for folder in (os.path.join(SOURCE, "build"), os.environ.get("PT_BUILD_DIR") or ""):
        path = os.path.join(folder, "aiocoap", "bin", "python3")
        if os.access(path, os.X_OK):
            return path
    raise AssertionError("aiocoap is not installed; run `make deps`")


class Secrets:
    """The daemon's file of contexts."""

    def __init__(self, stack, *devices):
        self.path, self.lines = os.path.join(stack.folder, "coap.oscore"), {}
        for number, device in enumerate(devices, 1):
            self.lines[f"{AREA}/{device}"] = (f"{number:02x}", secrets.token_hex(16))
        self.write()

    def write(self):
        write_private(self.path, ("# a device a line\n" + "".join(f"{name}:{number}:{secret}\n" for name, (number, secret) in self.lines.items())).encode())


class Device:
    """Speaks by aiocoap, in a process of its own. Its context is @folder's, which outlives it."""

    def __init__(self, port, folder):
        self.process = subprocess.Popen([client_python(), os.path.join(HERE, "oscore-device.py"), str(port), folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))
        self.lines.put(["failed", "it ended"])

    def ask(self, method, path, body=b"", form=None, confirmable=False, repeated=False):
        self.process.stdin.write(json.dumps([method, path, form, body.hex(), confirmable, repeated]) + "\n")
        self.process.stdin.flush()
        return self.lines.get(timeout=PATIENCE)

    def post(self, body, form=CBOR, **more):
        """(code, slug of the refusal, whether it is protected)"""
        answer = self.ask("POST", "r", body, form, **more)
        check(answer[0] != "failed", f"an answer, not {answer}")
        return answer[0], bytes.fromhex(answer[3]).decode().split(":")[0], answer[4]

    def held(self):
        """The code of what is held; asked again where nothing is heard, as while the daemon begins anew."""
        return self.ask("GET", "held", repeated=True)[0]

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def device_of(port, folder):
    opened = Device(port, folder)
    try:
        yield opened
    finally:
        opened.close()


def context_of(stack, name, number, secret, used=0):
    """A device's context as it is enrolled, in a folder of its own; so many numbers of it were used."""
    folder = os.path.join(stack.folder, name)
    os.makedirs(folder, mode=0o700)
    write_private(os.path.join(folder, "settings.json"), json.dumps({"sender-id_hex": number, "recipient-id_hex": "", "secret_hex": secret}).encode())
    write_private(os.path.join(folder, "sequence.json"), json.dumps({"next-to-send": used, "received": "unknown"}).encode())
    return folder


@contextlib.contextmanager
def world_of(*devices, **settings):
    """(stack, world, secrets, port) of a daemon that these devices of AREA are registered with."""
    needs_oscore()
    with stack_in_folder(chain=False) as stack:
        port, keys = free_port(), Secrets(stack, *devices)
        stack.write_config(coap_oscore_listen=f"127.0.0.1:{port}", coap_oscore_file=keys.path, **settings)
        stack.start_daemon()
        world = World(stack, AREA)
        world.register(*devices)
        yield stack, world, keys, port
        equal(stack.stop("powertrackd"), 0, "its exit code")


def numbers(stack, name):
    return sorted(row["seq"] for row in stack.get(f"/sites/S-{name}/reports")["reports"])


TAKEN = ("2.04", "", True)


@case
def test_none_here():
    """Where libcoap has no OSCORE the daemon does not start with it, and says why; where it has, it wants both an address and secrets."""
    with stack_in_folder(chain=False) as stack:
        os.makedirs(stack.state, mode=0o700, exist_ok=True)
        path = write_private(os.path.join(stack.folder, "oscore"), b"")
        stack.write_config(coap_oscore_listen="127.0.0.1:5683")
        check("oscore_listen and oscore_file, both" in refusal(stack), "an address alone")
        stack.write_config(coap_oscore_listen=None, coap_oscore_file=path)
        check("oscore_listen and oscore_file, both" in refusal(stack), "secrets alone")
        stack.write_config(coap_oscore_listen="somewhere", coap_oscore_file=path)
        words = refusal(stack)
        check("Debian 13's (4.3.4) has it" in words if not has_oscore() else "is no numeric address and port" in words, words)
        check(", line " in words, words)


@case
def test_reports():
    """A report in both forms, what repeats one, another's, what is held; one datagram each way."""
    with world_of("tx-1", "tx-2") as (stack, world, keys, port), relay(port) as between:
        with device_of(between.port, context_of(stack, "one", *keys.lines[f"{AREA}/tx-1"])) as device:
            first = world.report("tx-1", "OFF")
            equal(device.post(compact(first)), TAKEN, "the first")
            equal((len(between.up), len(between.down)), (2, 2), "it is asked to say that it is now (Echo), and says it again")
            equal(numbers(stack, "tx-1"), [1], "it is there before its answer")
            sizes = []
            for _ in range(5):
                before = len(between.up), len(between.down)
                equal(device.post(compact(world.report("tx-1"))), TAKEN, "a report")
                equal((len(between.up) - before[0], len(between.down) - before[1]), (1, 1), "datagrams each way")
                sizes.append((len(between.up[-1]), len(between.down[-1])))
            print(f"# bytes of a compact report and its answer: {sizes[-1]}; without OSCORE its body has {len(compact(first))}")
            equal(device.post(compact(first)), TAKEN, "once more")
            equal(device.post(first, JSON), TAKEN, "and as JSON")
            equal(device.post(compact(world.report("tx-1")), confirmable=True), TAKEN, "one that is confirmable")
            equal(device.post(world.report("tx-2"), JSON), ("4.03", "not-yours", True), "another's report")
            equal(device.post(compact(world.report("tx-2"))), ("4.03", "bad-signature", True), "another's, compact")
            equal(device.post(b"\x80"), ("4.00", "malformed", True), "what is no report")
            equal(device.ask("GET", "r")[0], "4.05", "a report is not asked for")
            code, form, _, payload, is_protected = device.ask("GET", "held")
            equal((code, form, is_protected), ("2.05", CBOR, True), "held")
            equal(read_cbor(bytes.fromhex(payload))[:2], [7, b""], "the highest counter, and that none is missing")
        equal((numbers(stack, "tx-1"), numbers(stack, "tx-2")), ([1, 2, 3, 4, 5, 6, 7], []), "each once, and nothing of the other")


@case
def test_strangers():
    """Who has no secret, or another's, or protects nothing is refused; what is damaged or replayed changes nothing, and the device goes on."""
    with world_of("tx-1", "tx-2") as (stack, world, keys, port), relay(port) as between:
        number, _ = keys.lines[f"{AREA}/tx-1"]
        with device_of(between.port, context_of(stack, "one", *keys.lines[f"{AREA}/tx-1"])) as device:
            equal(device.post(compact(world.report("tx-1"))), TAKEN, "its own")
            taken, answers = between.up[-1], len(between.down)
            between.send_up(taken)
            wait_until("the replayed datagram is answered", lambda: len(between.down) > answers)
            equal(plain(between.down[-1]), ("4.01", "Replay detected"), "a replayed datagram")
            answers = len(between.down)
            between.send_up(taken[:-1] + bytes([taken[-1] ^ 1]), taken[:-9], taken[:3], b"\x40", b"")
            wait_until("the damaged one is answered", lambda: len(between.down) > answers)
            equal(device.post(compact(world.report("tx-1"))), TAKEN, "the next of its own")
        for name, how in {"another's secret": (number, secrets.token_hex(16)), "the other device's ID with its own secret": ("02", keys.lines[f"{AREA}/tx-1"][1])}.items():
            with device_of(port, context_of(stack, name, *how, used=1000)) as stranger:
                equal(stranger.post(compact(world.report("tx-1"))), ("4.00", "Decryption failed", False), name)
        with device_of(port, context_of(stack, "nobody", "77", secrets.token_hex(16))) as stranger:
            equal(stranger.post(compact(world.report("tx-1"))), ("4.01", "unauthorized", False), "an ID that nobody has")
        with device_of(port, "-") as stranger:
            for path in ("r", "held", "nothing", ".well-known/core"):
                for confirmable in (False, True):
                    code, _, _, payload, _ = stranger.ask("POST" if path == "r" else "GET", path, b"", confirmable=confirmable)
                    equal((code, bytes.fromhex(payload)), ("4.01", b"unauthorized: Protect it with OSCORE."), f"unprotected {path}")
        equal((numbers(stack, "tx-1"), numbers(stack, "tx-2")), ([1, 2], []), "nothing of it")


def plain(datagram):
    """(code, payload) of an answer that nothing protects."""
    code = f"{datagram[1] >> 5}.{datagram[1] & 31:02}"
    return code, datagram[datagram.index(0xFF, 4 + (datagram[0] & 15)) + 1:].decode()


@case
def test_flood():
    """Any number of forged datagrams that say to be a device's: what is kept of them is bounded, and the device is heard."""
    with world_of("tx-1") as (stack, world, keys, port):
        with device_of(port, context_of(stack, "one", *keys.lines[f"{AREA}/tx-1"])) as device, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            equal(device.post(compact(world.report("tx-1"))), TAKEN, "before")
            stranger.settimeout(PATIENCE)
            stranger.connect(("127.0.0.1", port))

            def forge(count):
                for i in range(count):
                    stranger.send(b"\x58\x02" + i.to_bytes(2, "big") + secrets.token_bytes(8) + b"\x94\x0a\x7f\xff\x01\xff" + secrets.token_bytes(40))
                    equal(stranger.recv(2048)[1], 0x80, "it can't be decrypted")

            forge(5000)
            before = resident_kib(stack.children["powertrackd"].pid)
            forge(50000)
            grown = resident_kib(stack.children["powertrackd"].pid) - before
            print(f"# 50,000 forged datagrams from one address: {grown} KiB more")
            check(grown < 5000, f"{grown} KiB more after 50,000 forged datagrams")
            equal(device.post(compact(world.report("tx-1"))), TAKEN, "after")


@case
def test_restart():
    """After a restart a datagram of before is no second report, the device proves that it is there, and the daemon uses no number a second time."""
    with world_of("tx-1") as (stack, world, keys, port), relay(port) as between:
        folder = context_of(stack, "one", *keys.lines[f"{AREA}/tx-1"])
        with device_of(between.port, folder) as device:
            equal((device.post(compact(world.report("tx-1"))), device.post(compact(world.report("tx-1")))), (TAKEN, TAKEN), "before")
            asked, echo, early = between.down[0], *between.up[1:]
            equal(stack.stop("powertrackd"), 0, "its exit code")
            stack.start_daemon()
            answers = len(between.down)
            between.send_up(echo, early)  # that with an Echo of before is not answered at all
            wait_until("a datagram of before is answered", lambda: len(between.down) > answers)
            equal(between.down[-1][1], 0x44, "it is asked for an Echo, protected")
            check(number_of(between.down[-1]) > number_of(asked), "by another number than before")
            equal(numbers(stack, "tx-1"), [1, 2], "and is no report")
            before = len(between.up), len(between.down)
            equal(device.post(compact(world.report("tx-1"))), TAKEN, "after it was asked, too")
            equal((len(between.up) - before[0], len(between.down) - before[1]), (2, 2), "datagrams")
            equal(device.post(compact(world.report("tx-1"))), TAKEN, "then as ever")
            equal((len(between.up) - before[0], len(between.down) - before[1]), (3, 3), "datagrams")
        with device_of(between.port, folder) as device:
            equal(device.post(compact(world.report("tx-1"))), TAKEN, "a device that was started anew, with its number kept")
        equal(numbers(stack, "tx-1"), [1, 2, 3, 4, 5], "each once")


def number_of(datagram):
    """The partial IV of an answer: in its OSCORE option, which is its first."""
    at = 4 + (datagram[0] & 15)
    equal(datagram[at] >> 4, 9, "an OSCORE option")
    return int.from_bytes(datagram[at + 2:at + 2 + (datagram[at + 1] & 7)], "big")


@case
def test_changed_secrets():
    """On SIGHUP a new device is known, and a secret that is gone or another does not work any more; those of the others do."""
    with world_of("tx-1", "tx-2") as (stack, world, keys, port), contextlib.ExitStack() as opened:
        one, two = (opened.enter_context(device_of(port, context_of(stack, name, *keys.lines[f"{AREA}/{name}"]))) for name in ("tx-1", "tx-2"))
        equal((one.post(compact(world.report("tx-1"))), two.post(compact(world.report("tx-2")))), (TAKEN, TAKEN), "both")
        world.register("tx-3")
        keys.lines[f"{AREA}/tx-3"] = ("0100", secrets.token_hex(32))
        keys.write()
        hang_up(stack)
        three = opened.enter_context(device_of(port, context_of(stack, "tx-3", *keys.lines[f"{AREA}/tx-3"])))
        wait_until("the new one is known", lambda: three.held() == "2.05")
        equal(three.post(compact(world.report("tx-3"))), TAKEN, "it reports")
        keys.lines[f"{AREA}/tx-1"] = (keys.lines[f"{AREA}/tx-1"][0], secrets.token_hex(16))
        del keys.lines[f"{AREA}/tx-2"]
        keys.write()
        hang_up(stack)
        wait_until("the one that is gone is nobody", lambda: two.held() == "4.01")
        equal(one.post(compact(world.report("tx-1")))[0], "4.00", "an old secret")
        renewed = opened.enter_context(device_of(port, context_of(stack, "renewed", *keys.lines[f"{AREA}/tx-1"])))
        equal((renewed.post(compact(world.report("tx-1"))), three.post(compact(world.report("tx-3")))), (TAKEN, TAKEN), "the new one, and who has the same")
        write_private(keys.path, b"nonsense\n")
        hang_up(stack)
        wait_until("it says what is wrong", lambda: "line 1 is not area/device:id:secret" in log_of(stack))
        equal(three.post(compact(world.report("tx-3"))), TAKEN, "and goes on with what it had")
        world.take("/registrations", [world.device("tx-3", status="revoked", ts=now_ms() + 1)])
        equal(three.post(compact(world.report("tx-3"))), ("4.03", "revoked-device", True), "who is revoked, whatever its secret")


@case
def test_woken():
    """A device that wakes without its memory says what it said before, in a message with the same id and token, and is judged anew."""
    with world_of("tx-1") as (stack, world, keys, port):
        keys.lines[f"{AREA}/tx-2"] = ("02", secrets.token_hex(16))
        keys.write()
        hang_up(stack)
        folder, report = context_of(stack, "tx-2", *keys.lines[f"{AREA}/tx-2"]), compact(world.report("tx-2"))
        with device_of(port, folder) as device:
            wait_until("its secret is known", lambda: device.held() == "4.04")
        for wanted in (("4.04", "unknown-device", True), TAKEN, TAKEN):
            with device_of(port, folder) as device:
                equal(device.post(report), wanted, "the same again")
            world.register("tx-2")


@case
def test_enrolled():
    """A device comes in with what its enrolment gave it; one that is enrolled again keeps it."""
    needs_oscore()
    with stack_in_folder(chain=False) as stack:
        place, port, path = Office(stack), free_port(), write_private(os.path.join(stack.folder, "coap.oscore"), b"")
        stack.write_config(coap_oscore_listen=f"127.0.0.1:{port}", coap_oscore_file=path)
        stack.start_daemon()
        stack.register_areas(OFFICE_AREA)
        place.enroll("--csv", place.csv(*place.rows(2)), "--oscore-file", path, "--oscore", f"coap://127.0.0.1:{port}")
        hang_up(stack)
        given = place.provisioning("tx-2")["oscore"]
        with device_of(port, context_of(stack, "tx-2", given["sender_id"], given["master_secret"])) as device:
            wait_until("it is known", lambda: device.held() == "2.05")
            equal(device.post(compact(place.report(place.provisioning("tx-2"), 1))), TAKEN, "its report")
            place.rotate("--device", "tx-2", "--area", OFFICE_AREA, "--oscore-file", path)
            equal(place.provisioning("tx-2")["oscore"], given, "what a rotation leaves")
            equal(device.post(compact(place.report(place.provisioning("tx-2"), 2))), TAKEN, "a report by its new key")


if __name__ == "__main__":
    main()
