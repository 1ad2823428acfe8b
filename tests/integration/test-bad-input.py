#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every slug of docs/PROTOCOL.md section 8, by reports that Python signed; good lines pass beside bad ones."""
import gzip
import json
import os
import socket
import zlib

from cryptography.hazmat.primitives.asymmetric import ec

from pt_case import PATIENCE, case, check, equal, main, stack_in_folder
from pt_formats import dump, encode64, load_pem, point_of, sign

from pt_stack import now_ms

AREA = "test-east"
CURVE = ec.SECP256R1()


class World:
    """A daemon without a chain, an area and devices whose keys are here."""

    def __init__(self, stack):
        self.stack, self.authority = stack, load_pem(stack.authority_key)
        self.keys, self.seq = {}, {}
        with open(os.path.join(stack.state, "admin.token"), encoding="ascii") as file:
            self.token = file.read().strip()
        body = dump({"area": AREA, "authority_key": encode64(point_of(self.authority))})
        status, _ = stack.post("/areas", body, "application/json", {"Authorization": f"Bearer {self.token}"})
        equal(status, 201, "registering the area")

    def device_entry(self, name, level="transformer", status="active", lat=255942345, lon=851374321):
        key = self.keys.setdefault(name, ec.generate_private_key(CURVE))
        entry = {"kind": "device", "area": AREA, "ts": now_ms(), "device": name, "site": f"S-{name}", "key": encode64(point_of(key)),
                 "lat": lat, "lon": lon, "level": level, "customers": 3, "status": status}
        return sign(entry, self.authority)

    def register(self, *lines):
        status, answer = self.stack.post("/registrations", b"\n".join(lines) + b"\n")
        equal(status, 200, "status of registrations")
        return answer

    def report(self, name, seq=None, key=None, **changes):
        """A signed report's bytes; the next counter unless one is given."""
        if seq is None:
            seq = self.seq[name] = self.seq.get(name, 0) + 1
        entry = {"kind": "report", "area": AREA, "device": name, "site": f"S-{name}", "lat": 255942345, "lon": 851374321, "power": "ON",
                 "seq": seq, "ts": now_ms(), **changes}
        return sign(entry, key or self.keys[name])

    def post(self, *lines):
        status, answer = self.stack.post("/reports", b"\n".join(lines) + b"\n")
        equal(status, 200, f"status for {answer}")
        return answer

    def refused(self, line, *slugs):
        """The line alone is refused for one of @slugs, in the middle of good ones which are accepted."""
        answer = self.post(self.report("tx-good"), line, self.report("tx-good"))
        equal(answer["accepted"], 2, f"good lines beside a {slugs[0]} one")
        equal(len(answer["rejected"]), 1, f"refused lines: {answer}")
        equal(answer["rejected"][0]["line"], 2, "the line's number")
        check(answer["rejected"][0]["error"] in slugs, f"wanted {slugs}, got {answer}")


def with_world(function):
    def run():
        with stack_in_folder(chain=False) as stack:
            stack.write_config()
            stack.start_daemon()
            world = World(stack)
            equal(world.register(world.device_entry("tx-good"), world.device_entry("tx-1"))["accepted"], 2, "devices")
            function(world)
            check(stack.alive("powertrackd"), "the daemon still runs")
            equal(stack.stop("powertrackd"), 0, "its exit code")

    run.__name__ = function.__name__
    return run


@case
@with_world
def test_form(world):
    good = world.report("tx-1", seq=1)
    for line in (b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"{}", good[:-20], good.replace(b'"ON"', b'"MAYBE"'), good.replace(b'"seq":1', b'"seq":"1"'),
                 good.replace(b'"seq":1', b'"seq":0'), good.replace(b'"ON",', b'"ON","received":5,')):
        world.refused(line, "malformed", "not-canonical")
    for line in (good.replace(b'"seq":1', b'"seq": 1'), good.replace(b'"seq":1', b'"seq":1e0'), good.replace(b'"seq":1', b'"seq":1.0'),
                 good.replace(b'"tx-1"', b'"\\u0074x-1"'), b" " + good, good.replace(b'"power":"ON",', b"").replace(b'{"area"', b'{"power":"ON","area"')):
        world.refused(line, "not-canonical")
    equal(world.post(good)["accepted"], 1, "the unchanged one")


@case
@with_world
def test_who_and_where(world):
    world.keys["tx-none"] = ec.generate_private_key(CURVE)
    world.refused(world.report("tx-none"), "unknown-device")
    world.refused(world.report("tx-1", seq=50, area="nowhere"), "unknown-device")
    world.refused(world.report("tx-1", seq=51, site="S-other"), "wrong-site")
    world.refused(world.report("tx-1", seq=52, lat=255942346), "wrong-site")
    world.refused(world.report("tx-1", seq=53, key=world.keys["tx-good"]), "bad-signature")
    world.refused(world.report("tx-1", seq=54).replace(b'"power":"ON"', b'"power":"OFF"'), "bad-signature")
    equal(world.register(world.device_entry("tx-1", status="revoked"))["accepted"], 1, "revoking")
    world.refused(world.report("tx-1", seq=55), "revoked-device")


@case
@with_world
def test_houses(world):
    answer = world.register(world.device_entry("house-1", "house", lat=255942345, lon=851400000))
    equal([row["error"] for row in answer["rejected"]], ["too-precise"], "a house that could be found")
    equal(world.register(world.device_entry("house-1", "house", lat=255900000, lon=851400000))["accepted"], 1, "a house's cell")
    world.refused(world.report("house-1"), "too-precise", "wrong-site")
    equal(world.post(world.report("house-1", lat=255900000, lon=851400000))["accepted"], 1, "a report of the cell")


@case
@with_world
def test_counters(world):
    first = world.report("tx-1", seq=1, ts=now_ms() - 1000)
    equal(world.post(first), {"accepted": 1, "duplicate": 0, "rejected": []})
    equal(world.post(first), {"accepted": 0, "duplicate": 1, "rejected": []}, "the same again")
    entry = json.loads(first)
    del entry["sig"]
    equal(world.post(sign(entry, world.keys["tx-1"]))["duplicate"], 1, "the same signed again")
    world.refused(world.report("tx-1", seq=1, power="OFF"), "stale-seq")
    world.refused(world.report("tx-1", seq=1, power="OFF", key=world.keys["tx-good"]), "bad-signature")
    equal(world.post(world.report("tx-1", seq=5000))["accepted"], 1, "a jump ahead")
    equal(world.post(world.report("tx-1", seq=904))["accepted"], 1, "4096 behind")
    world.refused(world.report("tx-1", seq=903), "stale-seq")


@case
@with_world
def test_clock(world):
    for seq, minutes in ((1, 6), (2, 60 * 24 * 400)):
        world.refused(world.report("tx-1", seq=seq, ts=now_ms() + minutes * 60000), "clock-skew")
    # However far behind it is: an outage of weeks is when reports matter most.
    for seq, minutes in ((4, 4), (5, -(60 * 24 * 7 + 5)), (6, -(60 * 24 * 400)), (7, -(now_ms() // 60000))):
        equal(world.post(world.report("tx-1", seq=seq, ts=now_ms() + minutes * 60000))["accepted"], 1, f"{minutes} minutes")


@case
@with_world
def test_sizes(world):
    world.refused(b'{"area":"' + b"a" * 70000 + b'"}', "too-large")
    for path, kind in (("/reports", "application/json"), ("/registrations", "application/x-ndjson")):
        status, _ = world.stack.post(path, b"x" * (9 << 20), kind, headers={"Connection": "close"})
        equal(status, 413, f"a body of 9 MiB to {path}")


@case
@with_world
def test_bodies(world):
    """What a body is wrapped in: its lines' ends, its type, a mark before it, a packer."""
    stack = world.stack

    def lines(count=3):
        return [world.report("tx-1") for _ in range(count)]

    for ends, last in (("\r\n", "\r\n"), ("\r\n\r\n", "\r\n"), ("\r\n", "")):
        body = ends.encode().join(lines()) + last.encode()
        equal(stack.post("/reports", body), (200, {"accepted": 3, "duplicate": 0, "rejected": []}), f"lines that end with {ends!r} and {last!r}")
    for end in (b"", b"\n", b"\r\n"):
        equal(stack.post("/reports", lines(1)[0] + end, "application/json")[1]["accepted"], 1, f"one report and {end!r}")
    world.refused(lines(1)[0].replace(b",", b",\r", 1), "not-canonical")
    for kind in ("application/JSON", "Application/Json; charset=UTF-8", "APPLICATION/X-NDJSON"):
        equal(stack.post("/reports", lines(1)[0], kind)[1]["accepted"], 1, kind)
    for body, kind in ((b"\n".join(lines()), "application/x-ndjson"), (lines(1)[0], "application/json")):
        status, problem = stack.post("/reports", b"\xef\xbb\xbf" + body, kind)
        equal((status, problem["type"], "byte order mark" in problem["detail"]), (400, "malformed", True), f"a mark before {kind}")
    for encoding, pack in (("gzip", gzip.compress), ("deflate", zlib.compress), ("br", bytes), ("GZIP, gzip", bytes)):
        for path in ("/reports", "/registrations"):
            status, problem = stack.post(path, pack(b"\n".join(lines())), headers={"Content-Encoding": encoding})
            equal((status, problem["type"]), (415, "unsupported"), f"{encoding} to {path}")
    equal(stack.post("/reports", lines(1)[0], headers={"Content-Encoding": "identity"})[1]["accepted"], 1, "identity")


@case
@with_world
def test_broken_requests(world):
    stack = world.stack
    whole = world.report("tx-1", seq=1)
    for sent in (b"", b"GARBAGE\r\n\r\n", b"POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n" + whole):
        with socket.create_connection(("127.0.0.1", stack.http_port), PATIENCE) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(PATIENCE)
            while connection.recv(4096):
                pass
    equal(stack.post("/reports", whole, "application/json"), (200, {"accepted": 1, "duplicate": 0, "rejected": []}), "it was not taken before")
    status, problem = stack.post("/reports", b"{", "application/json")
    check(status in (200, 400), f"one malformed report: {status} {problem}")
    check(stack.post("/reports", whole, "text/plain")[0] == 415, "another content type")


if __name__ == "__main__":
    main()
