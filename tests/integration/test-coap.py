#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Devices over CoAP and DTLS: who they are, what they are answered, and what is made of damaged, repeated and foreign words."""
import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from pt_case import VECTORS, case, check, equal, main, stack_in_folder
from pt_coap import CBOR, JSON, Authority, compact, hang_up, log_of, probe, read_cbor, relay, write_private
from pt_formats import encode64, load_pem, sign, verify_bytes
from pt_world import World, ask, wait_until

from pt_stack import PATIENCE, free_port, now_ms, program_path

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
        check_shut_out(port, compact(world.report("tx-1")), {"another's key": ("psk", me, keys.keys[f"{AREA}/tx-2"].hex()), "nobody": ("psk", f"{AREA}/tx-9", "00" * 16),
                                                             "no name": ("psk", "tx-1", "00" * 16)})
        with probe(port, *keys.how(f"{AREA}/tx-2")) as device:
            check_held(stack, device.ask("get", "held"), "tx-2", 0, set())
        equal(numbers(stack, "tx-1"), [1, 2, 3, 4, 40], "nothing of it")


def check_shut_out(port, report, strangers):
    """None of them gets a session; they give up soon, since nobody tells a client whose words can't be read."""
    with contextlib.ExitStack() as sessions:
        opened = {name: sessions.enter_context(probe(port, f"{how[0]}-briefly", *how[1:])) for name, how in strangers.items()}
        for stranger in opened.values():
            stranger.send("post", "r", report, CBOR)
        for name, stranger in opened.items():
            equal(stranger.hear().code, "failed", name)


def check_held(stack, answer, name, highest, missing):
    equal((answer.code, answer.format), ("2.05", CBOR), f"held of {name}: {answer}")
    got, bits, ts, signature = read_cbor(answer.payload)
    equal(got, highest, "the highest counter")
    equal({highest - 1 - i for i in range(8 * len(bits)) if bits[i // 8] >> i % 8 & 1}, missing, "what is missing")
    words = {"area": AREA, "device": name, "format": "powertrack-held-1", "highest": highest, "missing": sorted(missing), "ts": ts}
    text = json.dumps(words, sort_keys=True, separators=(",", ":")).encode()
    verify_bytes(b"powertrack held v1\n" + text, encode64(signature), load_pem(stack.service_key).public_key())


@case
def test_certificates():
    """Each name that a certificate may say its device by; and who has none, another's, an old one, or one of another key."""
    with world_of("tx-1", "tx-2", certificates=True) as (stack, world, _, authority, port):
        ca, other = authority.path, Authority(stack.folder, "foreign")
        urn = x509.UniformResourceIdentifier(f"urn:powertrack:{AREA}:tx-1")
        for file, common, names in (("both", "tx-1", [x509.DNSName(f"tx-1.{AREA}"), urn]), ("urn", "x", [urn]), ("dns", "", [x509.DNSName(f"tx-1.{AREA}")]), ("cn", f"{AREA}/tx-1", []),
                                    ("first", "x", [x509.DNSName("www.example.org"), urn])):
            path, key = authority.issue(file, world.key, common, names)
            with probe(port, "pki", path, key, ca) as device:
                equal(said(device.post(compact(world.report("tx-1")))), ("2.04", ""), f"named by {file}")
                equal(said(device.post(world.report("tx-2"), JSON)), ("4.03", "not-yours"), f"another's report, named by {file}")
                check_held(stack, device.ask("get", "held"), "tx-1", world.seq[AREA, "tx-1"], set())
        taken = numbers(stack, "tx-1")
        stranger = ec.generate_private_key(ec.SECP256R1())
        path, key = authority.device("clone", stranger, AREA, "tx-1")
        with probe(port, "pki", path, key, ca) as device:
            equal(said(device.post(compact(world.report("tx-1")))), ("4.03", "not-yours"), "another key than the registered one")
        path, key = authority.issue("nobody", world.key, "somebody", [x509.DNSName("localhost")])
        with probe(port, "pki", path, key, ca) as device:
            equal(said(device.post(compact(world.report("tx-1")))), ("4.01", "unauthorized"), "a certificate that names no device")
            equal(device.ask("get", "held").code, "4.01", "held of nobody")
        path, key = authority.device("unknown", world.key, AREA, "tx-9")
        with probe(port, "pki", path, key, ca) as device:
            equal(said(device.post(compact(world.report("tx-1")))), ("4.04", "unknown-device"), "a device that is not registered")
        shut_out = {"of a foreign authority": (*other.device("theirs", world.key, AREA, "tx-1"), ca), "expired": (*authority.device("old", world.key, AREA, "tx-1", days=-1), ca), "none": ("-", "-", ca)}
        check_shut_out(port, compact(world.report("tx-1")), {name: ("pki", *how) for name, how in shut_out.items()})
        equal(numbers(stack, "tx-1"), taken, "nothing of it")


@case
def test_others_words():
    """A session speaks for its own device, whatever it says; and a device that is revoked is not heard."""
    with world_of("tx-1", "tx-2") as (stack, world, keys, _, port):
        with probe(port, *keys.how(f"{AREA}/tx-1")) as device:
            equal(said(device.post(world.report("tx-2"), JSON)), ("4.03", "not-yours"), "another's report")
            equal(said(device.post(compact(world.report("tx-2")))), ("4.03", "bad-signature"), "another's, compact")
            report = world.report("tx-1")
            equal(said(device.post(compact(report))), ("2.04", ""), "its own")
            words = json.loads(report)
            words.pop("sig")
            equal(said(device.post(compact(sign({**words, "power": "OFF"}, world.key)))), ("4.09", "stale-seq"), "its counter for other words")
            equal(said(device.post(compact(world.report("tx-1", ts=now_ms() + 3600_000)))), ("4.00", "clock-skew"), "an hour ahead")
            equal(said(device.post(compact(world.report("tx-1", ts=1000)))), ("2.04", ""), "years behind")
            world.take("/registrations", [world.device("tx-1", status="revoked", ts=now_ms() + 1)])
            equal(said(device.post(compact(world.report("tx-1")))), ("4.03", "revoked-device"), "in the session that it has")
        with probe(port, *keys.how(f"{AREA}/tx-1")) as device:
            equal(said(device.post(compact(world.report("tx-1")))), ("4.03", "revoked-device"), "and in another")
        equal(numbers(stack, "tx-2"), [], "nothing of the other")


@case
def test_malformed():
    """What is no compact report in its one form is refused, and nothing else happens."""
    with open(os.path.join(VECTORS, "v2", "compact-reports.json"), encoding="utf-8") as file:
        vectors = json.load(file)
    who = vectors["registry"]
    with world_of("tx-1") as (stack, world, keys, _, port):
        area, device = who["area"], who["device"]
        stack.register_areas(area)
        entry = {"kind": "device", "area": area, "ts": now_ms(), "device": device, "key": who["key"], "level": "transformer", "customers": 3, "status": "active",
                 "site": who["site"], "lat": who["lat"], "lon": who["lon"]}
        world.take("/registrations", [sign(entry, world.authority)])
        keys.keys[f"{area}/{device}"] = secrets.token_bytes(32)
        keys.write()
        hang_up(stack)
        with enter_when_known(port, keys.how(f"{area}/{device}")) as probe_of:
            for vector in vectors["invalid"]:
                code, slug = said(probe_of.post(bytes.fromhex(vector["cbor_hex"])))
                wanted = [("4.00", "malformed"), ("4.00", "not-canonical")]
                if vector["why"].startswith("sig ") or vector["why"].endswith(("than signed", "after signing")):
                    wanted.append(("4.03", "bad-signature"))
                check((code, slug) in wanted, f"{vector['why']}: {code} {slug}")
            for junk in (b"", b"\x00" * 1024, b"{}", b"\xff" * 600):
                equal(said(probe_of.post(junk, JSON)), ("4.00", "malformed"), f"{junk[:4]} as JSON")
            equal(said(probe_of.post(bytes.fromhex(vectors["reports"][0]["cbor_hex"]))), ("2.04", ""), "and a good one is taken")


@contextlib.contextmanager
def enter_when_known(port, how):
    """A session, once the daemon has read its key."""

    def attempt():
        with probe(port, f"{how[0]}-briefly", *how[1:]) as early:
            return early.ask("get", "held").code != "failed"

    wait_until("the new key is known", attempt)
    with probe(port, *how) as device:
        yield device


@case
def test_said_again():
    """A message id that comes again: the same message is one report with one answer, another message is another report."""
    with world_of("tx-1") as (stack, world, keys, _, port):
        with probe(port, *keys.how(f"{AREA}/tx-1")) as device:
            first, before = compact(world.report("tx-1")), handed_in(stack)
            for _ in range(5):
                equal(said(device.post(first, number=700, token="aa01")), ("2.04", ""), "the same message")
                device.ask("get", "held")  # libcoap's client passes over an answer whose id is that of the one before
            equal(handed_in(stack), before + 1, "it was handed in once")
            equal(said(device.post(compact(world.report("tx-1")), number=700, token="aa02")), ("2.04", ""), "another with its id")
            device.ask("get", "held")
            equal(said(device.post(compact(world.report("tx-1")), number=700, token="aa02")), ("2.04", ""), "another with its id and token")
            for _ in range(3):
                equal(said(device.post(b"\x80", number=701, token="aa03")), ("4.00", "malformed"), "a refused one")
                device.ask("get", "held")
            for number in range(200):
                device.send("post", "r", compact(world.report("tx-1")), CBOR, number=1000 + number)
            codes = [device.hear().code for _ in range(200)]
            check(set(codes) <= {"2.04", "5.03"}, f"many at once: {set(codes)}")
            check_held(stack, device.ask("get", "held"), "tx-1", *held_of(stack))


def handed_in(stack):
    """Of all that the intake was given, what became of it."""
    totals = ("powertrack_accepted_total ", "powertrack_duplicates_total ", "powertrack_refused_total ")
    return sum(int(line.split()[-1]) for line in ask(stack, "/metrics")[2].decode().splitlines() if line.startswith(totals))


def held_of(stack):
    """The same over HTTP."""
    words = stack.get(f"/devices/{AREA}/tx-1/held")
    return words["highest"], set(words["missing"])


@case
def test_blocks():
    """A body in blocks is one report; one that is too long is none."""
    with world_of("tx-1") as (stack, world, keys, _, port):
        with probe(port, *keys.how(f"{AREA}/tx-1")) as device:
            report = world.report("tx-1")
            check(len(report) > 128, "several blocks")
            equal(said(device.post(report, JSON, kind="block")), ("2.04", ""), "in blocks")
            equal(said(device.post(report, JSON, kind="block")), ("2.04", ""), "once more")
            equal(said(device.post(b" " * 70000, JSON, kind="block")), ("4.13", "too-large"), "70,000 bytes")
            equal(said(device.post(compact(world.report("tx-1")))), ("2.04", ""), "and one at once")
            equal(numbers(stack, "tx-1"), [1, 2], "each once")


@case
def test_datagrams():
    """Damaged, cut, repeated and foreign datagrams change nothing; a handshake begins with a cookie."""
    with world_of("tx-1") as (stack, world, keys, _, port), relay(port) as between:
        with probe(between.port, *keys.how(f"{AREA}/tx-1")) as device:
            equal(said(device.post(compact(world.report("tx-1")))), ("2.04", ""), "through the relay")
            equal((between.down[0][0], between.down[0][13]), (22, 3), "the first answer is HelloVerifyRequest")
            check(len(between.down[0]) <= len(between.up[0]), "which is no longer than what asked for it")
            before = handed_in(stack)
            between.send_up(*between.up)
            for data in list(between.up):
                between.send_up(*(data[:size] for size in (0, 1, 12, 13, 14, len(data) // 2, len(data) - 1)), data[:-1] + bytes([data[-1] ^ 1]), data + data, secrets.token_bytes(len(data)))
            for _ in range(3):
                equal(said(device.post(compact(world.report("tx-1")))), ("2.04", ""), "the session goes on")
            equal(handed_in(stack), before + 3, "what came again was not handed in again")
            state = {"cut": 0}

            def damage(is_up, data):
                state["cut"] += 1
                return [data[:20], data, data, b"\x17\xfe\xfd" + secrets.token_bytes(40)] if state["cut"] % 2 else [data, data[:-3]]

            between.change = damage
            for _ in range(5):
                equal(said(device.post(compact(world.report("tx-1")))), ("2.04", ""), "between damaged ones")
            between.change = lambda is_up, data: [data]
            equal(numbers(stack, "tx-1"), list(range(1, 10)), "each once")
        hello = between.up[0]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.connect(("127.0.0.1", port))
            stranger.settimeout(PATIENCE)
            stranger.send(between.up[1])  # another address' cookie
            answer = stranger.recv(4096)
            equal((answer[0], answer[13]), (22, 3), "is not believed: another cookie is sent")
            for data in (b"", b"\x16", hello[:20], hello[:-1], secrets.token_bytes(1200), b"\x80" * 13, b"@\x02\x00\x01\xb1r"):
                stranger.send(data)
            stranger.send(hello)
            equal(stranger.recv(4096)[13], 3, "and it goes on")
        with probe(port, *keys.how(f"{AREA}/tx-1")) as device:
            equal(said(device.post(compact(world.report("tx-1")))), ("2.04", ""), "and on")


def many_addresses(port, count, *datagrams):
    """Each of these from @count addresses of this machine that hear nothing."""
    for number in range(count):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind((f"127.7.{number // 250}.{number % 250 + 1}", 0))
            for data in datagrams:
                stranger.sendto(data, ("127.0.0.1", port))


@case
def test_forged_hellos():
    """Hellos of any number of forged addresses, without a cookie, with another's and in disguise, keep nobody out; and of none anything is kept."""
    with world_of("tx-1") as (stack, world, keys, _, port), relay(port) as between:
        with probe(between.port, *keys.how(f"{AREA}/tx-1")) as device:
            equal(said(device.post(compact(world.report("tx-1")))), ("2.04", ""), "before")
            hello, cookie = between.up[:2]
            forged = (hello, cookie, hello[:3] + b"\x00\x01" + hello[5:], hello[:19] + b"\x00\x00\x01" + hello[22:])
            for _ in range(3):
                many_addresses(port, 1500, *forged)
                equal(said(device.post(compact(world.report("tx-1")))), ("2.04", ""), "who is in stays in")
                with probe(port, *keys.how(f"{AREA}/tx-1")) as another:
                    equal(said(another.post(compact(world.report("tx-1")))), ("2.04", ""), "and who comes is let in")
            answers = between.down[:]
            equal([answer[13] for answer in answers if answer[0] == 22 and answer[3:5] == b"\x00\x00"].count(3), 1, "one cookie is enough")


@case
def test_full():
    """Beyond what may wait a device hears when to come again, and loses nothing."""
    with world_of("tx-1", intake_queue_lines=1) as (stack, world, keys, _, port):
        with probe(port, *keys.how(f"{AREA}/tx-1")) as device:

            def crowd():
                sent = {device.send("post", "r", compact(world.report("tx-1")), CBOR): world.seq[AREA, "tx-1"] for _ in range(40)}
                answers = [device.hear() for _ in sent]
                for answer in answers:
                    check(answer.code in ("2.04", "5.03"), f"{answer}")
                    if answer.code == "5.03":
                        equal((said(answer)[1], answer.max_age), ("busy", 10), "when to come again")
                taken.extend(sent[answer.token] for answer in answers if answer.code == "2.04")
                return any(answer.code == "5.03" for answer in answers)

            taken = []
            wait_until("one is refused for now", crowd)
            missing = set(range(1, max(taken))) - set(taken)
            check_held(stack, device.ask("get", "held"), "tx-1", max(taken), missing)


@case
def test_reload():
    """Keys that are gone end their sessions; new ones are known; a damaged file changes nothing; another certificate begins anew."""
    with world_of("tx-1", "tx-2", certificates=True) as (stack, world, keys, authority, port):
        me, you = f"{AREA}/tx-1", f"{AREA}/tx-2"
        with probe(port, *keys.how(me)) as gone, probe(port, *keys.how(you)) as stays:
            equal(said(gone.post(compact(world.report("tx-1")))), ("2.04", ""), "before")
            equal(said(stays.post(compact(world.report("tx-2")))), ("2.04", ""), "the other")
            old = keys.how(me)
            write_private(keys.path, b"nonsense\n")
            hang_up(stack)
            wait_until("it is warned of", lambda: "The keys stay as they were" in log_of(stack))
            equal(said(gone.post(compact(world.report("tx-1")))), ("2.04", ""), "with a damaged file")
            keys.keys[me] = secrets.token_bytes(32)
            keys.write()
            hang_up(stack)
            equal(gone.hear().code, "failed", "its session ends")
            equal(said(stays.post(compact(world.report("tx-2")))), ("2.04", ""), "the other stays")
        check_shut_out(port, compact(world.report("tx-1")), {"the old key": old})
        with probe(port, *keys.how(me)) as device:
            equal(said(device.post(compact(world.report("tx-1")))), ("2.04", ""), "the new key")
        new = Authority(stack.folder, "renewed")
        how = new.device("device", world.key, AREA, "tx-1")
        old = authority.device("device", world.key, AREA, "tx-1")
        own = new.issue("daemon", ec.generate_private_key(ec.SECP256R1()), "127.0.0.1", [x509.DNSName("localhost")])
        for target, source in ((stack.settings["coap_certificate"], own[0]), (stack.settings["coap_key"], own[1]), (stack.settings["coap_client_ca"], new.path)):
            shutil.copy(source, target + ".new")
            os.chmod(target + ".new", 0o600)
            os.replace(target + ".new", target)
        hang_up(stack)
        with enter_when_known(port, ("pki", *how, new.path)) as device:
            equal(said(device.post(compact(world.report("tx-1")))), ("2.04", ""), "of the new authority")
        check_shut_out(port, compact(world.report("tx-1")), {"of the old one": ("pki", *old, new.path)})


@case
def test_refused_start():
    """What is wrong with [coap] is said with its line."""
    with stack_in_folder(chain=False) as stack:
        os.makedirs(stack.state, mode=0o700, exist_ok=True)
        keys = Secrets(stack, f"{AREA}/tx-1")
        own = Authority(stack.folder)
        path, key = own.issue("daemon", ec.generate_private_key(ec.SECP256R1()))
        _, other = own.issue("other", ec.generate_private_key(ec.SECP256R1()))
        certificate = {"coap_certificate": path, "coap_key": key, "coap_client_ca": own.path}
        listen = f"127.0.0.1:{free_port()}"
        rows = [({"coap_listen": "localhost:1"}, "no numeric address"), ({"coap_listen": "192.0.2.1:5684"}, "Nobody can listen there"), ({"coap_psk_file": keys.path + "x"}, "No such file"),
                ({**certificate, "coap_key": other}, "is not the key"), ({**certificate, "coap_client_ca": key}, "holds no certificate"), ({**certificate, "coap_certificate": keys.path}, "holds no certificate")]
        for settings, words in rows:
            stack.settings = {name: value for name, value in stack.settings.items() if not name.startswith("coap_")}
            stack.write_config(**{"coap_listen": listen, "coap_psk_file": keys.path, **settings})
            done = subprocess.run([program_path(stack.build, "powertrackd"), "--config", stack.config], capture_output=True, text=True, timeout=PATIENCE, check=False)
            check(done.returncode == 1 and words in done.stderr and ", line " in done.stderr, f"{settings}: {done.returncode} {done.stderr}")
        os.chmod(keys.path, 0o644)
        stack.write_config(coap_certificate=None, coap_key=None, coap_client_ca=None)
        done = subprocess.run([program_path(stack.build, "powertrackd"), "--config", stack.config], capture_output=True, text=True, timeout=PATIENCE, check=False)
        check(done.returncode == 1 and "Others can read" in done.stderr, done.stderr)


@case
def test_anothers_client():
    """Debian's coap-client, by a shared key: what there is, a report in JSON, and held."""
    client = shutil.which("coap-client-openssl")
    check(client, "coap-client-openssl is not installed; run `make deps`")
    with world_of("tx-1") as (stack, world, keys, _, port):
        me, target = f"{AREA}/tx-1", f"coaps://127.0.0.1:{port}"
        keys.keys[me] = b"sixteen letters."
        keys.write()
        hang_up(stack)
        with enter_when_known(port, keys.how(me)):
            pass

        def run(*arguments):
            done = subprocess.run([client, "-u", me, "-k", "sixteen letters.", "-B", str(PATIENCE), *arguments], capture_output=True, timeout=PATIENCE, check=False)
            return done.stdout.strip(), done.stderr

        check(b"</r>" in run(f"{target}/.well-known/core")[0], "what there is")
        path = os.path.join(stack.folder, "report.json")
        with open(path, "wb") as file:
            file.write(world.report("tx-1"))
        out, error = run("-m", "post", "-t", str(JSON), "-f", path, f"{target}/r")
        equal(out, b"", f"nothing is said against it: {error}")
        equal(numbers(stack, "tx-1"), [1], "it is there")
        out, error = run("-m", "post", "-t", str(JSON), "-e", "nonsense", f"{target}/r")
        check(b"malformed: " in out + error, f"why it is refused: {out} {error}")


def sessions_of(stack):
    found = dict(line.split() for line in ask(stack, "/metrics")[2].decode().splitlines() if line.startswith("powertrack_coap_sessions"))
    return int(found["powertrack_coap_sessions"]), int(found["powertrack_coap_sessions_total"])


@case
def test_bounded_sessions():
    """A device has four sessions at most; where there are more in all than may be the one that was quiet longest ends; and one that is quiet for too long."""
    names = ("tx-1", "tx-2", "tx-3")
    with world_of(*names, coap_max_sessions=8) as (stack, world, keys, _, port):
        with contextlib.ExitStack() as sessions:

            def enter(name):
                device = sessions.enter_context(probe(port, *keys.how(f"{AREA}/{name}")))
                equal(said(device.post(compact(world.report(name)))), ("2.04", ""), f"{name} is let in")
                return device

            mine = [enter("tx-1") for _ in range(6)]
            for device in mine[:2]:
                equal(device.hear().code, "failed", "a device's own oldest end first")
            others = [enter(name) for name in ("tx-2",) * 4 + ("tx-3",) * 3]
            for device in mine[2:5]:
                equal(device.hear().code, "failed", "who was quiet longest is told that it is over")
            opened, begun = sessions_of(stack)
            check(opened == 8 and begun >= 13, f"sessions that are open: {opened}; that began: {begun}")
            for name, device in zip(("tx-1",) + ("tx-2",) * 4 + ("tx-3",) * 3, [mine[5], *others]):
                equal(said(device.post(compact(world.report(name)))), ("2.04", ""), "the others go on")
    with world_of("tx-1", coap_idle_timeout="1s") as (stack, world, keys, _, port):
        with probe(port, *keys.how(f"{AREA}/tx-1")) as device:
            equal(said(device.post(compact(world.report("tx-1")))), ("2.04", ""), "let in")
            equal(device.hear().code, "failed", "and out when it is quiet")


if __name__ == "__main__":
    main()
