#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Devices that made their key themselves get certificates of the daemon (RFC 7030): curl asks, openssl judges."""
import contextlib
import json
import os
import signal
import subprocess
import sys

from pt_case import PATIENCE, case, check, equal, main, stack_in_folder
from pt_enroll import AREA
from pt_est import Est
from pt_stack import program_path


@contextlib.contextmanager
def open_house():
    with stack_in_folder(chain=False) as stack:
        yield Est(stack)
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_first_certificate():
    """The authority's certificate; a key that nobody registered waits, the operator enrolls it as asked for, and its next try gets a certificate, with which it reports."""
    with open_house() as est:
        status, headers, body = est.curl("cacerts")
        equal((status, headers["content-type"], headers["content-transfer-encoding"]), (200, "application/pkcs7-mime", "base64"), body)
        with open(est.unpack(body, "authority"), encoding="ascii") as had, open(est.ca, encoding="ascii") as real:
            check(real.read().strip() in had.read(), "the authority's certificate")
        equal(est.pending(), {}, "nobody waits")
        path, password = est.place.request("asked", "tx-1"), est.invite("tx-1")
        est.later(est.enroll("tx-1", password, path))
        est.later(est.enroll("tx-1", password, path))
        requests = os.path.join(est.stack.folder, "requests")
        row = est.pending("--out", requests)["tx-1"]
        equal((row["area"], row["registered"], row["address"], os.listdir(requests)), (AREA, False, "127.0.0.1", [f"{AREA}.tx-1.csr"]), "what the operator sees")
        check("tx-1" in est.powertrack("device", "pending"), "for people")
        issued = est.issued()
        est.refused(est.enroll("tx-1", password, est.place.request("other", "tx-1")), 409, "conflict")
        est.stack.stop("powertrackd")
        est.stack.start_daemon()
        equal(est.pending(), {}, "after a restart a device has to ask again")
        est.later(est.enroll("tx-1", password, path))
        est.place.enroll("--csv", est.csv("tx-1"), "--csr", requests)
        equal(est.issued(), issued + 1, "the office's own")
        pair = est.take(est.enroll("tx-1", password, path), "tx-1", f"{path}.key")
        equal(est.pending(), {}, "it waits no more")
        for _ in range(2):
            est.take(est.enroll("tx-1", password, path), "tx-1", f"{path}.key")
        est.refused(est.enroll("tx-1", password, path), 401, "unauthorized")
        equal(est.issued(), issued + 4, "three for an invitation")
        given = est.place.provisioning("tx-1") | {"key": open(pair[1], encoding="ascii").read()}
        report = os.path.join(est.stack.folder, "report")
        with open(report, "wb") as file:
            file.write(est.place.report(given, 1))
        done = subprocess.run(["curl", "--silent", "--noproxy", "*", "--cacert", est.trusted, "--cert", pair[0], "--key", pair[1], "--data-binary", f"@{report}", "--header",
                               "Content-Type: application/json", f"https://localhost:{est.port}/api/v1/reports"], capture_output=True, text=True, timeout=PATIENCE, check=False)
        equal(json.loads(done.stdout)["accepted"], 1, done.stdout)


@case
def test_present_certificate():
    """A renewal at once; a new key waits for its rotation; what is revoked gets nothing."""
    with open_house() as est:
        path, password = est.place.request("asked", "tx-1", "-addext", f"subjectAltName=URI:urn:powertrack:{AREA}:tx-1"), est.invite("tx-1")
        est.place.enroll("--csv", est.csv("tx-1"), "--csr", path)
        first = est.take(est.enroll("tx-1", password, path), "tx-1", f"{path}.key")
        second = est.take(est.again(path, first), "tx-1@2", f"{path}.key")
        new = est.place.request("new", "tx-1")
        est.later(est.again(new, second))
        requests = os.path.join(est.stack.folder, "requests")
        equal([(name, row["registered"]) for name, row in est.pending("--out", requests).items()], [("tx-1", True)], "who wants a new key")
        est.place.rotate("--device", "tx-1", "--area", AREA, "--csr", requests)
        third = est.take(est.again(new, second), "tx-1@3", f"{new}.key")
        est.later(est.again(path, third))
        est.refused(est.again(est.place.request("yet", "tx-1"), second), 403, "not-yours")
        est.refused(est.again(est.place.request("else", "tx-2"), third), 403, "not-yours")
        est.refused(est.ask("simplereenroll", est.body(new)), 403, "forbidden")
        est.place.run("revoke", "--device", "tx-1", "--yes")
        est.refused(est.again(new, third), 403, "revoked-device")
        check("is revoked" in est.powertrack("device", "invite", "--device", "tx-1", "--area", AREA, exits=1), "an invitation of a revoked device")


@case
def test_reread():
    """A new authority in the old one's place counts from SIGHUP on; one that the passphrase does not open changes nothing."""
    with open_house() as est:
        stack = est.stack
        shown = lambda: open(est.unpack(est.curl("cacerts")[2], "shown"), encoding="ascii").read().strip()
        authority = lambda: open(est.ca, encoding="ascii").read().strip()

        def reread(says):
            stack.children["powertrackd"].send_signal(signal.SIGHUP)
            stack.wait_for("powertrackd", lambda: says in open(stack.log_file("powertrackd"), encoding="utf-8").read())

        old = authority()
        os.rename(est.place.ca, f"{est.place.ca}.old")
        stack.powertrack("ca", "init", est.place.ca, "--passphrase-file", est.place.write("other", "another passphrase\n"))
        check(authority() != old, "another authority")
        reread("The authority from before stays")
        check(old in shown(), "the old one is shown")
        est.place.write("secret", "another passphrase\n")
        reread("Gives certificates of the authority")
        check(authority() in shown() and old not in shown(), "the new one is shown")
        path, password = est.place.request("asked", "tx-1"), est.invite("tx-1")
        est.place.enroll("--csv", est.csv("tx-1"), "--csr", path)
        est.take(est.enroll("tx-1", password, path), "tx-1", f"{path}.key")


@case
def test_none():
    """Without an authority the operator is told what is missing, and SIGHUP rereads nothing."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1d")
        stack.start_daemon()
        done = subprocess.run([program_path(stack.build, "powertrack"), "device", "pending", "--url", stack.url, "--token-file", stack.token], capture_output=True, text=True, timeout=PATIENCE,
                              check=False)
        equal(done.returncode, 1, done.stdout)
        check("[est] ca=" in done.stderr, f"what to do: {done.stderr}")
        stack.children["powertrackd"].send_signal(signal.SIGHUP)
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_refused():
    """Without TLS, without or with wrong passwords, for other devices and curves, with what is no request; nobody tries passwords for long."""
    with open_house() as est:
        path, password = est.place.request("asked", "tx-1"), est.invite("tx-1")
        est.refused(est.curl("cacerts", base=est.stack.url), 403, "forbidden")
        est.refused(est.enroll("tx-1", password, path, base=est.stack.url), 403, "forbidden")
        est.refused(est.again(path, (est.ca, f"{path}.key"), base=est.stack.url), 403, "forbidden")
        answer = est.ask("simpleenroll", est.body(path))
        est.refused(answer, 401, "unauthorized")
        check(answer[1]["www-authenticate"].startswith("Basic realm="), "how to say who it is")
        est.refused(est.enroll("tx-1", password, path, kind="text/plain"), 415, "unsupported")
        est.refused(est.enroll("tx-1", password, est.place.request("asked", "tx-2")), 403, "not-yours")
        est.refused(est.enroll("tx-1", password, est.place.request("west", "tx-1", "-addext", "subjectAltName=URI:urn:powertrack:west:tx-1")), 403, "not-yours")
        est.refused(est.enroll("tx-1", password, est.place.request("curve", "tx-1", curve="P-384")), 400, "malformed")
        spoilt = os.path.join(est.stack.folder, "spoilt")
        with open(f"{path}.der", "rb") as file:
            der = bytearray(file.read())
        der[-1] ^= 1
        for bytes_of in (bytes(der), b"", b"hello", b"-----BEGIN CERTIFICATE REQUEST-----\n"):
            with open(f"{spoilt}.der", "wb") as file:
                file.write(bytes_of)
            est.place.openssl("base64", "-in", f"{spoilt}.der", "-out", spoilt)
            est.refused(est.ask("simpleenroll", spoilt, "--user", f"{AREA}/tx-1:{password}"), 400, "malformed")
        with open(spoilt, "wb") as file:
            file.write(b"A" * 8193)
        est.refused(est.ask("simpleenroll", spoilt, "--user", f"{AREA}/tx-1:{password}"), 413, "too-large")
        check("no such area" in est.powertrack("device", "invite", "--device", "tx-1", "--area", "nowhere", exits=1), "an area that is not there")
        equal(os.stat(os.path.join(est.stack.state, "est-invitations")).st_mode & 0o777, 0o600, "the file's mode")
        with open(os.path.join(est.stack.state, "est-invitations"), encoding="ascii") as file:
            check(password not in file.read(), "no password is kept")
        est.guess(path, password)
        equal(est.issued(), 1, "nobody was given anything")


if __name__ == "__main__":
    sys.exit(main())
