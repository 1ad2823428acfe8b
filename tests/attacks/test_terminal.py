#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Names of files, fields of a CSV, arguments and the words of a false daemon: none of them steers the terminal of who reads them."""
import json
import os
import re
import subprocess
import tempfile

from pt_attack import amount
from pt_case import BUILD, PATIENCE, case, check, main
from pt_liar import Quiet, send, serve

from pt_stack import program_path

EVIL = "\x1b[2Kx\x1b]8;;http://a\x07y\u202ez\u009b31m\x7f\u2066\r!"
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def run(*command, wanted=None, **options):
    """Both outputs of a program, in which nothing may steer; @wanted: what must be told of all the same."""
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL, **options)
    text = done.stdout.decode(errors="surrogateescape") + done.stderr.decode(errors="surrogateescape")
    found = STEERS.search(text)
    check(not found, f"{command[:3]}: {found and found.group()!r} in {text!r}")
    check("\udc9b" not in text, f"{command[:3]}: C1 as one byte in {text!r}")
    check(wanted is None or wanted in text, f"{command[:3]}: {wanted!r} is not in {text!r}")
    return text


def program(name):
    return program_path(BUILD, name)


@case
def test_arguments_and_files():
    """Files that are not there, are folders, or are not what they should be; options; verbs."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("x" + EVIL.replace("/", ""), "b\udc9b2K"):
            path = os.path.join(folder, name)
            empty, here = path + ".empty", path + ".d"
            os.mkdir(here)
            with open(empty, "w", encoding="ascii") as file:
                file.write("{}")
            for at in (path, empty, here):
                run(program("powertrack"), "verify", at, wanted="verify")
                run(program("powertrack"), "keygen", "--out", os.path.join(at, "x"))
                run(program("powertrack"), "device", "register", "--csv", at, "--authority-key", at, "--url", "http://127.0.0.1:9", wanted="device")
                run(program("powertrackd"), "--config", at, wanted="powertrackd")
                run(program("powertrack-fleet"), "replay", at, "--list", os.path.join(here, "l"), wanted="powertrack-fleet")
                run(program("powertrack"), "proof", "--device", "a", "--seq", "1", "--out", os.path.join(at, "x"), "--url", "http://127.0.0.1:9")
            for arguments in (["verify", "--" + name], ["keygen", "--" + name], [name], ["device", name], ["audit", "--" + name], ["status", name],
                              ["status", "--url", name], ["status", "--url", "http://" + name]):
                run(program("powertrack"), *arguments)


@case
def test_fields():
    """Fields of a CSV that are refused, by the fleet and by the command line."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.csv")
        key = os.path.join(folder, "key.pem")
        run(program("powertrack"), "keygen", "--out", key)
        for column in range(amount(3, 8)):
            row = ["a-1", "d-1", "S-1", "B" * 87, "1", "1", "house", "1"]
            row[column] = EVIL.replace("\r", "")
            for heading in ("area,device,site,key,lat,lon,level,customers", EVIL.replace("\r", "") + ",device"):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(heading + "\n" + ",".join(row) + "\n")
                run(program("powertrack"), "device", "register", "--csv", path, "--authority-key", key, "--ts", "5", "--url",
                    "http://127.0.0.1:9", wanted="line")
                run(program("powertrack-fleet"), "replay", path, "--list", os.path.join(folder, "l"), wanted="line")


def words(value):
    """All the texts in a JSON value."""
    if isinstance(value, str):
        return [value]
    return [word for member in (value.values() if isinstance(value, dict) else value if isinstance(value, list) else []) for word in words(member)]


def false_daemon(answers):
    class Handler(Quiet):
        def do_GET(self):  # noqa: N802
            status, body = answers(self.path.split("?")[0])
            kind = "application/json" if status < 400 else "application/problem+json"
            send(self, status, [("Content-Type", kind)], body)

        do_POST = do_HEAD = do_GET

    return serve(Handler)


@case
def test_false_daemon():
    """Problems, rows and states of a daemon that wants to steer; as tables and as JSON, which stays JSON."""
    problem = json.dumps({"type": EVIL, "title": EVIL, "status": 400, "detail": EVIL}).encode()
    row = {"area": EVIL, "device": EVIL, "site": EVIL, "place": EVIL, "start": 1, "end": 2, "customers": 1, "batch": 1, "state": EVIL, "from": 1, "to": 2,
           "prev_size": 1, "size": 2, "waits_for": EVIL, "cid": EVIL}
    status = {"state": EVIL, "detail": EVIL, "version": EVIL, "now": 5, "chain": {"state": EVIL, "contract": EVIL}}
    good = {"/api/v1/outages": {"outages": [row], "next": None}, "/api/v1/batches": {"batches": [row], "next": None}, "/api/v1/status": status}
    verbs = (["status"], ["outages"], ["batches"], ["proof", "--device", "a", "--seq", "1"])
    for answers in (lambda path: (400, problem), lambda path: (200, json.dumps(good.get(path, {}), ensure_ascii=False).encode())):
        server, url = false_daemon(answers)
        try:
            for verb in verbs:
                run(program("powertrack"), *verb, "--url", url)
                if verb[0] != "proof":
                    text = run(program("powertrack"), *verb, "--json", "--url", url)
                    check(not text.startswith("{") or EVIL in words(json.loads(text)), f"{verb}: JSON means the same: {text}")
        finally:
            server.shutdown()
            server.server_close()


if __name__ == "__main__":
    main()
