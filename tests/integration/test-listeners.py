#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Addresses with rules of their own: what each serves, whose certificates it wants, which proxies it believes."""
import contextlib
import datetime
import http.client
import ipaddress
import json
import os
import socket
import ssl
import stat

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pt_case import PATIENCE, case, check, equal, main, stack_in_folder
from pt_formats import dump, encode64, load_pem, point_of, sign
from pt_stack import free_port, now_ms, program_path

AREA = "test-east"
CURVE = ec.SECP256R1()


class Authority:
    """Signs certificates; its own is in a file."""

    def __init__(self, folder, name):
        self.folder, self.key = folder, ec.generate_private_key(CURVE)
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.path = os.path.join(folder, name + ".pem")
        self.write(self.path, self.build(self.name, self.key.public_key(), 10).add_extension(x509.BasicConstraints(True, None), True))

    def build(self, subject, key, days):
        now = datetime.datetime.now(datetime.timezone.utc)
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key).serial_number(x509.random_serial_number())
                .not_valid_before(now - datetime.timedelta(days=30)).not_valid_after(now + datetime.timedelta(days=days)))

    def write(self, path, builder):
        with open(path, "wb") as file:
            file.write(builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def issue(self, name, key, days=10, usage=ExtendedKeyUsageOID.CLIENT_AUTH):
        """The paths of a certificate and its key."""
        certificate, private = (os.path.join(self.folder, f"{name}{end}") for end in (".pem", "-key.pem"))
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self.build(subject, key.public_key(), days).add_extension(x509.ExtendedKeyUsage([usage]), False)
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        self.write(certificate, builder)
        with open(os.open(private, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return certificate, private


def groups(stack, **named):
    """The configuration with these groups, each a text of lines."""
    stack.write_config(http_listen=None)
    with open(stack.config, "a", encoding="utf-8") as file:
        for name, lines in named.items():
            file.write(f"[listen {name}]\n{lines}\n\n")
    os.makedirs(stack.state, mode=0o700, exist_ok=True)


def said(stack):
    with open(stack.log_file("powertrackd"), encoding="utf-8") as log:
        return log.read()


def spawn(stack):
    return stack.spawn("powertrackd", [program_path(stack.build, "powertrackd"), "--config", stack.config])


def start(stack, count, **named):
    groups(stack, **named)
    spawn(stack)
    stack.wait_for("powertrackd", lambda: said(stack).count("Listening on ") == count)


def connect(where, context=None):
    if isinstance(where, str):
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(PATIENCE)
        link.connect(where)
    else:
        link = socket.create_connection(("127.0.0.1", where), PATIENCE)
    return context.wrap_socket(link, server_hostname="127.0.0.1") if context else link


def ask(where, target, method="GET", body=None, context=None, before=b"", **headers):
    """(status, headers, body) by a port or a Unix socket's path."""
    with contextlib.closing(connect(where, context)) as link:
        headers.setdefault("Connection", "close")
        lines = [f"{method} {target} HTTP/1.1", "Host: a"] + [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if body is not None:
            lines += [f"Content-Length: {len(body)}"]
        link.sendall(before + "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))
        answer = http.client.HTTPResponse(link, method=method)
        answer.begin()
        return answer.status, answer.headers, answer.read()


def answers(where, *rows, context=None):
    for method, target, status in rows:
        body = b"{}" if method == "POST" else None
        got, _, text = ask(where, target, method, body, context, Content_Type="application/json")
        equal(got, status, f"{method} {target} at {where}")
        if status == 404:
            equal(json.loads(text)["type"], "not-found", "the problem")


@case
def test_what_is_served():
    """Each route is there for those who came by an address that serves it, and for nobody else."""
    with stack_in_folder(chain=False) as stack:
        unix, devices = os.path.join(stack.folder, "admin.socket"), free_port()
        start(stack, 3, open=f"address=127.0.0.1:{stack.http_port}", things=f"address=127.0.0.1:{devices}\nserves=devices", own=f"address=unix:{unix}\nserves=administration")
        answers(stack.http_port, ("GET", "/healthz", 200), ("GET", "/api/v1/sites", 200), ("GET", "/api/v1/status", 200), ("POST", "/api/v1/reports", 404),
                ("POST", "/api/v1/registrations", 404), ("POST", "/api/v1/areas", 405), ("POST", "/api/v1/clock", 404))
        answers(devices, ("GET", "/healthz", 200), ("GET", "/api/v1/sites", 404), ("GET", "/", 404), ("GET", "/metrics", 404), ("GET", "/ipfs/x", 404),
                ("POST", "/api/v1/registrations", 404), ("POST", "/api/v1/areas", 404), ("POST", "/api/v1/complaints/tickets", 404))
        answers(unix, ("GET", "/healthz", 200), ("GET", "/api/v1/status", 200), ("GET", "/metrics", 200), ("GET", "/api/v1/sites", 404), ("POST", "/api/v1/reports", 404),
                ("POST", "/api/v1/areas", 401))
        check(json.loads(ask(devices, "/api/v1/reports", "POST", b"x", Content_Type="application/x-ndjson")[2])["accepted"] == 0, "reports are taken in where devices are served")
        equal(stat.S_IMODE(os.stat(unix).st_mode), 0o600, "the socket's mode")
        with open(os.path.join(stack.state, "admin.token"), encoding="ascii") as file:
            token = f"Bearer {file.read().strip()}"
        body = dump({"area": AREA, "authority_key": encode64(point_of(load_pem(stack.authority_key)))})
        equal(ask(unix, "/api/v1/areas", "POST", body, Authorization=token, Content_Type="application/json")[0], 201, "an area by the Unix socket")
        by_command = ("area", "register", "--token-file", stack.token, "--authority-key", stack.authority_key, "--url")
        check("test-west is registered" in stack.powertrack(*by_command, f"unix:{unix}", "test-west"), "one by the command line")
        stack.powertrack(*by_command, f"unix:{unix}.none", "test-west", exits=1)
        stack.powertrack(*by_command, "unix:relative", "test-west", exits=2)
        equal(stack.stop("powertrackd"), 0, "its exit code")
        check(not os.path.exists(unix), "the socket goes with the daemon")


@case
def test_unix_sockets():
    """One that was left makes room; one that somebody listens at does not, and neither does a file."""
    with stack_in_folder(chain=False) as stack:
        path = os.path.join(stack.folder, "a.socket")
        left = socket.socket(socket.AF_UNIX)
        left.bind(path)
        left.close()
        start(stack, 1, own=f"address=unix:{path}\nserves=public;administration")
        equal(ask(path, "/healthz")[2], b"ok\n", "after a socket that was left")
        equal(stack.stop("powertrackd"), 0, "its exit code")
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(path)
            other.listen()
            equal(spawn(stack).wait(PATIENCE), 1, "somebody listens there")
            check(f"unix:{path}" in said(stack) and "[listen own] address" in said(stack), said(stack))
        os.unlink(path)
        with open(path, "w", encoding="ascii") as file:
            file.write("of somebody")
        equal(spawn(stack).wait(PATIENCE), 1, "a file is there")
        check(os.path.isfile(path), "it stays")


@case
def test_administration():
    """Nobody offers it to other machines without TLS."""
    with stack_in_folder(chain=False) as stack:
        for address in ("0.0.0.0", "[::]"):
            groups(stack, own=f"address={address}:{free_port()}\nserves=administration")
            equal(spawn(stack).wait(PATIENCE), 1, f"the exit code for {address}")
            check("[listen own] would offer administration to other machines without TLS" in said(stack), said(stack))
        stack.write_config(http_listen=f"0.0.0.0:{free_port()}")
        equal(spawn(stack).wait(PATIENCE), 1, "the short form")
        check("[http] would offer administration" in said(stack), said(stack))
        certificate, key = Authority(stack.folder, "ca").issue("daemon", ec.generate_private_key(CURVE), usage=ExtendedKeyUsageOID.SERVER_AUTH)
        start(stack, 2, own=f"address=0.0.0.0:{free_port()}\nserves=administration\ncertificate={certificate}\nkey={key}", open=f"address=0.0.0.0:{free_port()}")
        equal(stack.stop("powertrackd"), 0, "with TLS, and the public without")


def refused(where, context, text):
    """In the handshake; with TLS 1.3 a client hears of it when it reads."""
    try:
        status = ask(where, "/healthz", context=context)[0]
        check(False, f"{text}: answered {status}")
    except (ssl.SSLError, ConnectionError, http.client.BadStatusLine):
        pass


class Tls:
    """A daemon that asks for certificates: of an authority that it knows, and two devices whose keys it knows."""

    def __init__(self, stack, clients):
        self.stack, self.ca, self.foreign = stack, Authority(stack.folder, "ca"), Authority(stack.folder, "other-ca")
        self.keys = {name: ec.generate_private_key(CURVE) for name in ("tx-1", "tx-2")}
        self.authority, self.port = load_pem(stack.authority_key), free_port()
        certificate, key = self.ca.issue("daemon", ec.generate_private_key(CURVE), usage=ExtendedKeyUsageOID.SERVER_AUTH)
        start(stack, 2, own=f"address=127.0.0.1:{stack.http_port}\nserves=public;administration",
              things=f"address=127.0.0.1:{self.port}\nserves=devices\ncertificate={certificate}\nkey={key}\nclient_certificates={clients}\nclient_ca={self.ca.path}\nhsts=2")
        stack.register_areas(AREA)
        entries = [self.device(name, key) for name, key in self.keys.items()]
        equal(stack.post("/registrations", b"\n".join(entries))[1]["accepted"], 2, "registrations")

    def device(self, name, key):
        return sign({"kind": "device", "area": AREA, "ts": now_ms(), "device": name, "site": f"S-{name}", "key": encode64(point_of(key)), "lat": 255942345, "lon": 851374321,
                     "level": "transformer", "customers": 3, "status": "active"}, self.authority)

    def report(self, name, seq):
        return sign({"kind": "report", "area": AREA, "device": name, "site": f"S-{name}", "lat": 255942345, "lon": 851374321, "power": "ON", "seq": seq, "ts": now_ms()},
                    self.keys[name])

    def context(self, pair=None, **versions):
        context = ssl.create_default_context(cafile=self.ca.path)
        for name, version in versions.items():
            setattr(context, name, version)
        if pair:
            context.load_cert_chain(*pair)
        return context

    def post(self, context, *lines):
        status, _, text = ask(self.port, "/api/v1/reports", "POST", b"\n".join(lines), context, Content_Type="application/x-ndjson")
        equal(status, 200, f"the status of {text}")
        answer = json.loads(text)
        return answer["accepted"], [row["error"] for row in answer["rejected"]]

    def check_wrong(self):
        """What is refused however the daemon asks."""
        mine = self.keys["tx-1"]
        refused(self.port, self.context(self.foreign.issue("foreign", mine)), "another authority's")
        refused(self.port, self.context(self.ca.issue("expired", mine, days=-1)), "an expired one")
        refused(self.port, self.context(self.ca.issue("server", mine, usage=ExtendedKeyUsageOID.SERVER_AUTH)), "one that is no client's")
        equal(ask(self.port, "/healthz", context=self.context(self.ca.issue("tx-1", mine)))[0], 200, "one that is right")


@case
def test_required():
    with stack_in_folder(chain=False) as stack:
        tls = Tls(stack, "required")
        tls.check_wrong()
        refused(tls.port, tls.context(), "none")
        mine = tls.context(tls.ca.issue("tx-1", tls.keys["tx-1"]))
        equal(tls.post(mine, tls.report("tx-1", 1), tls.report("tx-2", 1)), (1, ["not-yours"]), "reports of two devices with the certificate of one")
        equal(tls.post(tls.context(tls.ca.issue("tx-1", ec.generate_private_key(CURVE))), tls.report("tx-1", 2)), (0, ["not-yours"]), "the device's name, and another key")
        other = tls.context(tls.ca.issue("rsa", rsa.generate_private_key(65537, 2048)))
        equal(tls.post(other, tls.report("tx-1", 2)), (0, ["not-yours"]), "a key that no device has")
        equal(tls.post(mine, tls.report("tx-1", 2)), (1, []), "its own")
        equal(ask(tls.port, "/healthz", context=mine)[1]["Strict-Transport-Security"], "max-age=172800", "HSTS")
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_optional():
    with stack_in_folder(chain=False) as stack:
        tls = Tls(stack, "optional")
        tls.check_wrong()
        equal(tls.post(tls.context(), tls.report("tx-1", 1), tls.report("tx-2", 1)), (2, []), "none: whoever signed")
        equal(tls.post(tls.context(tls.ca.issue("tx-1", tls.keys["tx-1"])), tls.report("tx-2", 2), tls.report("tx-1", 2)), (1, ["not-yours"]), "one: its device")
        equal(ask(stack.http_port, "/healthz")[1]["Strict-Transport-Security"], None, "HSTS without TLS")
        one = {"Content_Type": "application/json", "Connection": "keep-alive"}  # goes the short way
        status, headers, text = ask(tls.port, "/api/v1/reports", "POST", tls.report("tx-1", 3), tls.context(), **one)
        equal((status, json.loads(text)["accepted"], headers["Strict-Transport-Security"]), (200, 1, "max-age=172800"), "one report")
        equal(ask(stack.http_port, "/api/v1/reports", "POST", tls.report("tx-1", 4), **one)[0], 404, "one report where devices are not served")
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_versions():
    with stack_in_folder(chain=False) as stack:
        tls = Tls(stack, "optional")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            equal(ask(tls.port, "/healthz", context=tls.context(minimum_version=version, maximum_version=version))[0], 200, version.name)
        old = tls.context()
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        refused(tls.port, old, "TLS 1.1")
        equal(stack.stop("powertrackd"), 0, "its exit code")


def binary(address="192.0.2.7"):
    return b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c" + socket.inet_aton(address) + socket.inet_aton("192.0.2.1") + (1234).to_bytes(2, "big") + (443).to_bytes(2, "big")


@case
def test_proxies():
    """A PROXY head is believed of those that are named, and is nonsense of others; so are the two headers."""
    with stack_in_folder(chain=False) as stack:
        certificate, key = Authority(stack.folder, "ca").issue("daemon", ec.generate_private_key(CURVE), usage=ExtendedKeyUsageOID.SERVER_AUTH)
        trusting = ssl.create_default_context(cafile=os.path.join(stack.folder, "ca.pem"))
        believed, other, secure = stack.http_port, free_port(), free_port()
        start(stack, 3, believed=f"address=127.0.0.1:{believed}\nproxies=127.0.0.1\nproxy_protocol=yes", other=f"address=127.0.0.1:{other}\nproxies=192.0.2.1\nproxy_protocol=yes",
              secure=f"address=127.0.0.1:{secure}\nproxies=127.0.0.1\nproxy_protocol=yes\ncertificate={certificate}\nkey={key}")
        line = b"PROXY TCP4 192.0.2.7 192.0.2.1 1234 443\r\n"
        for head in (line, binary(), b"PROXY UNKNOWN\r\n", b"\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00"):
            equal(ask(believed, "/healthz", before=head)[0], 200, f"{head}")
            equal(ask(other, "/healthz", before=head)[0], 400, f"{head} from another")
            with connect(secure) as plain:
                plain.sendall(head)
                with trusting.wrap_socket(plain, server_hostname="127.0.0.1") as link:
                    link.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                    check(link.recv(1000).startswith(b"HTTP/1.1 200"), f"{head} before TLS")
        equal(ask(other, "/healthz")[0], 200, "no proxy, and no head")
        with connect(believed) as slow:  # byte by byte
            for byte in binary() + b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n":
                slow.sendall(bytes([byte]))
            check(slow.recv(1000).startswith(b"HTTP/1.1 200"), "byte by byte")
        for head in (b"", b"PROXY TCP4 nobody 192.0.2.1 1 2\r\n", b"PROXY TCP4 192.0.2.7 192.0.2.1 1234\r\n", line + line):
            with connect(believed) as link:
                try:
                    link.sendall(head + b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                    link.shutdown(socket.SHUT_WR)
                    check(b"200" not in link.recv(1000)[:20], f"{head} was taken")
                except OSError:  # it ended at once
                    pass
        forged = {"X_Forwarded_For": "192.0.2.7", "Forwarded": "for=192.0.2.8"}
        equal(ask(believed, "/healthz", before=b"PROXY UNKNOWN\r\n", **forged)[0], 400, "two clients at once")
        equal(ask(believed, "/healthz", before=b"PROXY UNKNOWN\r\n", **{**forged, "Forwarded": 'for=192.0.2.9, for="192.0.2.7:80";proto=https'})[0], 200, "one in two ways")
        equal(ask(other, "/healthz", **forged)[0], 200, "nobody's word")
        equal(stack.stop("powertrackd"), 0, "its exit code")


def whole(link, text):
    """Reads an answer to /healthz."""
    answer = b""
    while not answer.endswith(b"ok\n"):
        data = link.recv(1000)
        check(data, f"{text}: it ended after {answer}")
        answer += data
    check(answer.startswith(b"HTTP/1.1 200"), f"{text}: {answer}")


@case
def test_shares():
    """Who is named in a PROXY head has one client's share of connections."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(http_connections=100, http_connections_per_address=2)
        start(stack, 1, believed=f"address=127.0.0.1:{stack.http_port}\nproxies=127.0.0.1\nproxy_protocol=yes")
        links = [connect(stack.http_port) for _ in range(4)]
        for number, link in enumerate(links):
            link.sendall(binary("192.0.2.9" if number == 3 else "192.0.2.7") + b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            whole(link, f"the connection {number}")
        equal(links[0].recv(1000), b"", "the one that waits for longest made room")
        for number in (1, 2, 3):
            links[number].sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            whole(links[number], f"{number} stays")
        for link in links:
            link.close()
        equal(stack.stop("powertrackd"), 0, "its exit code")


if __name__ == "__main__":
    main()
