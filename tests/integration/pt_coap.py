# SPDX-License-Identifier: Apache-2.0
"""Devices that speak CoAP over DTLS: their keys and certificates, coap-probe at the other end, and a relay of datagrams between."""
import collections
import contextlib
import datetime
import json
import os
import queue
import selectors
import signal
import socket
import subprocess
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pt_case import BUILD, check
from pt_formats import decode64

from pt_stack import PATIENCE

JSON, CBOR = 50, 60
Answer = collections.namedtuple("Answer", "code token max_age format payload")


# CBOR, as much as a compact report needs


def head(kind, number):
    for size, mark in ((1, 24), (2, 25), (4, 26), (8, 27)):
        if size == 1 and number < 24:
            return bytes([kind << 5 | number])
        if number < 1 << 8 * size:
            return bytes([kind << 5 | mark]) + number.to_bytes(size, "big")
    raise ValueError(number)


def compact(report):
    """The compact form of a signed report's JSON."""
    entry = json.loads(report)
    power = b"\xf5" if entry["power"] == "ON" else b"\xf4"
    return b"\x84" + head(0, entry["seq"]) + head(0, entry["ts"]) + power + head(2, 64) + decode64(entry["sig"], 64)


def read_cbor(data):
    """The array of integers and byte strings that `held` is."""

    def item(at):
        kind, number = data[at] >> 5, data[at] & 31
        at += 1
        if number >= 24:
            size = 1 << (number - 24)
            number = int.from_bytes(data[at:at + size], "big")
            at += size
        if kind == 2:
            return data[at:at + number], at + number
        if kind == 4:
            values = []
            for _ in range(number):
                value, at = item(at)
                values.append(value)
            return values, at
        check(kind == 0, f"kind {kind} in {data.hex()}")
        return number, at

    value, end = item(0)
    check(end == len(data), f"nothing after it: {data.hex()}")
    return value


# Certificates


def write_private(path, data):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    return path


class Authority:
    """Signs certificates, and writes them below @folder."""

    def __init__(self, folder, name="devices"):
        self.folder, self.name, self.key = folder, name, ec.generate_private_key(ec.SECP256R1())
        self.subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.path = self.write(f"{name}.pem", self.build(self.subject, self.key.public_key(), [], ca=True))

    def build(self, subject, key, names, ca=False, days=1):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(self.subject).public_key(key).serial_number(x509.random_serial_number())
                   .not_valid_before(now - datetime.timedelta(days=30)).not_valid_after(now + datetime.timedelta(days=days))
                   .add_extension(x509.BasicConstraints(ca, None), True))
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        return builder.sign(self.key, hashes.SHA256())

    def write(self, name, certificate):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def issue(self, file, key, common="", names=(), **more):
        """The paths of a certificate of @key and of the key."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)] if common else [])
        path = self.write(f"{self.name}-{file}.pem", self.build(subject, key.public_key(), list(names), **more))
        secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return path, write_private(os.path.join(self.folder, f"{self.name}-{file}.key"), secret)

    def device(self, file, key, area, device, **more):
        return self.issue(file, key, device, [x509.DNSName(f"{device}.{area}"), x509.UniformResourceIdentifier(f"urn:powertrack:{area}:{device}")], **more)


# The daemon


def hang_up(stack):
    stack.children["powertrackd"].send_signal(signal.SIGHUP)


def log_of(stack):
    with open(stack.log_file("powertrackd"), encoding="utf-8") as file:
        return file.read()


# The other end


class Probe:
    """One session of coap-probe."""

    def __init__(self, port, *how):
        program = os.path.join(BUILD, "tests", "integration", "coap-probe")
        self.process = subprocess.Popen([program, "127.0.0.1", str(port), *how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.count, self.lines = 0, queue.Queue()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.lines.put(line.split())
        self.lines.put(["failed", "ended"])

    def send(self, method, path, body=b"", form="-", kind="con", number="-", token=None):
        """Sends a request; its token in hex."""
        self.count += 1
        token = token or self.count.to_bytes(4, "big").hex()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(f"{kind} {method} {path} {form} {number} {token} {body.hex() or '-'}\n")
            self.process.stdin.flush()
        return token

    def hear(self):
        """The next answer; code "failed", the reason as its token, where there is none."""
        words = self.lines.get(timeout=PATIENCE)
        if words[0] == "failed":
            return Answer("failed", words[1], None, None, b"")
        code, token, age, form, payload = words
        return Answer(code, token, None if age == "-" else int(age), None if form == "-" else int(form), b"" if payload == "-" else bytes.fromhex(payload))

    def ask(self, method, path, body=b"", form="-", **more):
        token = self.send(method, path, body, form, **more)
        answer = self.hear()
        check(answer.code == "failed" or answer.token == token, f"another's answer: {answer}, of {token}")
        return answer

    def post(self, body, form=CBOR, **more):
        return self.ask("post", "r", body, form, **more)

    def close(self):
        with contextlib.suppress(BrokenPipeError):  # it may have ended before it was told everything
            self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def probe(port, *how):
    opened = Probe(port, *how)
    try:
        yield opened
    finally:
        opened.close()


class Relay:
    """Hands datagrams on between one client at a time and @port, and remembers them. `change (is_up, datagram)` says what is sent on: a list."""

    def __init__(self, port):
        self.far = ("127.0.0.1", port)
        self.near, self.out = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self.near.bind(("127.0.0.1", 0))
        self.out.bind(("127.0.0.1", 0))
        self.port, self.client, self.up, self.down, self.change = self.near.getsockname()[1], None, [], [], lambda is_up, data: [data]
        self.ended, self.bell = socket.socketpair()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        with selectors.DefaultSelector() as selector:
            for one in (self.near, self.out, self.bell):
                selector.register(one, selectors.EVENT_READ)
            while True:
                ready = [key.fileobj for key, _ in selector.select()]
                if self.bell in ready:
                    return
                if self.near in ready:
                    data, self.client = self.near.recvfrom(65536)
                    self.up.append(data)
                    self.send_up(*self.change(True, data))
                if self.out in ready:
                    data = self.out.recv(65536)
                    self.down.append(data)
                    for part in self.change(False, data):
                        self.near.sendto(part, self.client)

    def send_up(self, *datagrams):
        for data in datagrams:
            self.out.sendto(data, self.far)

    def close(self):
        self.ended.send(b"x")
        self.thread.join()
        for one in (self.near, self.out, self.ended, self.bell):
            one.close()


@contextlib.contextmanager
def relay(port):
    opened = Relay(port)
    try:
        yield opened
    finally:
        opened.close()
