#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Devices are enrolled with a real daemon; openssl judges what they are given, and makes what they ask."""
import fcntl
import glob
import json
import os
import subprocess
import sys

from pt_case import case, check, equal, main, stack_in_folder
from pt_enroll import AREA, Office
from pt_world import wait_until


def office(work):
    def function():
        with stack_in_folder(chain=False) as stack:
            stack.write_config(batch_period="1d")
            stack.start_daemon()
            stack.register_areas(AREA)
            work(Office(stack))
    function.__name__ = work.__name__
    return case(function)


@office
def test_many(place):
    """From a CSV: registered, certified, provisioned; what the device is given fits together; again does nothing."""
    csv = place.csv(*place.rows(250))
    out, err = place.enroll("--csv", csv, "--dry-run")
    check("Would enroll 250 devices" in out and "250 registrations" in err and "... and 230 more" in err, out + err)
    check(not os.path.exists(place.out) and not place.registered("tx-1"), "a dry run did something")
    psk, oscore = os.path.join(place.stack.folder, "psk"), place.write("oscore", "# ours\nother/a:b:f0:" + "11" * 16)
    made = json.loads(place.enroll("--csv", csv, "--mqtt", "broker:8883", "--coap", "coaps://host", "--psk-file", psk, "--oscore-file", oscore, "--oscore", "coap://host", "--days", "30", "--json")[0])
    equal((made["done"], made["there"], made["left"], made["rejected"]), (250, 0, [], []), "what was done")
    area = place.stack.get("/areas")["areas"][0]
    with open(psk, encoding="ascii") as file:
        keys = dict(line.strip().rsplit(":", 1) for line in file)
    with open(oscore, encoding="ascii") as file:
        contexts = {name: (number, secret) for name, number, secret in (line.strip().rsplit(":", 2) for line in list(file)[1:])}
    equal([contexts[name][0] for name in ("other/a:b", f"{AREA}/tx-1", f"{AREA}/tx-15", f"{AREA}/tx-16", f"{AREA}/tx-250")], ["f0", "f1", "ff", "0100", "01ea"], "IDs, each as short as it can be")
    equal((len({number for number, _ in contexts.values()}), len({secret for _, secret in contexts.values()})), (251, 251), "contexts, each another")
    for device, row in place.registered("tx-1", "tx-77", "tx-250").items():
        given = place.provisioning(device)
        equal((given["public_key"], given["site"], given["lat"], given["lon"]), (row["key"], row["site"], row["lat"], row["lon"]), device)
        equal((given["authority_key"], given["service_key"], given["first_seq"]), (area["authority_key"], area["service_key"], 1), device)
        equal(given["addresses"], {"https": place.stack.url, "mqtt": "broker:8883", "coap": "coaps://host", "oscore": "coap://host"}, device)
        equal(given["psk"], keys[f"{AREA}/{device}"], device)
        equal(given["oscore"], dict(zip(("sender_id", "master_secret"), contexts[f"{AREA}/{device}"]), recipient_id=""), device)
        equal(len(given["oscore"]["master_secret"]), 32, "digits of a secret")
        text = place.judge(device)
        for word in (f"CN = {device}\n", f"URI:urn:powertrack:{AREA}:{device}, DNS:{device}.{AREA}", "TLS Web Client Authentication", "Digital Signature", "CA:FALSE"):
            check(word in text, f"{word} is not in {text}")
        public = place.openssl("pkey", "-pubout", text=given["key"])
        equal(public, place.openssl("x509", "-noout", "-pubkey", text=given["certificate"]), "key of the certificate")
    equal((row["feeder"], row["customers"]), ("F-1", 250), "feeder and customers")
    before = place.provisioning("tx-1")
    out, _ = place.enroll("--csv", csv)
    check("Enrolled 0 devices" in out and "Done before: 250" in out, out)
    equal(place.provisioning("tx-1"), before, "what was there")
    place.enroll("--csv", csv, "--force")
    check(place.provisioning("tx-1")["certificate"] != before["certificate"] and place.provisioning("tx-1")["key"] == before["key"], "--force: a new certificate")
    equal(place.provisioning("tx-1")["oscore"], before["oscore"], "a context that is not spoken of")
    shown = json.loads(place.stack.powertrack("ca", "show", place.ca, "--device", "tx-1", "--json"))
    equal([row["state"] for row in shown["certificates"]], ["good", "good"], "certificates")


@office
def test_broken_off(place):
    """Whatever of it is missing, the same command makes it, with the key that the log has."""
    csv = place.csv(*place.rows(3))
    place.enroll("--csv", csv)
    key = place.provisioning("tx-2")["key"]
    os.unlink(os.path.join(place.out, AREA, "tx-2.json"))
    with open(os.open(os.path.join(place.out, AREA, "tx-2.key.pem"), os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
        file.write(key)
    out, err = place.enroll("--csv", csv)
    check("Enrolled 1 device," in out and "Done before: 2" in out and "made before" in err, out + err)
    equal(place.provisioning("tx-2")["key"], key, "key")
    check(not os.path.exists(os.path.join(place.out, AREA, "tx-2.key.pem")), "the key is left beside")
    # Lost for good: never a second key without a word.
    os.unlink(os.path.join(place.out, AREA, "tx-3.json"))
    out, err = place.enroll("--csv", csv, exits=1)
    check("registered with another key; device rotate" in err and "Left as they are: 1 device" in out, out + err)
    out, err = place.enroll("--csv", place.csv(*[row.replace("S-1,", "S-9,") for row in place.rows(1)]), exits=1)
    check("is registered otherwise (site)" in err, err)


@office
def test_killed(place):
    """Killed in the middle, and again: the same command ends it, and no device has a key that the log does not know."""
    csv, count = place.csv(*place.rows(1200)), 1200
    for share in (200, 700):
        with subprocess.Popen(place.command("enroll", "--out", place.out, "--yes", "--csv", csv), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            wait_until("some are enrolled", lambda least=share, run=process: len(glob.glob(f"{place.out}/{AREA}/*.json")) >= least or run.poll() is not None)
            process.kill()
    with open(os.path.join(place.ca, "index.jsonl"), "r+b") as index:
        fcntl.flock(index, fcntl.LOCK_EX)
        check("is in use: another run" in place.enroll("--csv", csv, exits=1)[1], "two runs at once")
    made = json.loads(place.enroll("--csv", csv, "--json")[0])
    equal((made["done"] + made["there"], made["left"], made["rejected"]), (count, [], []), "what was done")
    equal(glob.glob(f"{place.out}/{AREA}/*.key.pem"), [], "keys that are left")
    names = [f"tx-{i}" for i in range(1, count + 1)]
    for at in range(0, count, 100):
        for device, row in place.registered(*names[at:at + 100]).items():
            equal(place.provisioning(device)["public_key"], row["key"], device)
    equal(len(glob.glob(f"{place.out}/{AREA}/*")), count, "files")
    for device in ("tx-1", "tx-600", "tx-1200"):
        place.judge(device)
    equal(json.loads(place.stack.powertrack("ca", "show", place.ca, "--json"))["count"] >= count, True, "certificates")


@office
def test_requests(place):
    """Devices that made their key: proof of possession, names, curves; their key stays with them."""
    for number in (1, 2):
        place.request("requests", f"tx-{number}")
    csv = place.csv(*place.rows(2))
    folder = os.path.join(place.stack.folder, "requests")
    place.enroll("--csv", csv, "--csr", folder)
    for device, row in place.registered("tx-1", "tx-2").items():
        given = place.provisioning(device)
        equal(("key" in given, given["public_key"]), (False, row["key"]), device)
        wanted = place.openssl("req", "-in", os.path.join(folder, f"{device}.csr"), "-noout", "-pubkey", "-verify")
        check(place.openssl("x509", "-noout", "-pubkey", text=given["certificate"]) in wanted, wanted)
        place.judge(device)
    out, _ = place.enroll("--csv", csv, "--csr", folder)
    check("Done before: 2" in out, out)
    place.request("requests", "tx-9")
    check("tx-9.csr: nobody asked" in place.enroll("--csv", csv, "--csr", folder, exits=2)[1], "a request too many")
    one = ["--device", "tx-5", "--area", AREA, "--site", "S-5", "--lat", "25.5", "--lon", "85.1", "--level", "transformer", "--customers", "5"]
    named = place.request("single", "five", "-addext", f"subjectAltName=URI:urn:powertrack:{AREA}:tx-5", subject="/CN=something else")
    spoilt = place.write("spoilt.der", "")
    place.openssl("req", "-in", named, "-outform", "DER", "-out", spoilt)
    with open(spoilt, "r+b") as file:
        data = bytearray(file.read())
        data[-1] ^= 1
        file.seek(0)
        file.write(data)
    for path, words in ((spoilt, "not signed by its own key"), (place.request("wrong", "a", curve="P-384"), "not on the curve P-256"), (place.request("wrong", "b", subject="/O=nobody"), "names no device"),
                        (place.request("wrong", "c", subject="/CN=tx-5/CN=tx-6"), "names no device"), (place.request("wrong", "tx-6"), "no request names it"),
                        (place.write("text", "hello\n"), "no certificate signing request")):
        _, err = place.enroll(*one, "--csr", path, exits=2 if "no request names" in words else 1)
        check(words in err, err)
    place.enroll(*one, "--csr", named)
    check(f"urn:powertrack:{AREA}:tx-5" in place.judge("tx-5"), "its name")


@office
def test_wrong(place):
    """All is looked at before anything is signed; errors name line and column."""
    good = place.rows(2)
    for rows, words in (((*good, good[0]), "line 4, column device: 'tx-1' stands in line 2"), ((good[0], good[1].replace("25.59", "95.59")), "line 3: lat '95.59"),
                        ((good[0], good[1].replace("transformer", "house")), "line 3: position"), (("nowhere" + good[0][len(AREA):],), "the daemon has no area nowhere")):
        _, err = place.enroll("--csv", place.csv(*rows), exits=1 if "nowhere" not in words else 2)
        check(words in err, err)
    path = place.write("short.csv", "area,device,site\n")
    check("The columns are area,device,site,lat,lon,level,customers" in place.enroll("--csv", path, exits=2)[1], "columns")
    other = place.stack.key_file("other.pem")
    place.stack.powertrack("keygen", "--out", other)
    right, place.stack.authority_key = place.stack.authority_key, other
    check("not the one that area" in place.enroll("--csv", place.csv(*good), exits=2)[1], "another authority")
    place.stack.authority_key = right
    place.write("secret", "not the passphrase\n")
    check("does not open with this passphrase" in place.enroll("--csv", place.csv(*good), exits=2)[1], "passphrase")
    check("--yes signs" in place.run("enroll", "--csv", place.csv(*good), "--out", place.out, exits=2)[1], "nobody was asked")
    equal(place.registered("tx-1", "tx-2"), {}, "registered")
    check(not os.path.exists(place.out), "files")


@office
def test_rotation(place):
    """A new key counts on above the old one's counters; the old certificate is in the revocation list."""
    csv = place.csv(*place.rows(2))
    place.enroll("--csv", csv)
    before = {device: place.provisioning(device) for device in ("tx-1", "tx-2")}
    for seq in (1, 2, 3):
        equal(place.send(before["tx-1"], seq), [], "a report by the old key")
    out, err = place.rotate("--device", "tx-1", "--area", AREA)
    check("Rotated the keys of 1 device" in out and "1 registration," in err, out + err)
    after = place.provisioning("tx-1")
    check(after["key"] != before["tx-1"]["key"] and after["public_key"] == place.registered("tx-1")["tx-1"]["key"], "a new key")
    equal((after["site"], after["first_seq"]), ("S-1", 4), "site and first counter")
    equal(place.send(before["tx-1"], 4), ["bad-signature"], "a report by the old key")
    equal((place.send(after, 3), place.send(after, 4)), (["stale-seq"], []), "reports by the new key")
    equal(place.registered("tx-1")["tx-1"]["customers"], 1, "customers")
    old = place.write("old.pem", before["tx-1"]["certificate"])
    judged = ["verify", "-CAfile", os.path.join(place.ca, "ca.pem"), "-crl_check", "-CRLfile", os.path.join(place.ca, "crl.pem")]
    check("certificate revoked" in place.openssl(*judged, old, exits=2), "the old one is good")
    place.judge("tx-1", "-crl_check", "-CRLfile", os.path.join(place.ca, "crl.pem"))
    out, _ = place.rotate("--csv", csv, "--older-than", "1")
    check("Rotated the keys of 0 devices" in out and "Done before: 2" in out, out)
    # Broken off after the registration: goes on with the key that the log has.
    key = place.provisioning("tx-1")["key"]
    os.unlink(os.path.join(place.out, AREA, "tx-1.json"))
    with open(os.open(os.path.join(place.out, AREA, "tx-1.key.pem"), os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
        file.write(key)
    place.rotate("--device", "tx-1", "--area", AREA)
    equal(place.provisioning("tx-1")["key"], key, "key")
    _, err = place.rotate("--device", "nobody", "--area", AREA, exits=1)
    check("nobody registered it" in err, err)


@office
def test_revocation(place):
    """In the log and in the list; what the log refuses is in no list; again goes on; with a new key they come back."""
    csv = place.csv(*place.rows(4))
    place.enroll("--csv", csv)
    given = place.provisioning("tx-1")
    equal(place.send(given, 1), [], "a report")
    out, err = place.run("revoke", "--device", "tx-1", "--dry-run")
    check("Would revoke 1 device" in out and "To be revoked: 1 device" in err and place.send(given, 2) == [], out + err)
    check("--yes signs" in place.run("revoke", "--device", "tx-1", exits=2)[1] and place.send(given, 3) == [], "nobody was asked")
    out, err = place.run("revoke", "--device", "tx-1", "--yes")
    check("Revoked 1 device; 0 known before" in out and "1 certificate revoked" in out, out)
    equal(place.send(given, 4), ["revoked-device"], "a report of a revoked device")
    place.revoked("tx-1")
    check("Key Compromise" in place.openssl("crl", "-in", os.path.join(place.ca, "crl.pem"), "-noout", "-text"), "reason")
    check("Revoked 0 devices; 1 known before" in place.run("revoke", "--device", "tx-1", "--yes")[0], "again")
    # One that the log revoked in a run that broke off before the list.
    place.stack.powertrack("device", "register", "--revoke", "--device", "tx-2", "--url", place.stack.url, "--authority-key", place.stack.authority_key)
    place.judge("tx-2", "-crl_check", "-CRLfile", os.path.join(place.ca, "crl.pem"))
    made = json.loads(place.run("revoke", "--device", "tx-2", "--yes", "--json")[0])
    equal((made["accepted"], made["same"], made["certificates_revoked"]), (0, 1, 1), "what was done")
    place.revoked("tx-2")
    _, err = place.run("revoke", "--device", "nobody", "--yes", exits=1)
    check("nobody registered it" in err, err)
    _, err = place.enroll("--csv", csv, exits=1)
    check("it is revoked; --reactivate" in err, err)
    place.enroll("--csv", csv, "--reactivate")
    again = place.provisioning("tx-1")
    check(again["key"] != given["key"], "the revoked key is back")
    equal((again["first_seq"], place.send(again, 4), place.send(given, 5)), (4, [], ["bad-signature"]), "reports")
    place.judge("tx-1", "-crl_check", "-CRLfile", os.path.join(place.ca, "crl.pem"))
    out, err = place.run("decommission", "--csv", place.csv(*place.rows(2, first=3)), "--out", place.out, "--yes")
    check("To be decommissioned: 2 devices" in err and "2 certificates revoked" in out, out + err)
    check("Cessation Of Operation" in place.openssl("crl", "-in", os.path.join(place.ca, "crl.pem"), "-noout", "-text"), "reason")
    equal(sorted(os.listdir(os.path.join(place.out, AREA))), ["tx-1.json", "tx-2.json"], "provisioning files")
    equal({row["status"] for row in place.registered("tx-3", "tx-4").values()}, {"revoked"}, "status")


if __name__ == "__main__":
    sys.exit(main())
