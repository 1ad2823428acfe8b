# SPDX-License-Identifier: Apache-2.0
"""A registering office, for the tests of enrolment."""
import json
import os
import subprocess

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from pt_case import PATIENCE, equal
from pt_formats import sign
from pt_stack import now_ms

AREA = "patna-east"
HEADING = "area,device,site,lat,lon,level,customers,feeder"


class Office:
    """A registering office: a certificate authority, the area's authority key, and a folder for what it makes."""

    def __init__(self, stack):
        self.stack = stack
        self.ca, self.out, self.secret = (os.path.join(stack.folder, name) for name in ("ca", "out", "secret"))
        self.write("secret", "a passphrase\n")
        stack.powertrack("ca", "init", self.ca, "--passphrase-file", self.secret)

    def write(self, name, text):
        path = os.path.join(self.stack.folder, name)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def csv(self, *rows):
        return self.write("devices.csv", "".join(f"{row}\n" for row in (HEADING, *rows)))

    def rows(self, count, first=1):
        return [f"{AREA},tx-{i},S-{i},25.59412{i % 10},851376543,transformer,{i},F-1" for i in range(first, first + count)]

    def command(self, verb, *arguments):
        """A verb of `device`."""
        common = ["--url", self.stack.url, "--authority-key", self.stack.authority_key, "--ca", self.ca, "--passphrase-file", self.secret]
        return [os.path.join(self.stack.build, "cli", "powertrack"), "device", verb, *arguments, *common]

    def run(self, verb, *arguments, exits=0):
        """(standard output, standard error)."""
        done = subprocess.run(self.command(verb, *arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
        equal(done.returncode, exits, done.stdout + done.stderr)
        return done.stdout, done.stderr

    def enroll(self, *arguments, exits=0):
        return self.run("enroll", "--out", self.out, "--yes", *arguments, exits=exits)

    def rotate(self, *arguments, exits=0):
        return self.run("rotate", "--out", self.out, "--yes", *arguments, exits=exits)

    def provisioning(self, device):
        path = os.path.join(self.out, AREA, f"{device}.json")
        equal(os.stat(path).st_mode & 0o777, 0o600, "mode")
        with open(path, encoding="utf-8") as file:
            return json.load(file)

    def report(self, given, seq):
        """As the device makes it of its provisioning file."""
        entry = {"kind": "report", "area": AREA, "device": given["device"], "power": "ON", "seq": seq, "ts": now_ms(), **{name: given[name] for name in ("site", "lat", "lon")}}
        return sign(entry, load_pem_private_key(given["key"].encode(), None))

    def send(self, given, seq):
        """The slug of its refusal, or nothing."""
        _, answer = self.stack.post("/reports", self.report(given, seq))
        return [row["error"] for row in answer["rejected"]]

    def registered(self, *devices):
        return {row["device"]: row for row in self.stack.get(f"/devices?device={','.join(devices)}&area={AREA}")["devices"]}

    def openssl(self, *arguments, text=None, exits=0):
        done = subprocess.run(["openssl", *arguments], input=text, capture_output=True, text=True, timeout=PATIENCE, check=False)
        equal(done.returncode, exits, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def judge(self, device, *options, exits=0):
        """Whether openssl takes the device's certificate for a TLS client of this authority; what it says of it."""
        path = self.write("leaf.pem", self.provisioning(device)["certificate"])
        said = self.openssl("verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", os.path.join(self.ca, "ca.pem"), *options, path, exits=exits)
        return said + self.openssl("x509", "-in", path, "-noout", "-text")

    def revoked(self, device):
        self.judge(device, "-crl_check", "-CRLfile", os.path.join(self.ca, "crl.pem"), exits=2)

    def request(self, folder, device, *options, curve="P-256", subject=None):
        """A request as a device makes it."""
        os.makedirs(os.path.join(self.stack.folder, folder), exist_ok=True)
        path = os.path.join(self.stack.folder, folder, f"{device}.csr")
        self.openssl("req", "-new", "-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-nodes", "-keyout", f"{path}.key", "-subj", subject or f"/O=Maker/CN={device}",
                     "-out", path, *options)
        return path
