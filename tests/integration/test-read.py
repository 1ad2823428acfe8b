#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The read interface: every filter, pages that join without a seam, proofs, and refusals with their slugs."""
import http.client
import json
import os
import re
import socket
import time

from pt_case import PATIENCE, Failure, case, check, equal, main, stack_in_folder
from pt_world import World, ask, refused, wait_until

from pt_stack import HOUR_MS, now_ms

EAST, WEST = "test-east", "test-west"
DEGREE = 10000000
# name, area, latitude, longitude, the reports' powers (one an hour, the last an hour ago)
DEVICES = (("patna", EAST, 256, 851, "ON OFF ON"), ("gaya", EAST, 247, 850, "ON OFF"), ("mute", EAST, 250, 840, ""),
           ("fiji", WEST, -178, 1785, "ON OFF"), ("samoa", WEST, -138, -1720, "ON"), ("still", WEST, 100, 200, None))


class Scene:
    """Sites around the world; some off, one silent, one never heard."""

    def __init__(self, stack):
        self.stack, self.now = stack, now_ms()
        self.hear_still()
        self.world = World(stack, EAST, WEST)
        for name, area, lat, lon, powers in DEVICES[:-1]:
            self.world.register(name, area=area, lat=lat * DEGREE // 10, lon=lon * DEGREE // 10)
            words = (powers or "").split()
            for number, power in enumerate(words):
                self.world.say(name, power, area=area, ts=self.now - HOUR_MS * (len(words) - number))

    def hear_still(self):
        """What is silent was heard five hours ago: by a daemon whose clock was there. Its own clock says now."""
        then = self.now - 5 * HOUR_MS
        self.stack.write_config(clock_source="scaled", clock_origin_ms=then, clock_started_ms=self.now, clock_speed=1)
        self.stack.start_daemon()
        world = World(self.stack, WEST)
        name, _, lat, lon, _ = DEVICES[-1]
        world.register(name, area=WEST, lat=lat * DEGREE // 10, lon=lon * DEGREE // 10, ts=then)
        world.say(name, "ON", area=WEST, ts=then + 200_000)
        self.stack.stop("powertrackd")
        self.stack.write_config(clock_source="real", clock_origin_ms=None, clock_started_ms=None, clock_speed=None)
        self.stack.start_daemon()

    def sites(self, query):
        status, head, body = ask(self.stack, f"/api/v1/sites?{query}")
        equal((status, head["Content-Type"]), (200, "application/geo+json"), f"sites?{query}: {body[:200]}")
        return sorted(feature["properties"]["site"].removeprefix("S-") for feature in json.loads(body)["features"])

    def outages(self, query):
        return [(row["device"], (row["start"] - self.now) // HOUR_MS, None if row["end"] is None else (row["end"] - self.now) // HOUR_MS)
                for row in self.stack.get(f"/outages?{query}")["outages"]]


def with_scene(function):
    def run():
        with stack_in_folder(chain=False) as stack:
            function(Scene(stack))
            equal(stack.stop("powertrackd"), 0, "the daemon's exit code")

    run.__name__ = function.__name__
    return run


@case
@with_scene
def test_sites(scene):
    for query, names in (
        ("", ["fiji", "gaya", "mute", "patna", "samoa", "still"]),
        ("bbox=84,24,86,26", ["gaya", "mute", "patna"]), ("bbox=85,24.7,85.1,25.6", ["gaya", "patna"]), ("bbox=85.1,25.6,85.1,25.6", ["patna"]),
        ("bbox=85.11,24,86,26", []), ("bbox=170,-20,-170,0", ["fiji", "samoa"]), ("bbox=170,-20,180,0", ["fiji"]), ("bbox=170,-20,190,0", ["fiji", "samoa"]), ("bbox=84,26,86,24", ["gaya", "mute", "patna"]), ("bbox=-180,-20,-170,0", ["samoa"]),
        ("bbox=-180,-90,180,90", ["fiji", "gaya", "mute", "patna", "samoa", "still"]), ("bbox=84%2C24%2C86%2C26", ["gaya", "mute", "patna"]),
        ("state=on", ["patna", "samoa"]), ("state=off", ["fiji", "gaya"]), ("state=silent", ["still"]), ("state=unknown", ["mute"]),
        ("state=off,unknown", ["fiji", "gaya", "mute"]), (f"area={WEST}", ["fiji", "samoa", "still"]),
        (f"area={WEST}&state=off,on&bbox=170,-20,-175,0", ["fiji"])):
        equal(scene.sites(query), names, f"sites?{query}")
    for query in ("bbox=1,2,3", "bbox=1,2,3,4,5", "bbox=a,b,c,d", "bbox=1,91,2,8", "bbox=nan,0,1,1", "bbox=0,0,inf,1", "bbox=", "bbox=1,2,3,4x",
                  "bbox=400,0,1,1", "state=", "state=ON", "state=on,", "state=dark", "state=on,on,on,on,on"):
        refused(scene.stack, f"/api/v1/sites?{query}", 400, "malformed")
    refused(scene.stack, "/api/v1/sites?area=nowhere", 404, "unknown-area")


@case
@with_scene
def test_one_site(scene):
    site = scene.stack.get("/sites/S-gaya")
    properties = site["properties"]
    equal(site["geometry"], {"type": "Point", "coordinates": [85.0, 24.7]}, "where it is")
    equal({name: properties[name] for name in ("area", "site", "level", "customers", "state", "since", "last_report")},
          {"area": EAST, "site": "S-gaya", "level": "transformer", "customers": 3, "state": "off", "since": scene.now - HOUR_MS,
           "last_report": scene.now - HOUR_MS}, "what it is")
    equal(properties["devices"][0]["last"], {"seq": 2, "ts": scene.now - HOUR_MS, "power": "OFF"}, "its device's last report")
    equal(scene.stack.get("/sites/S-mute")["properties"]["devices"][0]["last"], None, "a device that was never heard")
    scene.world.register("patna", area=WEST)
    refused(scene.stack, "/api/v1/sites/S-patna", 409, "conflict")
    equal(scene.stack.get(f"/sites/S-patna?area={WEST}")["properties"]["state"], "unknown", "the one in the other area")
    scene.world.say("patna", seq=9)
    equal(scene.stack.get(f"/sites/S-patna?area={EAST}")["properties"]["devices"][0]["missing"], 5, "counters that were not heard")
    refused(scene.stack, "/api/v1/sites/S-none", 404, "not-found")
    refused(scene.stack, f"/api/v1/sites/S-gaya?area={WEST}", 404, "not-found")
    refused(scene.stack, "/api/v1/sites/S-gaya?area=nowhere", 404, "unknown-area")
    for path in ("/api/v1/sites/S-gaya/more", "/api/v1/sites/", "/api/v1/sites/%00", "/api/v1/sites/..", "/api/v1/sites/" + "x" * 5000):
        check(ask(scene.stack, path)[0] in (400, 404), f"{path[:40]} is no site")


@case
@with_scene
def test_outages(scene):
    patna, gaya, fiji = ("patna", -2, -1), ("gaya", -1, None), ("fiji", -1, None)

    def time(hours):
        return scene.now + int(hours * HOUR_MS)

    for query, rows in (
        ("", [patna, gaya, fiji]), ("open=true", [gaya, fiji]), ("open=false", [patna]), (f"area={EAST}", [patna, gaya]), ("site=S-fiji", [fiji]),
        ("device=patna", [patna]), ("device=none", []), ("site=S-none", []), ("site=S-fiji&device=gaya", []), (f"area={EAST}&site=S-fiji", []),
        (f"to={time(-2)}", []), (f"to={time(-2) + 1}", [patna]), (f"to={time(-1)}", [patna]), (f"from={time(-1)}", [gaya, fiji]),
        (f"from={time(-1) - 1}", [patna, gaya, fiji]), (f"from={time(-1.5)}&to={time(-1.4)}", [patna]), (f"from={time(5)}", [gaya, fiji]),
        (f"from={time(-9)}&to={time(-8)}", []), (f"from={time(-1.5)}&open=true", [gaya, fiji])):
        equal(sorted(scene.outages(query)), sorted(rows), f"outages?{query.replace(str(scene.now)[:5], '')}")
    for query in ("from=x", "from=-1", "from=1.5", "to=", f"to={1 << 60}", "limit=0", "limit=10001", "limit=many", "open=yes", "open=", "cursor=x",
                  "cursor=1.2", "cursor=1.2.3.4", "cursor=.."):
        refused(scene.stack, f"/api/v1/outages?{query}", 400, "malformed")
    refused(scene.stack, "/api/v1/outages?area=nowhere", 404, "unknown-area")


def fill_outages(scene, count=40):
    """Outages of many devices, a third at the same moment, a third lasting."""
    names = [f"d{number}" for number in range(count)]
    scene.world.register(*names[: count // 2])
    scene.world.register(*names[count // 2 :], area=WEST)
    lines = []
    for number, name in enumerate(names):
        area = EAST if number < count // 2 else WEST
        for turn in range(3):
            start = scene.now - (60 - 20 * turn) * 60000 + (number if number % 3 else 0)
            lines.append(scene.world.report(name, "OFF", area, ts=start))
            if number % 3 != 1 or turn < 2:
                lines.append(scene.world.report(name, "ON", area, ts=start + 60000))
    scene.world.post(*lines)


def walk(stack, path, member, limit):
    """All rows by pages of @limit; the Link header names the page that `next` does."""
    target, rows = path + ("&" if "?" in path else "?") + f"limit={limit}", []
    while target:
        status, head, body = ask(stack, "/api/v1" + target)
        equal(status, 200, f"status of {target}")
        page = json.loads(body)
        check(len(page[member]) <= limit and (page["next"] is None or len(page[member]) == limit), f"rows of {target}")
        equal(head["Link"], f'<{page["next"]}>; rel="next"' if page["next"] else None, "the Link header")
        rows += page[member]
        target = page["next"] and page["next"].removeprefix("/api/v1")
    return rows


def check_pages(stack, path, member, key):
    whole = walk(stack, path, member, 1000)
    check(len(whole) == len({key(row) for row in whole}), f"{path}: nothing twice")
    for limit in (1, 3, 7, len(whole), len(whole) + 1):
        equal(walk(stack, path, member, max(1, limit)), whole, f"{path} by pages of {limit}")
    return whole


@case
@with_scene
def test_pages_of_outages(scene):
    fill_outages(scene)
    rows = {path: check_pages(scene.stack, path, "outages", lambda row: (row["device"], row["start"]))
            for path in ("/outages", f"/outages?area={WEST}", "/outages?open=true", "/outages?open=false", "/outages?device=d3", "/outages?site=S-d1&open=true")}
    equal(len(rows["/outages"]), 3 + 120, "all of them")
    equal(len(rows["/outages?open=true"]) + len(rows["/outages?open=false"]), 123, "open ones and others")
    equal([row["start"] for row in rows["/outages"]], sorted(row["start"] for row in rows["/outages"]), "in order of their start")
    before = scene.stack.get("/outages?limit=1000")["outages"]
    equal(scene.stack.stop("powertrackd"), 0, "its exit code")
    scene.stack.start_daemon()
    equal(scene.stack.get("/outages?limit=1000")["outages"], before, "outages after a restart")


@case
@with_scene
def test_addresses_and_methods(scene):
    stack = scene.stack
    for path in ("/api", "/api/v1", "/api/v1/", "/api/v2/status", "/api/v1/statuses", "/api/v1/status/", "/api/v1/batches/x", "/favicon.ico",
                 "/api/v1/batches/a/1/x", "/metricsandmore", "/metrics/more", "/healthz/more"):
        refused(stack, path, 404, "not-found")
    for method, path, allow in (("POST", "/api/v1/status", "GET, HEAD, OPTIONS"), ("DELETE", "/api/v1/sites", "GET, HEAD, OPTIONS"), ("PUT", "/api/v1/areas", "GET, HEAD, POST, OPTIONS"),
                                ("GET", "/api/v1/reports", "POST, OPTIONS"), ("PATCH", "/api/v1/outages", "GET, HEAD, OPTIONS"), ("DELETE", "/api/v1/events", "GET, HEAD, OPTIONS"),
                                ("POST", "/metrics", "GET, HEAD, OPTIONS"), ("POST", "/healthz", "GET, HEAD, OPTIONS"), ("POST", "/ipfs/x", "GET, HEAD, OPTIONS")):
        refused(stack, path, 405, "wrong-method", method)
        equal(ask(stack, path, method)[1]["Allow"], allow, f"methods of {path}")
    for path in ("/api/v1/status", "/api/v1/sites", "/api/v1/sites/S-gaya", "/api/v1/outages", "/api/v1/batches", "/api/v1/areas", "/metrics", "/healthz"):
        status, head, body = ask(stack, path, "HEAD")
        equal((status, body), (200, b""), f"HEAD {path}")
        full = ask(stack, path)
        equal(head["Content-Type"], full[1]["Content-Type"], f"content type of HEAD {path}")
        if path not in ("/api/v1/status", "/metrics"):  # these tell the time, and what was asked
            equal(head["Content-Length"], str(len(full[2])), f"length of HEAD {path}")
    refused(stack, "/api/v1/sites/none", 404, "not-found", "HEAD")
    check_connection_stays(stack)
    check_no_ranges(stack)
    check_old_clients(stack)


def check_no_ranges(stack):
    """An address that is no file of the gateway's is answered whole, once, however often a range is asked for."""
    for path in ("/", "/api/v1/sites", "/api/v1/status", "/api/v1/outages", "/metrics", "/healthz"):
        whole = len(ask(stack, path)[2])
        for ranges in ("bytes=0-0", "bytes=-1", "bytes=" + ",".join(["0-"] * 1000), "bytes=99999999-"):
            status, head, body = ask(stack, path, Range=ranges)
            equal((status, head["Content-Range"]), (200, None), f"{path} with {ranges[:20]}")
            check(abs(len(body) - whole) < 100, f"{path} with {ranges[:20]}: {len(body)} bytes of {whole}")  # some tell the time


def talk(stack, sent):
    """All that is answered until the end of the connection."""
    with socket.create_connection(("127.0.0.1", stack.http_port), PATIENCE) as connection:
        connection.sendall(sent)
        answer = b""
        while data := connection.recv(65536):
            answer += data
            if b"event: clock" in answer:
                break
        return answer


def check_old_clients(stack):
    """HTTP/1.0 has no chunks: what has no length ends with the connection."""
    cid = stack.get("/batches")["batches"][0]["cid"] if stack.get("/batches")["batches"] else None
    for target in ["/api/v1/events"] + ([f"/ipfs/{cid}?format=car"] if cid else []):
        head, _, body = talk(stack, f"GET {target} HTTP/1.0\r\nHost: a\r\n\r\n".encode()).partition(b"\r\n\r\n")
        check(b"200" in head[:20] and b"transfer-encoding" not in head.lower() and b"connection: close" in head.lower(), f"{target}: {head}")
        check(body and not re.match(rb"[0-9a-f]+\r\n", body), f"{target}: no chunks: {body[:40]}")


def check_connection_stays(stack):
    """One connection for a HEAD, an error and what follows."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.http_port, timeout=PATIENCE)
    for method, path, wanted in (("HEAD", "/api/v1/status", 200), ("HEAD", "/api/v1/events", 200), ("GET", "/nothing", 404), ("GET", "/api/v1/status", 200)):
        connection.request(method, path)
        answer = connection.getresponse()
        equal(answer.status, wanted, f"{method} {path} on a connection that stays")
        answer.read()
    connection.close()


# With a chain


def save_proof(stack, query, name):
    path = os.path.join(stack.folder, name)
    status, _, body = ask(stack, f"/api/v1/proof?{query}")
    equal(status, 200, f"proof?{query}: {body[:200]}")
    with open(path, "wb") as file:
        file.write(body)
    return path, json.loads(body)


def batch_of(bundle, rows):
    """The batch that has to have it, by when the daemon received it: how far registrations came before the first boundary is the machine's affair."""
    received = json.loads(bundle["entry"])["received"]
    return next(row["batch"] for row in rows if row["from"] <= received < row["to"])


def verifies(stack, query, rows):
    path, bundle = save_proof(stack, query, "bundle.json")
    stack.verify(path)
    equal(bundle["batch"], batch_of(bundle, rows), f"the batch of {query}")
    with open(path, "rb") as file:
        damaged, count = re.subn(rb'(power[^A-Z]+)O', rb"\1N", file.read())
    check(count > 0, "what the report says stands in the bundle")
    with open(path, "wb") as file:
        file.write(damaged)
    try:
        stack.verify(path)
    except Failure:
        return bundle
    raise AssertionError("a changed bundle holds")


def wait_batches(stack, area, count):
    """Until the area has @count final batches, whose number follows from what was posted in between."""
    wait_until(f"{count} batches of {area}", lambda: len(stack.get(f"/batches?area={area}&state=final")["batches"]) >= count)


def make_batches(stack, world):
    """Several batches of either area; a late report is in the last."""
    for turn in range(3):
        for area, names in ((EAST, ("tx-1", "tx-2")), (WEST, ("tx-1",))):
            world.post(*[world.report(name, "OFF" if turn % 2 else "ON", area) for name in names])
        for area in (EAST, WEST):
            wait_batches(stack, area, turn + 1)
    world.post(world.report("tx-2", "ON", seq=7, ts=now_ms() - 6 * 24 * HOUR_MS))
    world.take("/registrations", [world.device("tx-2", status="revoked")])
    wait_batches(stack, EAST, 4)


def check_proofs(stack):
    final = stack.get(f"/batches?area={EAST}&state=final")["batches"]
    early = verifies(stack, f"device=tx-1&seq=1&area={EAST}", final)
    late = verifies(stack, "device=tx-2&seq=7", final)
    check(early["batch"] < late["batch"], "a late report is in the batch of when it came")
    verifies(stack, "device=tx-2&seq=1", final)  # revoked since
    for query, status, slug in (("device=tx-1&seq=1", 409, "conflict"), ("device=tx-9&seq=1", 404, "unknown-device"), ("device=tx-2&seq=99", 404, "not-found"),
                                ("device=tx-2&seq=1&area=nowhere", 404, "unknown-area"), ("device=tx-2", 400, "malformed"), ("seq=1", 400, "malformed"),
                                ("device=tx-2&seq=0", 400, "malformed"), ("device=tx-2&seq=x", 400, "malformed"), ("", 400, "malformed"),
                                (f"device=tx-2&seq={1 << 60}", 400, "malformed"), (f"device=tx-2&seq=1&area={WEST}", 404, "unknown-device")):
        refused(stack, f"/api/v1/proof?{query}", status, slug)


def check_batches(stack):
    rows = check_pages(stack, "/batches", "batches", lambda row: (row["area"], row["batch"]))
    equal([row["to"] for row in rows], sorted((row["to"] for row in rows), reverse=True), "newest first")
    for area in (EAST, WEST):
        own = check_pages(stack, f"/batches?area={area}", "batches", lambda row: row["batch"])
        equal(own, [row for row in rows if row["area"] == area], f"batches of {area}")
        equal([row["batch"] for row in own], list(range(len(own), 0, -1)), f"numbers of {area}'s batches")
    equal(check_pages(stack, "/batches?state=final", "batches", lambda row: (row["area"], row["batch"])), rows, "final ones, which all are")
    for state in ("sealed", "published", "submitted"):
        equal(stack.get(f"/batches?state={state}"), {"batches": [], "next": None}, f"{state} ones")
    for query in ("state=open", "state=lost", "state=", "limit=0", "limit=1001", "cursor=x", "cursor=", "cursor=5", "cursor=5.1x", "cursor=5.-1", "cursor=-5.1"):
        refused(stack, f"/api/v1/batches?{query}", 400, "malformed")
    equal(stack.get(f"/batches/{EAST}/1"), [row for row in rows if row["area"] == EAST][-1], "one batch alone")
    for path, status, slug in ((f"/batches/{EAST}/0", 400, "malformed"), (f"/batches/{EAST}/x", 400, "malformed"), (f"/batches/{EAST}/99", 404, "not-found"),
                               ("/batches/nowhere/1", 404, "unknown-area"), ("/batches?area=nowhere", 404, "unknown-area")):
        refused(stack, "/api/v1" + path, status, slug)


READS = ("/areas", "/sites/S-tx-2", "/outages?limit=1000", "/batches?limit=1000", "/proof?device=tx-2&seq=1", "/proof?device=tx-2&seq=7",
         f"/sites/S-tx-1?area={EAST}")


@case
def test_proofs_and_batches():
    with stack_in_folder() as stack:
        stack.write_config(batch_period="1s", chain_confirmations=1)
        stack.start_daemon()
        world = World(stack, EAST, WEST)
        world.register("tx-1", "tx-2")
        world.register("tx-1", area=WEST)
        make_batches(stack, world)
        stack.wait_settled()
        check_proofs(stack)
        check_batches(stack)
        before = {path: stack.get(path) for path in READS}
        sites = sorted(map(str, stack.get("/sites")["features"]))
        equal(stack.stop("powertrackd"), 0, "its exit code")
        stack.start_daemon()
        equal({path: stack.get(path) for path in READS}, before, "answers after a restart")
        equal(sorted(map(str, stack.get("/sites")["features"])), sites, "sites after a restart")
        check(stack.audit()["holds"], "the audit")


@case
def test_not_anchored_yet():
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1s")
        stack.start_daemon()
        world = World(stack, EAST)
        world.register("tx-1")
        world.say("tx-1")
        refused(stack, "/api/v1/proof?device=tx-1&seq=1", 409, "not-anchored")
        wait_until("a published batch", lambda: stack.status()["batches"]["published"] and not stack.status()["pending"])
        time.sleep(0.2)
        refused(stack, "/api/v1/proof?device=tx-1&seq=1", 409, "not-anchored")
        refused(stack, "/api/v1/proof?device=tx-1&seq=2", 404, "not-found")


if __name__ == "__main__":
    main()
