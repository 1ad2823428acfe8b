#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The daemon over TLS, with a certificate made here: who trusts it is served, who speaks without it is not."""
import datetime
import http.client
import ipaddress
import json
import os
import shutil
import signal
import socket
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pt_case import PATIENCE, case, check, equal, main, stack_in_folder
from pt_stack import program_path


def write_private(path, data):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)


def make_certificate(folder, number=7):
    """The paths of a certificate for 127.0.0.1 and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a daemon")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(number)
                   .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
                   .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
                   .add_extension(x509.BasicConstraints(True, None), True).sign(key, hashes.SHA256()))
    paths = os.path.join(folder, "certificate.pem"), os.path.join(folder, "key.pem")
    with open(paths[0], "wb") as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
    write_private(paths[1], key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return paths


def spawn(stack, certificate, key):
    stack.write_config(http_certificate=certificate, http_key=key)
    os.makedirs(stack.state, mode=0o700, exist_ok=True)
    return stack.spawn("powertrackd", [program_path(stack.build, "powertrackd"), "--config", stack.config])


def said(stack):
    with open(stack.log_file("powertrackd"), encoding="utf-8") as log:
        return log.read()


def ask(stack, context, target):
    connection = http.client.HTTPSConnection("127.0.0.1", stack.http_port, timeout=PATIENCE, context=context)
    try:
        connection.request("GET", target)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def talk_plainly(stack):
    with socket.create_connection(("127.0.0.1", stack.http_port), PATIENCE) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        try:
            return plain.recv(1000)
        except ConnectionResetError:
            return b""


@case
def test_served():
    with stack_in_folder(chain=False) as stack:
        certificate, key = make_certificate(stack.folder)
        spawn(stack, certificate, key)
        stack.wait_for("powertrackd", lambda: f"Listening on https://127.0.0.1:{stack.http_port}" in said(stack))
        trusting = ssl.create_default_context(cafile=certificate)
        equal(ask(stack, trusting, "/healthz"), (200, b"ok\n"), "over TLS")
        equal(json.loads(ask(stack, trusting, "/api/v1/status")[1])["state"], "ok", "its status")
        try:
            ask(stack, ssl.create_default_context(), "/healthz")
            check(False, "a certificate that nobody signed was trusted")
        except ssl.SSLCertVerificationError:
            pass
        check(b"ok" not in talk_plainly(stack), "nothing is said without TLS")
        equal(stack.stop("powertrackd"), 0, "its exit code")


def talk(stack, context, sent):
    """What is answered to these bytes over TLS, until the daemon ends the connection."""
    with socket.create_connection(("127.0.0.1", stack.http_port), PATIENCE) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as link:
        link.sendall(sent)
        answer = b""
        while data := link.recv(65536):
            answer += data
        return answer


@case
def test_same_as_without():
    """Several requests on one connection, one that is refused before it is read, a large body, and clients that never shake hands."""
    with stack_in_folder(chain=False) as stack:
        certificate, key = make_certificate(stack.folder)
        stack.write_config(http_connections=30)
        spawn(stack, certificate, key)
        stack.wait_for("powertrackd", lambda: f"Listening on https://127.0.0.1:{stack.http_port}" in said(stack))
        trusting, silent = ssl.create_default_context(cafile=certificate), []
        one, last = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        equal(talk(stack, trusting, one * 3 + last).count(b"HTTP/1.1 200 OK"), 4, "four on one connection")
        odd = b"POST /api/v1/reports HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        answer = talk(stack, trusting, one + odd + one)
        equal([answer.count(f"HTTP/1.1 {status}".encode()) for status in (200, 400)], [1, 1], f"one in order, one refused, none hidden: {answer}")
        body = b"POST /api/v1/reports HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 4000000\r\n\r\n"
        check(b'{"accepted":0' in talk(stack, trusting, body + b"x" * 4000000), "a large body is read, and no report")
        for _ in range(100):
            silent.append(socket.create_connection(("127.0.0.1", stack.http_port), PATIENCE))
        equal(ask(stack, trusting, "/healthz"), (200, b"ok\n"), "beside clients that never shake hands")
        for client in silent:
            client.close()
        equal(stack.stop("powertrackd"), 0, "its exit code")


def serial(stack, certificate):
    """The serial number of what it shows to whoever trusts @certificate, which has to be it."""
    context = ssl.create_default_context(cafile=certificate)
    with socket.create_connection(("127.0.0.1", stack.http_port), PATIENCE) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as link:
        return int(link.getpeercert()["serialNumber"], 16)


@case
def test_renewed():
    """A renewed certificate is shown on SIGHUP to whoever comes then, who was there stays; a pair that does not fit changes nothing."""
    with stack_in_folder(chain=False) as stack:
        certificate, key = make_certificate(stack.folder)
        process = spawn(stack, certificate, key)
        stack.wait_for("powertrackd", lambda: f"Listening on https://127.0.0.1:{stack.http_port}" in said(stack))
        equal(serial(stack, certificate), 7, "the first certificate")
        stays = http.client.HTTPSConnection("127.0.0.1", stack.http_port, timeout=PATIENCE, context=ssl.create_default_context(cafile=certificate))
        stays.request("GET", "/healthz")
        equal(stays.getresponse().read(), b"ok\n", "who was there before")
        old = os.path.join(stack.folder, "old.pem")
        shutil.copy(certificate, old)
        shutil.copy(key, key + ".old")
        make_certificate(stack.folder, number=8)
        shutil.copy(key, key + ".new")
        shutil.copy(key + ".old", key)
        process.send_signal(signal.SIGHUP)
        stack.wait_for("powertrackd", lambda: "certificate from before stays" in said(stack))
        equal(serial(stack, old), 7, "the key is not that of the certificate")
        shutil.copy(key + ".new", key)
        process.send_signal(signal.SIGHUP)
        stack.wait_for("powertrackd", lambda: "Shows the certificate in" in said(stack))
        equal(serial(stack, certificate), 8, "the renewed certificate")
        stays.request("GET", "/healthz")
        equal(stays.getresponse().read(), b"ok\n", "who was there before, after")
        stays.close()
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_refused():
    """What is wrong with the files stops the start, with the file's name."""
    with stack_in_folder(chain=False) as stack:
        certificate, key = make_certificate(stack.folder)
        os.mkdir(os.path.join(stack.folder, "other"))
        _, other_key = make_certificate(os.path.join(stack.folder, "other"))
        shared = os.path.join(stack.folder, "shared.pem")
        with open(key, "rb") as one, open(shared, "wb") as copy:
            copy.write(one.read())
        os.chmod(shared, 0o644)
        for files, name, words in (((certificate, other_key), other_key, "not the key"), ((certificate, shared), shared, "chmod 600"),
                                   ((certificate, certificate + ".none"), certificate + ".none", "can't be read"), ((key, key), key, "no certificate"),
                                   ((certificate, None), "powertrackd.conf", "Add key in [http]")):
            equal(spawn(stack, *files).wait(PATIENCE), 2 if files[1] is None else 1, f"the exit code for {files}")
            last = said(stack).strip().splitlines()[-1]
            check(name in last and words in last, f"{words}: {last}")


if __name__ == "__main__":
    main()
