# SPDX-License-Identifier: Apache-2.0
"""A daemon that gives certificates (RFC 7030), and curl and openssl as devices."""
import json
import os
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from pt_case import PATIENCE, check, equal
from pt_coap import Authority
from pt_enroll import AREA, Office
from pt_stack import free_port, program_path

NEVER = "aaaaaaaaaaaaaaaaaaaaaaaa"


class Est:
    """An office, a daemon that has its authority for EST, and how devices reach it."""

    def __init__(self, stack):
        self.stack, self.place, own = stack, Office(stack), Authority(stack.folder, "daemon")
        certificate, key = own.issue("own", ec.generate_private_key(ec.SECP256R1()), "localhost", [x509.DNSName("localhost")])
        self.trusted, self.port, self.token = own.path, free_port(), os.path.join(stack.state, "admin.token")
        self.ca = os.path.join(self.place.ca, "ca.pem")
        stack.write_config(batch_period="1d", http_listen=None, est_ca=self.place.ca, est_passphrase_file=self.place.secret, est_days=30)
        with open(stack.config, "a", encoding="utf-8") as file:
            file.write(f"[listen own]\naddress=127.0.0.1:{stack.http_port}\nserves=public;devices;administration\n\n[listen things]\naddress=127.0.0.1:{self.port}\nserves=devices\n"
                       f"certificate={certificate}\nkey={key}\nclient_certificates=optional\nclient_ca={self.ca}\n")
        stack.start_daemon()
        stack.register_areas(AREA)

    def powertrack(self, *arguments, exits=0):
        done = subprocess.run([program_path(self.stack.build, "powertrack"), *arguments, "--url", self.stack.url, "--token-file", self.token], capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        equal(done.returncode, exits, done.stdout + done.stderr)
        return done.stdout if exits == 0 else done.stderr

    def invite(self, device, area=AREA):
        return json.loads(self.powertrack("device", "invite", "--device", device, "--area", area, "--json"))["password"]

    def pending(self, *arguments):
        return {row["device"]: row for row in json.loads(self.powertrack("device", "pending", "--json", *arguments))["pending"]}

    def curl(self, path, *options, base=None):
        """(status, headers, body) as curl has them."""
        out, head = (os.path.join(self.stack.folder, name) for name in ("answer", "head"))
        url = f"{base or f'https://localhost:{self.port}'}/.well-known/est/{path}"
        done = subprocess.run(["curl", "--silent", "--show-error", "--noproxy", "*", "--cacert", self.trusted, "--output", out, "--dump-header", head, "--write-out", "%{http_code}", *options, url],
                              capture_output=True, text=True, timeout=PATIENCE, check=False)
        equal(done.returncode, 0, done.stderr)
        with open(out, "rb") as body, open(head, encoding="latin-1") as lines:
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            return int(done.stdout), headers, body.read()

    def body(self, path):
        """Base64 in lines of the request's DER."""
        der, out = f"{path}.der", f"{path}.b64"
        self.place.openssl("req", "-in", path, "-outform", "DER", "-out", der)
        self.place.openssl("base64", "-in", der, "-out", out)
        return out

    def ask(self, verb, body, *options, kind="application/pkcs10", base=None):
        return self.curl(verb, "--data-binary", f"@{body}", "--header", f"Content-Type: {kind}", *options, base=base)

    def enroll(self, device, password, path, **more):
        return self.ask("simpleenroll", self.body(path), "--user", f"{AREA}/{device}:{password}", **more)

    def again(self, path, pair, **more):
        return self.ask("simplereenroll", self.body(path), "--cert", pair[0], "--key", pair[1], **more)

    def unpack(self, body, name):
        """The certificate in an answer, as openssl sees it: its file."""
        encoded, der, path = (os.path.join(self.stack.folder, f"{name}.{end}") for end in ("b64", "p7", "pem"))
        with open(encoded, "wb") as file:
            file.write(body)
        self.place.openssl("base64", "-d", "-in", encoded, "-out", der)
        self.place.openssl("pkcs7", "-inform", "DER", "-in", der, "-print_certs", "-out", path)
        return path

    def take(self, answer, name, key):
        """A certificate that openssl takes for a TLS client of this authority, with this key."""
        status, headers, body = answer
        equal((status, headers.get("content-type"), headers.get("content-transfer-encoding")), (200, "application/pkcs7-mime; smime-type=certs-only", "base64"), body)
        path = self.unpack(body, name)
        self.place.openssl("verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", self.ca, path)
        equal(self.place.openssl("x509", "-in", path, "-noout", "-pubkey"), self.place.openssl("pkey", "-in", key, "-pubout"), "whose key it is of")
        check(f"URI:urn:powertrack:{AREA}:{name.partition('@')[0]}" in self.place.openssl("x509", "-in", path, "-noout", "-ext", "subjectAltName"), "its name")
        return path, key

    def later(self, answer):
        status, headers, body = answer
        equal((status, headers.get("retry-after")), (202, "300"), body)

    def refused(self, answer, status, slug):
        equal((answer[0], json.loads(answer[2])["type"]), (status, slug), answer[2])

    def csv(self, device, first=1):
        return self.place.csv(*[row.replace(f"tx-{first}", device) for row in self.place.rows(1, first)])

    def guess(self, path, password):
        """Wrong passwords, of devices with and without an invitation, until none is heard for a while, nor the right one."""
        for number in range(1000):
            status, headers, _ = self.enroll("tx-1" if number % 2 else "tx-9", NEVER, path)
            equal(status if number < 10 else 401, 401, "one of the first ten")
            if status == 429 and int(headers["retry-after"]) > 0 and self.enroll("tx-1", password, path)[0] == 429:
                return
        check(False, "a thousand passwords were tried")

    def issued(self):
        with open(os.path.join(self.place.ca, "index.jsonl"), encoding="utf-8") as index:
            return len(index.readlines())
