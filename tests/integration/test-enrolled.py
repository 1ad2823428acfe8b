#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Enrolled devices come in, over TLS and DTLS, with nothing but their provisioning files; until they are revoked."""
import contextlib
import json
import os
import ssl
import sys
import urllib.request

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from pt_case import PATIENCE, case, equal, main, stack_in_folder
from pt_coap import Authority, compact, hang_up, probe, write_private
from pt_enroll import AREA, Office
from pt_formats import load_pem
from pt_world import wait_until
from pt_stack import free_port


class Device:
    """Has its file's contents, and speaks as that says."""

    def __init__(self, place, name, trusted):
        self.place, self.given, self.trusted = place, place.provisioning(name), trusted
        self.files = [write_private(os.path.join(place.stack.folder, f"{name}.{member}"), self.given[member].encode()) for member in ("certificate", "key")]
        self.psk = ("psk", f"{AREA}/{name}", self.given["psk"])
        self.pki = ("pki", *self.files, trusted)

    def post(self, seq, given=None):
        """Over HTTPS with its certificate; the slug of the refusal, or nothing."""
        context = ssl.create_default_context(cafile=self.trusted)
        context.load_cert_chain(*self.files)
        request = urllib.request.Request(self.given["addresses"]["https"] + "/api/v1/reports", self.place.report(given or self.given, seq), {"Content-Type": "application/x-ndjson"})
        with urllib.request.urlopen(request, timeout=PATIENCE, context=context) as answer:
            return [row["error"] for row in json.load(answer)["rejected"]]

    def say(self, how, seq, given=None):
        """Over CoAP; its answer."""
        with probe(int(self.given["addresses"]["coap"].rsplit(":", 1)[1]), *how) as session:
            return session.post(compact(self.place.report(given or self.given, seq))).code


@contextlib.contextmanager
def open_house():
    """An office, and a daemon that wants certificates of its authority over HTTPS and CoAP: how devices reach it, and whom they trust."""
    with stack_in_folder(chain=False) as stack:
        place, own = Office(stack), Authority(stack.folder, "daemon")
        certificate, key = own.issue("own", ec.generate_private_key(ec.SECP256R1()), "localhost", [x509.DNSName("localhost")])
        https, coap, psk = free_port(), free_port(), write_private(os.path.join(stack.folder, "psk"), b"")
        stack.write_config(batch_period="1d", http_listen=None, coap_listen=f"127.0.0.1:{coap}", coap_certificate=certificate, coap_key=key, coap_client_ca=os.path.join(place.ca, "ca.pem"), coap_psk_file=psk)
        with open(stack.config, "a", encoding="utf-8") as file:
            file.write(f"[listen own]\naddress=127.0.0.1:{stack.http_port}\nserves=public;devices;administration\n\n[listen things]\naddress=127.0.0.1:{https}\nserves=devices\n"
                       f"certificate={certificate}\nkey={key}\nclient_certificates=required\nclient_ca={os.path.join(place.ca, 'ca.pem')}\n")
        stack.start_daemon()
        stack.register_areas(AREA)
        place.enroll("--csv", place.csv(*place.rows(2)), "--https", f"https://localhost:{https}", "--coap", f"coaps://localhost:{coap}", "--psk-file", psk)
        yield place, own.path


@case
def test_on_the_way():
    """With its own words and nobody else's; by certificate and by shared key; the old key ends with a rotation, everything with a revocation."""
    with open_house() as (place, trusted):
        one, two = (Device(place, name, trusted) for name in ("tx-1", "tx-2"))
        equal((one.post(1), one.post(1, two.given)), ([], ["not-yours"]), "over HTTPS")
        equal((one.say(one.pki, 2), one.say(one.pki, 2, two.given)), ("2.04", "4.03"), "over CoAP with a certificate")
        hang_up(place.stack)
        wait_until("the shared keys are known", lambda: one.say(one.psk, 3) == "2.04", pause=0.2)
        equal(two.say(two.psk, 1), "2.04", "over CoAP with a shared key")
        place.rotate("--device", "tx-1", "--area", AREA)
        equal(one.post(4), ["not-yours"], "a report of the old key, under its certificate")
        before, one = one.given, Device(place, "tx-1", trusted)
        equal((one.given["addresses"], one.given["psk"]), (before["addresses"], before["psk"]), "what a rotation leaves")
        equal((one.given["first_seq"], one.post(4), one.say(one.pki, 5)), (4, [], "2.04"), "reports of the new key")
        place.run("revoke", "--device", "tx-1", "--yes")
        equal((one.post(6), one.say(one.pki, 6), two.post(2)), (["revoked-device"], "4.03", []), "of a revoked device, and of another")


if __name__ == "__main__":
    sys.exit(main())
