#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""data/openapi.yaml against the daemon: its routes in the source, and its answers while it runs."""
import glob
import json
import os
import re
import signal
import socket
import time
import urllib.error
import urllib.request

import yaml
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from pt_case import PATIENCE, SOURCE, case, check, equal, main, stack_in_folder
from pt_enroll import AREA as OFFICE_AREA
from pt_est import Est
from pt_files import make_map, make_page, make_places
from pt_formats import cid_text, dump, encode64, file_cid, load_pem, point_of, sha256, sign
from pt_people import GATEWAY, HOUR_MS, MINUTE_MS, People, make_gateway, make_png, multipart, work
from pt_world import World as Registrar, ask as plain_ask, wait_until

from pt_stack import now_ms

with open(os.path.join(SOURCE, "data", "openapi.yaml"), encoding="utf-8") as file:
    DOCUMENT = yaml.safe_load(file)
AREAS = ("test-east", "test-west")
OUT_OF_REACH = {"416", "500", "503", "413", "415", "429"}  # statuses that other tests provoke

# A checker of the part of JSON Schema 2020-12 that the document uses


def resolve(node):
    while isinstance(node, dict) and "$ref" in node:
        target = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "null": type(None), "boolean": bool}
WORDS = {"type", "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "items", "properties", "required",
         "additionalProperties", "description", "default", "$ref", "format", "prefixItems", "oneOf", "contentMediaType", "contentSchema"}


def wrongs_of_value(schema, value):
    if "enum" in schema and value not in schema["enum"]:
        yield f"{value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{value!r} is not {schema['const']!r}"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{value!r} does not match {schema['pattern']}"
    if isinstance(value, str) and not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield f"{value!r} is too short or too long"
    if isinstance(value, (int, float)) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{value} is out of its bounds"
    if isinstance(value, list) and not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        yield f"{len(value)} items"


def wrongs(schema, value, where="answer"):
    """One line for everything in @value that @schema forbids."""
    schema = resolve(schema)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    told = {kind for kind, python in TYPES.items() if isinstance(value, python)}
    if kinds and not told.intersection(kinds) - ({"integer", "number"} if isinstance(value, bool) else set()):
        yield f"{where}: {value!r} is no {' or '.join(kinds)}"
        return
    yield from (f"{where}: {wrong}" for wrong in wrongs_of_value(schema, value))
    if "oneOf" in schema and sum(not list(wrongs(way, value)) for way in schema["oneOf"]) != 1:
        yield f"{where}: {value!r} fits not one of the ways"
    if "contentSchema" in schema and isinstance(value, str):
        yield from wrongs(schema["contentSchema"], json.loads(value), f"{where} (JSON)")
    if isinstance(value, list):
        firsts = schema.get("prefixItems", [])
        for number, item in enumerate(value):
            yield from wrongs(firsts[number] if number < len(firsts) else schema.get("items", {}), item, f"{where}[{number}]")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        yield from (f"{where}: {name} is missing" for name in schema.get("required", []) if name not in value)
        for name, member in value.items():
            if name in known:
                yield from wrongs(known[name], member, f"{where}.{name}")
            elif schema.get("additionalProperties") is False:
                yield f"{where}: {name} is not described"
            else:
                yield from wrongs(schema.get("additionalProperties", {}), member, f"{where}.{name}")


def schemas(node):
    """All schemas below a node, for the check that the checker knows their words."""
    if isinstance(node, dict):
        if "schema" in node:
            yield node["schema"]
        for member in node.values():
            yield from schemas(member)
    elif isinstance(node, list):
        for member in node:
            yield from schemas(member)


def unknown_words(schema):
    yield from set(schema) - WORDS
    for member in [*(schema[word] for word in ["items", "contentSchema"] if word in schema), *schema.get("oneOf", []), *schema.get("prefixItems", []),
                   *schema.get("properties", {}).values()]:
        yield from unknown_words(member)


def operations():
    for path, item in DOCUMENT["paths"].items():
        for method in item:
            yield method.upper(), path


# Asking


class Asked:
    """Every request goes through here, is held against the document, and is remembered."""

    def __init__(self, stack):
        self.stack, self.seen, self.parameters = stack, set(), set()

    def __call__(self, method, template, wanted, values=None, query="", data=None, **headers):
        target = template
        for name, value in (values or {}).items():
            target = target.replace("{" + name + "}", str(value))
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.stack.url + target + ("?" + query if query else ""), data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                status, kind, body = answer.status, answer.headers["Content-Type"], answer.read()
        except urllib.error.HTTPError as error:
            with error:
                status, kind, body = error.code, error.headers["Content-Type"], error.read()
        equal(status, wanted, f"status of {method} {target}?{query}: {body[:200]}")
        return self.compare(method, template, status, kind, body, query)

    def compare(self, method, template, status, kind, body, query):
        described = DOCUMENT["paths"][template].get(method.lower())
        name = f"{method} {template} {status}"
        if described is None:  # another method than the address has: the problem alone is described
            described = next(iter(DOCUMENT["paths"][template].values()))
        check(str(status) in described["responses"], f"{name} is not described")
        content = resolve(described["responses"][str(status)]).get("content")
        self.seen.add((method, template, str(status)))
        self.parameters |= {(template, pair.split("=")[0]) for pair in query.split("&") if pair}
        if content is None:
            return body
        kind = (kind or "").split(";")[0]
        check(kind in content, f"{name}: {kind} is not described")
        if not kind.endswith("json") or kind.endswith("ndjson") or template == "/ipfs/{cid}" and status in (200, 206):
            return body
        value = json.loads(body)
        found = list(wrongs(content[kind]["schema"], value))
        check(not found, f"{name}: {found[:5]}")
        return value


class World:
    """Two areas with a device of the same name, one outage that ended, one that lasts, and all that anchored."""

    def __init__(self, stack):
        self.stack, self.ask, self.authority = stack, Asked(stack), load_pem(stack.authority_key)
        self.key = ec.generate_private_key(ec.SECP256R1())
        with open(os.path.join(stack.state, "admin.token"), encoding="ascii") as token:
            self.bearer = "Bearer " + token.read().strip()

    def entry(self, area, device, **more):
        return {"area": area, "device": device, "site": f"S-{device}", "lat": 255942345, "lon": 851374321, "ts": now_ms(), **more}

    def device(self, area, device):
        return sign(self.entry(area, device, kind="device", key=encode64(point_of(self.key)), level="transformer", customers=3,
                               status="active"), self.authority)

    def report(self, device, seq, power, area=AREAS[0]):
        return sign(self.entry(area, device, kind="report", seq=seq, power=power), self.key)

    def take(self, path, *lines):
        return self.ask("POST", path, 200, data=b"\n".join(lines), Content_Type="application/x-ndjson")

    def wait_final(self):
        self.stack.wait_settled()
        return self.ask("GET", "/api/v1/batches", 200, query="state=final&limit=10")["batches"]


def fill(world):
    ask = world.ask
    key = encode64(point_of(world.authority))
    body = dump({"area": "other", "authority_key": key})
    ask("POST", "/api/v1/areas", 401, data=body)
    ask("POST", "/api/v1/areas", 400, data=b"{}", Authorization=world.bearer)
    ask("POST", "/api/v1/areas", 201, data=body, Authorization=world.bearer)
    ask("POST", "/api/v1/areas", 200, data=body, Authorization=world.bearer)
    other = dump({"area": "other", "authority_key": encode64(point_of(world.key))})
    ask("POST", "/api/v1/areas", 409, data=other, Authorization=world.bearer)
    equal(world.take("/api/v1/registrations", world.device(AREAS[0], "tx-1"), world.device(AREAS[0], "tx-2"), world.device(AREAS[1], "tx-1"),
                     world.device(AREAS[0], "tx-3"))["accepted"], 4, "devices")
    officer = ("official", "register", "--official", "officer-1", "--area", AREAS[0], "--name", "A. Officer", "--role", "officer", "--key", key,
               "--authority-key", world.stack.authority_key, "--url", world.stack.url)
    equal(world.stack.powertrack(*officer), f"Registered officer-1 in {AREAS[0]}\n", "an official")
    equal(world.stack.powertrack(*officer), f"officer-1 is registered so in {AREAS[0]} already\n", "the same again")
    answer = world.take("/api/v1/reports", world.report("tx-1", 1, "OFF"), world.report("tx-1", 2, "ON"), b"{", world.report("tx-2", 1, "OFF"))
    equal((answer["accepted"], answer["rejected"]), (3, [{"line": 3, "error": "malformed"}]), "reports")
    ask("POST", "/api/v1/reports", 200, data=world.report("tx-2", 3, "OFF"), Content_Type="application/json")
    notice = sign({"area": AREAS[0], "kind": "notice", "ts": now_ms(), "notice": "works-1", "n": 1, "prev": "0" * 64, "about": "shutdown", "scope": "area",
                   "start": now_ms() + HOUR_MS, "end": now_ms() + 2 * HOUR_MS, "by": "officer-1", "note": "", "status": "active"}, world.authority)
    answer = ask("POST", "/api/v1/notices", 200, data=notice, Content_Type="application/json", Prefer="receipt")
    equal((answer["accepted"], answer["receipts"][0]["receipt"]["area"]), (1, AREAS[0]), "a notice and its receipt")
    for path in ("/api/v1/reports", "/api/v1/registrations", "/api/v1/notices"):
        ask("POST", path, 400, data=b"", Content_Type="application/json")


def ask_clock(seen):
    """A daemon whose clock is stepped, with the token, on and never back; one whose clock is not says so."""
    path, now, headers = "/api/v1/clock", 1_700_000_000_000, {"Content_Type": "application/json"}
    seen.ask("POST", path, 409, data=dump({"now": now}), Authorization=seen.bearer)
    with stack_in_folder(chain=False) as stack:
        stack.write_config(clock_source="stepped", clock_origin_ms=now)
        stack.start_daemon()
        world = World(stack)
        step = lambda to, wanted: world.ask("POST", path, wanted, data=dump({"now": to}), Authorization=world.bearer, **headers)
        world.ask("POST", path, 401, data=dump({"now": now}), **headers)
        for body in (b"", b"{", b"[]", b'{"now":"soon"}', b'{"now":-1}', b'{"now":9007199254740992}'):
            world.ask("POST", path, 400, data=body, Authorization=world.bearer, **headers)
        status = world.ask("GET", "/api/v1/status", 200)
        equal((status["now"], status["clock_source"], status["clock_speed"], status["period"]), (now, "stepped", 0, 900_000), "where it begins")
        equal([step(to, 200)["now"] for to in (now, now + 5, now + 5)], [now, now + 5, now + 5], "stepped on")
        step(now + 4, 409)
        equal(stack.status()["now"], now + 5, "it went not back")
        stack.stop("powertrackd", signal.SIGKILL)
        stack.start_daemon()
        equal(stack.status()["now"], now + 5, "after a new start it goes on where it was")
    seen.ask.seen |= world.ask.seen


def ask_invitations(est):
    """What administration asks, of a daemon that gives certificates."""
    bearer = World(est.stack).bearer
    ask, path, headers = Asked(est.stack), "/api/v1/est/invitations", {"Content_Type": "application/json"}
    body = {"area": OFFICE_AREA, "device": "tx-1", "hours": 2}
    ask("POST", path, 401, data=dump(body), **headers)
    ask("GET", "/api/v1/est/pending", 401)
    for wrong in ({}, {**body, "hours": 0}, {**body, "hours": 721}, {**body, "device": "a b"}, {**body, "more": 1}):
        ask("POST", path, 400, data=dump(wrong), Authorization=bearer, **headers)
    ask("POST", path, 404, data=dump({**body, "area": "nowhere"}), Authorization=bearer, **headers)
    password = ask("POST", path, 201, data=dump(body), Authorization=bearer, **headers)["password"]
    return ask, bearer, password


def ask_est(seen):
    """A daemon with TLS, as devices and administration ask it for certificates."""
    with stack_in_folder(chain=False) as stack:
        est = Est(stack)
        ask, bearer, password = ask_invitations(est)
        held = lambda method, verb, answer: ask.compare(method, "/.well-known/est/" + verb, answer[0], answer[1]["content-type"], answer[2], "")
        enroll = lambda *arguments, **more: held("POST", "simpleenroll", est.enroll(*arguments, **more))
        again = lambda *arguments, **more: held("POST", "simplereenroll", est.again(*arguments, **more))
        held("GET", "cacerts", est.curl("cacerts"))
        held("GET", "cacerts", est.curl("cacerts", base=stack.url))
        path, curve = est.place.request("asked", "tx-1"), est.place.request("curve", "tx-1", curve="P-384")
        enroll("tx-1", "wrong", path)
        enroll("tx-1", password, path, base=stack.url)
        enroll("tx-1", password, curve)
        enroll("tx-1", password, path)
        equal([row["device"] for row in ask("GET", "/api/v1/est/pending", 200, Authorization=bearer)["pending"]], ["tx-1"], "who waits")
        enroll("tx-1", password, est.place.request("other", "tx-1"))
        est.place.enroll("--csv", est.csv("tx-1"), "--csr", path)
        pair = est.take(est.enroll("tx-1", password, path), "tx-1", f"{path}.key")
        enroll("tx-1", password, path)
        again(path, pair)
        again(curve, pair)
        again(est.place.request("new", "tx-1"), pair)
        held("POST", "simplereenroll", est.ask("simplereenroll", est.body(path)))
        est.place.run("revoke", "--device", "tx-1", "--yes")
        ask("POST", "/api/v1/est/invitations", 409, data=dump({"area": OFFICE_AREA, "device": "tx-1", "hours": 2}), Authorization=bearer, Content_Type="application/json")
    seen.ask.seen |= ask.seen


def ask_no_est(world):
    """A daemon that gives no certificates says so at every address of theirs."""
    for verb in ("simpleenroll", "simplereenroll"):
        world.ask("POST", f"/.well-known/est/{verb}", 404, data=b"AAAA", Content_Type="application/pkcs10")
    world.ask("GET", "/.well-known/est/cacerts", 404)
    world.ask("GET", "/api/v1/est/pending", 404, Authorization=world.bearer)
    world.ask("POST", "/api/v1/est/invitations", 404, data=b"{}", Authorization=world.bearer, Content_Type="application/json")


def ask_reads(world):
    ask, area = world.ask, f"area={AREAS[0]}"
    equal(len(ask("GET", "/api/v1/areas", 200)["areas"]), 3, "areas")
    ask("GET", "/api/v1/status", 200)
    check(b"powertrack_entries" in ask("GET", "/metrics", 200), "metrics")
    ask("GET", "/api/v1/metrics", 200)
    ask("GET", "/healthz", 200)
    equal(len(ask("GET", "/api/v1/sites", 200, query=f"bbox=85,25,86,26&state=off,on,unknown&{area}")["features"]), 3, "sites in the box")
    equal(len(ask("GET", "/api/v1/sites", 200, query="state=off")["features"]), 1, "sites without supply")
    for query in ("bbox=1,2", "state=sleepy"):
        ask("GET", "/api/v1/sites", 400, query=query)
    ask("GET", "/api/v1/sites", 404, query="area=none")
    for site, devices in (("S-tx-2", 1), ("S-tx-3", 1)):
        equal(len(ask("GET", "/api/v1/sites/{site}", 200, {"site": site}, area)["properties"]["devices"]), devices, "devices")
    rows = ask("GET", "/api/v1/sites", 200, query=f"format=ndjson&{area}", Accept="application/x-ndjson").splitlines()
    equal(len(rows), 3, "rows")
    for row in rows:
        equal(list(wrongs(DOCUMENT["components"]["schemas"]["SiteRow"], json.loads(row))), [], "a row")
        equal(dump(json.loads(row)), row, "a row in its canonical form")
    for line in ask("GET", "/api/v1/sites", 200, query="format=columns", Accept="application/x-ndjson").splitlines():
        equal(list(wrongs(DOCUMENT["components"]["schemas"]["SiteColumns"], json.loads(line))), [], "columns")
    etag = urllib.request.urlopen(world.stack.url + "/api/v1/sites").headers["ETag"]
    ask("GET", "/api/v1/sites", 304, If_None_Match=etag)
    ask("GET", "/api/v1/sites", 400, query="format=xml")
    rows = ask("GET", "/api/v1/devices", 200, query="device=tx-1,tx-none,tx-2")["devices"]
    equal([(row["device"], row["area"]) for row in rows], [("tx-1", AREAS[0]), ("tx-1", AREAS[1]), ("tx-2", AREAS[0])], "registrations")
    equal(len(ask("GET", "/api/v1/devices", 200, query=f"device=tx-1&{area}")["devices"]), 1, "of one area")
    ask("GET", "/api/v1/devices", 404, query="device=tx-1&area=none")
    for query in ("", "device=", "device=a,", "device=a,,b", "device=a%20b", "device=" + ",".join(["a"] * 101)):
        ask("GET", "/api/v1/devices", 400, query=query)
    equal(ask("GET", "/api/v1/officials", 200, query="official=nobody")["officials"], [], "an official that nobody registered")
    row, = ask("GET", "/api/v1/officials", 200, query=f"official=nobody,officer-1&{area}")["officials"]
    equal((row["name"], row["role"], row["status"]), ("A. Officer", "officer", "active"), "how an official is registered")
    ask("GET", "/api/v1/officials", 400, query="official=a%20b")
    page = ask("GET", "/api/v1/officials", 200)
    check(row in page["officials"] and page["next"] is None, "all of them on one page")
    first = ask("GET", "/api/v1/officials", 200, query=f"{area}&limit=1")
    equal((len(first["officials"]), first["next"]), (1, None), "the area has one")
    ask("GET", "/api/v1/officials", 404, query="area=none")
    for query in ("limit=0", "limit=1001", "cursor=x", "cursor=1.2"):
        ask("GET", "/api/v1/officials", 400, query=query)
        ask("GET", "/api/v1/officials", 400, query="official=officer-1&" + query)
    ask("GET", "/api/v1/officials", 404, query="official=officer-1&area=none")
    template = "/api/v1/devices/{area}/{device}/held"
    held = ask("GET", template, 200, {"area": AREAS[0], "device": "tx-2"})
    equal((held["highest"], held["missing"]), (3, [2]), "counters that are durable")
    ask("GET", template, 404, {"area": AREAS[0], "device": "nothing"})
    template = "/api/v1/officials/{area}/{official}"
    entries = ask("GET", template, 200, {"area": AREAS[0], "official": "officer-1"})["registrations"]
    equal([json.loads(entry)["official"] for entry in entries], ["officer-1"], "what the authority signed of it")
    ask("GET", template, 404, {"area": AREAS[0], "official": "nobody"})
    path = "/api/v1/sites/{site}/reports"
    reports = ask("GET", path, 200, {"site": "S-tx-2"}, f"{area}&limit=5")["reports"]
    equal([(row["seq"], row["power"]) for row in reports], [(3, "OFF"), (1, "OFF")], "reports, the one that never came left out")
    ask("GET", path, 400, {"site": "S-tx-2"}, "limit=51")
    ask("GET", path, 404, {"site": "S-none"})
    ask("GET", path, 409, {"site": "S-tx-1"})
    ask("GET", "/api/v1/sites/{site}", 404, {"site": "S-none"})
    ask("GET", "/api/v1/sites/{site}", 409, {"site": "S-tx-1"})


def ask_outages(world):
    ask, path = world.ask, "/api/v1/outages"
    first = ask("GET", path, 200, query="limit=1")
    check(first["next"].startswith(path + "?"), "the next page's address")
    second = ask("GET", path, 200, query=first["next"].partition("?")[2])
    equal([first["outages"][0]["end"] is None, second["outages"][0]["end"] is None], [False, True], "which of both lasts")
    equal(len(ask("GET", path, 200, query=f"from={now_ms() - 60000}&to={now_ms()}&area={AREAS[0]}&site=S-tx-2&device=tx-2&open=true")["outages"]), 1,
          "the one that lasts")
    for query in ("from=yesterday", "limit=0", "open=maybe", "cursor=x"):
        ask("GET", path, 400, query=query)
    ask("GET", path, 404, query="area=none")


def ask_refused(world):
    ask, path = world.ask, "/api/v1/evidence"
    equal(world.take("/api/v1/reports", world.report("tx-1", 1, "ON"))["rejected"], [{"line": 1, "error": "stale-seq"}], "other words")
    first = ask("GET", path, 200, query=f"limit=1&area={AREAS[0]}")
    equal([(row["device"], row["seq"]) for row in first["evidence"]], [("tx-1", 1)], "a report that was refused")
    equal(json.loads(first["evidence"][0]["entry"])["power"], "ON", "and what it says")
    equal(ask("GET", path, 200, query=first["next"].partition("?")[2])["evidence"], [], "there is no other")
    ask("GET", path, 400, query="limit=0")
    ask("GET", path, 404, query="area=none")
    path = "/api/v1/conflicts"
    first = ask("GET", path, 200, query=f"limit=1&area={AREAS[0]}")
    pair, = first["conflicts"]
    equal([json.loads(pair[name])["seq"] for name in ("logged", "refused")], [1, 1], "both of them")
    check(json.loads(pair["logged"])["sig"] != json.loads(pair["refused"])["sig"], "each with its signature")
    equal(ask("GET", path, 200, query=first["next"].partition("?")[2])["conflicts"], [], "there is no other pair")
    equal([len(ask("GET", path, 200, query=f"device={device}&area={AREAS[0]}")["conflicts"]) for device in ("tx-1", "tx-2")], [1, 0], "of a device")
    ask("GET", path, 409, query="device=tx-1")  # which of the two
    equal(ask("GET", path, 200, query="device=tx-2")["conflicts"], [], "of the one area that has it")
    ask("GET", path, 404, query=f"device=tx-99&area={AREAS[0]}")
    ask("GET", path, 400, query="limit=0")
    ask("GET", path, 404, query="area=none")
    path, admin = "/api/v1/rejected", {"Authorization": world.bearer}
    row, = ask("GET", path, 200, query=f"limit=1&area={AREAS[0]}&device=tx-1&reason=stale-seq&since=0", **admin)["rejected"]
    equal((row["transport"], row["address"], json.loads(row["text"])["seq"]), ("http", "127.0.0.1", 1), "who sent it")
    equal(ask("GET", path, 200, query="cursor=1", **admin)["rejected"], [], "before the first")
    ask("GET", path, 400, query="limit=0", **admin)
    ask("GET", path, 401)


def ask_complaints(world):
    """A complaint that is in a batch, a notice and a profile; its people."""
    ask, area = world.ask, AREAS[0]
    people = People(Registrar(world.stack, area))
    number, _ = people.file("asha", site="S-tx-2")
    people.act(number, "assign", "op-1", to="ae-1")
    people.act(number, "resolve", "ae-1", note="fuse replaced")
    people.announce("N-1", "S-tx-2", 3 * HOUR_MS)
    query = f"area={area}&state=all-open,resolved&category=no-supply&site=S-tx-2&assigned=ae-1&q=s-tx&sort=people&order=asc&format=json&limit=1".replace("all-open,", "open,")
    row, = ask("GET", "/api/v1/complaints", 200, query=query)["complaints"]
    equal((row["complaint"], row["closed"]), (number, "against"), "the complaint")
    equal(ask("GET", "/api/v1/complaints", 200, query="overdue=true&state=all-open")["complaints"], [], "none is overdue")
    equal(ask("GET", "/api/v1/complaints", 200, query="closed=against&cursor=0.0.0&sort=filed&order=asc")["complaints"], [row], "after the first place")
    for query in ("state=lost", "cursor=x"):
        ask("GET", "/api/v1/complaints", 400, query=query)
    ask("GET", "/api/v1/complaints", 404, query="area=none")
    ask_complaint(world, people, number)
    profile = ask("GET", "/api/v1/profiles/{area}", 200, {"area": area})
    equal(json.loads(profile["document"]), profile["profile"], "the profile and its bytes")
    ask("GET", "/api/v1/profiles/{area}", 404, {"area": AREAS[1]})
    equal([row["notice"] for row in ask("GET", "/api/v1/notices", 200, query=f"area={area}&site=S-tx-2")["notices"]], ["works-1", "N-1"], "announced")
    path = "/api/v1/profiles/{area}/entries"
    entries = ask("GET", path, 200, {"area": area})["entries"]
    equal(entries, [profile["entry"]], "all profiles that there were")
    equal(ask("GET", path, 200, {"area": area}, f"from={profile['ts'] + 1}")["entries"], [], "none since")
    ask("GET", path, 404, {"area": AREAS[1]})
    ask("GET", path, 400, {"area": area}, "from=x")
    ask("GET", "/api/v1/notices", 400, query="site=a%20b")
    ask("GET", "/api/v1/notices", 404, query="site=nowhere")
    ask("GET", "/api/v1/notices", 409, query="site=S-tx-1")
    return people


def ask_complaint(world, people, number):
    ask, path, values = world.ask, "/api/v1/complaints/{area}/{number}", {"area": AREAS[0], "number": number}
    wait_until("its steps are final", lambda: all(step.get("batch_state") == "final" for step in people.about(number)["chain"]))
    about = ask("GET", path, 200, values, "from=1")
    check(about["outage"]["device"] == "tx-2" and about["chain"][2]["evidence"] == "contradicted", "one complaint")
    equal(ask("GET", "/api/v1/complaints/{number}", 200, {"number": number}, "from=1"), about, "by its number alone")
    equal(ask("GET", path + "/proof", 200, values, "n=2")["entry"], about["chain"][1]["entry"], "a step's proof")
    equal(len(ask("GET", path + "/proof", 200, values, "from=2")["proofs"]), 2, "proofs of the others")
    ask("GET", path + "/receipt", 200, values, "n=1")
    for end, query in (("", "from=0"), ("/proof", "n=0"), ("/receipt", "n=0")):
        ask("GET", path + end, 400, values, query)
        ask("GET", path + end, 404, {**values, "number": "1000000000"})
    ask("GET", "/api/v1/complaints/{number}", 400, {"number": number}, "from=0")
    ask("GET", "/api/v1/complaints/{number}", 404, {"number": "1000000000"})
    world.stack.stop("anvil")  # no batch is anchored any more
    waits, _ = people.file("bala", lat=255900000, lon=851300000)
    ask("GET", path + "/proof", 409, {**values, "number": waits})


class Doors:
    """What is posted about complaints, each held against the document."""

    def __init__(self, world, people):
        self.ask, self.people, self.area = world.ask, people, AREAS[0]

    def __call__(self, path, wanted, body, number=None, token=None, kind="application/json"):
        template = "/api/v1" + path
        headers = {"Content_Type": kind} | ({"Authorization": "Bearer " + token} if token else {})
        return self.ask("POST", template, wanted, {"area": self.area, "number": number}, data=body if isinstance(body, bytes) else dump(body), **headers)

    def proof(self, **what):
        ticket = self("/complaints/tickets", 200, {"area": self.area, **what})
        return ticket["complaint"], {"ticket": ticket["ticket"], "nonce": work(ticket["ticket"], ticket["bits"])}

    def envelope(self, ts=0, **more):
        place = {"site": "S-tx-2"}
        number, proof = self.proof(category="no-supply", **place)
        private = self.people.private("dark")
        entry = json.loads(self.people.entry(number, "file", "citizen", place, private=private, key="dora", category="no-supply"))
        entry = sign({**{name: value for name, value in entry.items() if name != "sig"}, "ts": entry["ts"] + ts, **more}, self.people.keys["dora"])
        return number, {"entry": entry.decode(), "private": private, **proof}

    def photographed(self):
        """(Content-Type, body) of a filing with a photo, and the photo's name."""
        photo = make_png()
        name = sha256(photo).hex()
        number, proof = self.proof(category="no-supply", site="S-tx-2")
        private = dump({"contact": "", "photos": [name], "salt": "0" * 32, "text": "see"}).decode()
        entry = self.people.entry(number, "file", "citizen", {"site": "S-tx-2"}, private=private, key="dora", category="no-supply").decode()
        parts = [(member, "text/plain", value.encode()) for member, value in {"entry": entry, "private": private, **proof}.items()] + [("photo", "image/png", photo)]
        return multipart(parts), name

    def log_in(self, official, key=None):
        challenge = self("/sessions/challenge", 200, {"area": self.area, "official": official})["challenge"]
        return {"area": self.area, "official": official, "challenge": challenge, "sig": encode64(sign_raw(challenge.encode(), key or self.people.keys[official]))}

    def token(self, official):
        return self("/sessions", 200, self.log_in(official))["token"]


def sign_raw(data, private):
    r, s = utils.decode_dss_signature(private.sign(data, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def ask_doors(world, people):
    """Tickets, filings, actions, sessions and the desk."""
    doors, area = Doors(world, people), AREAS[0]
    for body, status in (({"area": area}, 400), ({"area": area, "category": "no-supply", "site": "S-none"}, 404)):
        doors("/complaints/tickets", status, body)
    number, good = doors.envelope()
    doors("/complaints", 400, {**good, "private": "{}"})
    doors("/complaints", 401, {**good, "nonce": "x"[:0] or "0"})
    doors("/complaints", 201, good)
    doors("/complaints", 200, good)
    other = people.entry(number, "file", "citizen", {"site": "S-tx-2"}, private=good["private"], key="eve", category="no-supply")
    doors("/complaints", 409, {**good, "entry": other.decode()})
    doors("/complaints", 422, doors.envelope(ts=10 * MINUTE_MS)[1])
    _, broken = doors.envelope()
    doors("/complaints", 403, {**broken, "entry": broken["entry"].replace('"sig":"' + broken["entry"].split('"sig":"')[1][:86], '"sig":"' + good["entry"].split('"sig":"')[1][:86])})
    people.places[number] = {"site": "S-tx-2"}
    ask_actions(doors, people, number)
    ask_sessions(doors, people, number)
    ask_desk(world, doors, number)


def ask_actions(doors, people, number):
    first, second = (people.next_entry(number, "acknowledge", "op-1", note=note).decode() for note in ("one", "two"))
    doors("/actions", 400, {"entry": "{}"})
    doors("/actions", 201, {"entry": first})
    doors("/actions", 200, {"entry": first})
    doors("/actions", 409, {"entry": second})
    doors("/actions", 200, first.encode() + b"\n{", kind="application/x-ndjson")
    doors("/actions", 403, {"entry": people.next_entry(number, "resolve", "op-1", note="x").decode()})
    doors("/actions", 422, {"entry": people.next_entry(number, "assign", "op-1", note="", to="nobody").decode()})
    doors("/actions", 401, {"entry": people.next_entry(number, "join", "citizen", key="fay").decode()})
    strange = json.loads(second)
    strange["area"] = "nowhere"
    doors("/actions", 404, {"entry": dump(strange).decode()})


def ask_sessions(doors, people, number):
    ask, path, photo = doors.ask, "/complaints/{area}/{number}", "/api/v1/complaints/{area}/{number}/photos/{sha256}"
    people.register("gone", "officer")
    late = doors.log_in("gone")
    people.register("gone", "officer", status="revoked")
    for body, status in (({"area": doors.area}, 400), ({"area": doors.area, "official": "nobody"}, 404), ({"area": doors.area, "official": "gone"}, 403)):
        doors("/sessions/challenge", status, body)
    for body, status in (({**late, "sig": "x"}, 400), (doors.log_in("ae-1", people.keys["ae-2"]), 401), ({**late, "official": "nobody"}, 404), (late, 403)):
        doors("/sessions", status, body)
    officer, auditor = doors.token("ae-1"), doors.token("aud-1")
    check(ask("GET", "/api/v1" + path, 200, {"area": doors.area, "number": number}, Authorization="Bearer " + officer)["chain"][0]["private"]["text"] == "dark", "her words")
    body, name = doors.photographed()
    doors("/complaints", 201, body[1], kind=body[0])
    seen = next(row["complaint"] for row in people.stack.get("/complaints?sort=filed")["complaints"])
    where = {"area": doors.area, "number": seen, "sha256": name}
    check(ask("GET", photo, 200, where, Authorization="Bearer " + officer)[:2] == b"\xff\xd8", "a photo")
    ask("GET", photo, 401, where)
    ask("GET", photo, 403, {**where, "area": AREAS[1]}, Authorization="Bearer " + officer)
    ask("GET", photo, 400, {**where, "sha256": "x"}, Authorization="Bearer " + officer)
    ask("GET", photo, 404, {**where, "sha256": "0" * 64}, Authorization="Bearer " + officer)
    hide = {"n": 1, "hidden": True, "reason": "a name"}
    for token, body, status in ((None, hide, 401), (auditor, hide, 403), (officer, {}, 400), (officer, {**hide, "n": 9}, 404), (officer, hide, 200), (officer, {**hide, "hidden": False}, 200)):
        doors(path + "/hide", status, body, number, token)
    shown = ask("GET", "/api/v1" + path, 200, {"area": doors.area, "number": number}, "hidden=show", Authorization="Bearer " + officer)["chain"][0]["private"]
    check(shown["moderation"]["reason"] == "a name" and not shown["moderation"]["hidden"], "who showed it again, and why")
    ask("GET", "/api/v1/complaints/{number}", 200, {"number": number}, "hidden=show", Authorization="Bearer " + officer)
    ask("GET", photo, 200, where, "hidden=show", Authorization="Bearer " + officer)
    ask("GET", "/api/v1" + path, 400, {"area": doors.area, "number": number}, "hidden=all", Authorization="Bearer " + officer)
    check_erase(doors, people, number, officer, auditor)
    ask("DELETE", "/api/v1/sessions", 200, Authorization="Bearer " + auditor)
    ask("DELETE", "/api/v1/sessions", 401, Authorization="Bearer " + auditor)


def check_erase(doors, people, number, officer, auditor):
    path = "/complaints/{area}/{number}/erase"
    old = people.next_entry(number, "comment", "ae-1", note="a name").decode()
    later = json.loads(old)
    later = sign({**{name: value for name, value in later.items() if name != "sig"}, "ts": later["ts"] + 10 * MINUTE_MS}, people.keys["ae-1"]).decode()
    for token, body, status in ((None, {"n": 1, "entry": old}, 401), (auditor, {"n": 1, "entry": old}, 403), (officer, {"n": 1}, 400), (officer, {"n": 1, "entry": later}, 422),
                                (officer, {"n": 1, "entry": old}, 201), (officer, {"n": 1, "entry": old}, 200)):
        doors(path, status, body, number, token)
    stale = json.loads(old)
    stale = sign({**{name: value for name, value in stale.items() if name != "sig"}, "note": "again"}, people.keys["ae-1"]).decode()
    doors(path, 409, {"n": 1, "entry": stale}, number, officer)


def ask_desk(world, doors, number):
    path, words = "/complaints/{area}/{number}/desk", {"area": doors.area, "category": "no-supply", "site": "S-tx-2", "text": "dark"}
    operator, auditor = doors.token("op-1"), doors.token("aud-1")
    for token, body, status in ((operator, words, 201), (None, words, 401), (auditor, words, 403), (operator, {}, 400), (operator, {**words, "site": "S-none"}, 404)):
        doors("/complaints/desk", status, body, token=token)
    proof = doors.proof(category="no-supply", site="S-tx-2")[1]
    doors("/complaints/desk", 201, {**words, **proof})
    doors("/complaints/desk", 409, {**words, **proof})
    for token, body, status in ((operator, {"action": "comment", "text": "x"}, 201), (None, {"action": "join"}, 401), (auditor, {"action": "join"}, 403), (operator, {}, 400), (operator, {"action": "reopen"}, 409)):
        doors(path, status, body, number, token)
    doors(path, 404, {"action": "join"}, "1000000000", operator)
    form = {"kind": "application/x-www-form-urlencoded"}
    doors("/sms", 401, b"From=1&Body=OFF", **form)
    doors("/sms", 400, b"Body=OFF", token=GATEWAY, **form)
    check(b"no such place" in doors("/sms", 200, b"From=1&Body=OFF+nowhere", token=GATEWAY, **form), "a short message")


def ask_map(world):
    ask, tile = world.ask, "/tiles/{style}/{z}/{x}/{y}.png"
    equal(ask("GET", "/tiles/{style}.json", 200, {"style": "dark"})["maxzoom"], 1, "zoom")
    ask("GET", "/tiles/{style}.json", 404, {"style": "pink"})
    place = {"style": "light", "z": 1, "x": 0, "y": 1}
    check(ask("GET", tile, 200, place).startswith(b"\x89PNG"), "a tile")
    etag = urllib.request.urlopen(world.stack.url + "/tiles/light/1/0/1.png").headers["ETag"]
    ask("GET", tile, 304, place, If_None_Match=etag)
    ask("GET", tile, 404, {**place, "x": 2})
    places, at_patna = "/tiles/places/{z}/{x}/{y}.json", {"z": 7, "x": 94, "y": 54}
    equal(ask("GET", places, 200, at_patna)["places"][0]["name"], "Patna", "a place's name")
    etag = urllib.request.urlopen(world.stack.url + "/tiles/places/7/94/54.json").headers["ETag"]
    ask("GET", places, 304, at_patna, If_None_Match=etag)
    ask("GET", places, 404, {**at_patna, "z": 19})
    check(b"<title>" in ask("GET", "/", 200), "the page")
    ask("GET", "/", 304, If_None_Match=urllib.request.urlopen(world.stack.url + "/").headers["ETag"])


def ask_evidence(world):
    ask, final = world.ask, world.wait_final()
    batch = [row for row in final if row["area"] == AREAS[0]][-1]
    ask("GET", "/api/v1/batches", 200, query=f"area={AREAS[0]}&limit=1&cursor={batch['to'] + 1}.0")
    for query in ("state=lost", "cursor=x", "limit=x"):
        ask("GET", "/api/v1/batches", 400, query=query)
    ask("GET", "/api/v1/batches", 404, query="area=none")
    equal(ask("GET", "/api/v1/batches/{area}/{batch}", 200, {"area": AREAS[0], "batch": batch["batch"]}), batch, "the batch alone")
    ask("GET", "/api/v1/batches/{area}/{batch}", 400, {"area": AREAS[0], "batch": 0})
    ask("GET", "/api/v1/batches/{area}/{batch}", 404, {"area": AREAS[0], "batch": 999})
    proof = ask("GET", "/api/v1/proof", 200, query=f"device=tx-1&seq=2&area={AREAS[0]}")
    equal(proof["size"], ask("GET", "/api/v1/batches/{area}/{batch}", 200, {"area": AREAS[0], "batch": proof["batch"]})["size"], "the size")
    ask("GET", "/api/v1/proof", 400, query="device=tx-2")
    ask("GET", "/api/v1/proof", 404, query="device=tx-2&seq=99")
    ask("GET", "/api/v1/proof", 409, query="device=tx-1&seq=1")
    file = {"cid": batch["cid"]}
    equal(len(ask("GET", "/ipfs/{cid}", 200, file)), batch["bytes"], "the file")
    equal(len(ask("GET", "/ipfs/{cid}", 206, file, Range="bytes=0-9")), 10, "a part of it")
    for kind in ("raw", "car"):
        ask("GET", "/ipfs/{cid}", 200, file, f"format={kind}")
    ask("GET", "/ipfs/{cid}", 304, file, If_None_Match="*")
    ask("GET", "/ipfs/{cid}", 400, {"cid": "nothing"})
    ask("GET", "/ipfs/{cid}", 404, {"cid": absent_cid()})


def absent_cid():
    return cid_text(file_cid(b"nobody has this"))


OPEN = ("/api/v1/", "/ipfs/", "/tiles/")  # which pages of others may GET


def is_open(target, template):
    """What needs a token is for no page of others."""
    return target.startswith(OPEN) and {"admin": []} not in DOCUMENT["paths"][template]["get"].get("security", [])


def ask_preflight(stack, target, method, may):
    status, head, body = plain_ask(stack, target, "OPTIONS", Origin="https://elsewhere.example", Access_Control_Request_Method=method.upper(),
                                   Access_Control_Request_Headers="range")
    equal((status, body), (204, b""), f"OPTIONS {target}")
    equal([head[f"Access-Control-Allow-{name}"] for name in ("Origin", "Methods", "Headers")],
          ["*", method.upper(), "range"] if may else [None] * 3, f"a preflight for {method} {target}")


def methods_at(target):
    """The methods of all templates that the address fits; of one that is there by itself, its own."""
    if target in DOCUMENT["paths"]:
        return set(DOCUMENT["paths"][target])
    return {method for template, item in DOCUMENT["paths"].items() if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), target) for method in item}


def ask_every_address(world):
    """What is true of every address is said of each: methods, OPTIONS, HEAD, who may read."""
    stack = world.stack
    for template in DOCUMENT["paths"]:
        target = re.sub(r"\{(\w+)\}", lambda match: absent_cid() if match[1] == "cid" else "1", template)
        item = methods_at(target)
        allow = ", ".join((["GET", "HEAD"] if "get" in item else []) + [method.upper() for method in ("post", "delete") if method in item] + ["OPTIONS"])
        for other in {"DELETE", "PUT", "PATCH"} - {method.upper() for method in item}:
            status, head, body = plain_ask(stack, target, other)
            equal((status, head["Allow"]), (405, allow), f"{other} {target}")
            for method in DOCUMENT["paths"][template]:
                world.ask.compare(method.upper(), template, 405, head["Content-Type"], body, "")
        equal((plain_ask(stack, target, "OPTIONS")[0], plain_ask(stack, target, "OPTIONS")[1]["Allow"]), (204, allow), f"OPTIONS {target}")
        for method in ("get", "head", "post"):
            readable = "get" in item and method != "post"
            ask_preflight(stack, target, method, readable and is_open(target, template))
        if "get" in item and not target.endswith("/events"):
            status, head, _ = plain_ask(stack, target)
            bare, same, body = plain_ask(stack, target, "HEAD")
            equal((bare, body, same["Content-Type"], same["ETag"]), (status, b"", head["Content-Type"], head["ETag"]), f"HEAD {target}")
            equal(head["Access-Control-Allow-Origin"], "*" if is_open(target, template) else None, f"who may read {target}")


def read_events(world, people):
    """The names of the events that a report, its batch, a complaint and a notice make."""
    names, text = set(), b""
    with socket.create_connection(("127.0.0.1", world.stack.http_port), PATIENCE) as stream:
        stream.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        while b"welcome" not in text:
            text += stream.recv(65536)
        check(b"200 OK" in text and b"text/event-stream" in text, "the stream's head")
        world.ask.seen.add(("GET", "/api/v1/events", "200"))
        world.take("/api/v1/reports", world.report("tx-3", 1, "OFF"))
        people.file("chitra", site="S-tx-3")
        people.announce("N-2", "S-tx-3", 3 * HOUR_MS)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and not {"clock", "sites", "outage", "batch", "complaint", "notice"} <= names:
            text += stream.recv(65536)
            names = set(re.findall(r"^event: (.*)$", text.decode(), re.M))
    for event in whole_events(text):
        equal(list(wrongs(DOCUMENT["components"]["schemas"]["Event"], event)), [], "an event")
    return names


def whole_events(text):
    """Each event of a stream's bytes as an object of its fields; the last may be cut, and is not one."""
    stream = b"".join(re.findall(rb"[0-9a-f]+\r\n(.*?)\r\n(?=[0-9a-f]+\r\n|$)", text.partition(b"\r\n\r\n")[2], re.S)).decode()
    for block in stream.split("\n\n")[:-1]:
        yield dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))


@case
def test_document_is_sound():
    for name, schema in DOCUMENT["components"]["schemas"].items():
        equal(list(unknown_words(schema)), [], f"words of {name} that the checker does not know")
    for schema in schemas(DOCUMENT["paths"]):
        equal(list(unknown_words(schema)), [], "words that the checker does not know")
    for path, item in DOCUMENT["paths"].items():
        for content in [content for method in item.values() for answer in method["responses"].values() for content in resolve(answer).get("content", {}).values()]:
            equal(list(wrongs(content.get("schema", {}), content["example"])) if "example" in content else [], [], f"the example of {path}")
    names = [item[method]["operationId"] for item in DOCUMENT["paths"].values() for method in item]
    equal(len(names), len(set(names)), "operationIds, each once")
    for schema, value, count in (({"type": "integer"}, "1", 1), ({"type": ["object", "null"], "required": ["a"]}, None, 0),
                                 ({"type": "object", "required": ["a"]}, {}, 1), ({"type": "integer"}, True, 1),
                                 ({"type": "object", "additionalProperties": False}, {"a": 1}, 1), ({"enum": ["a"]}, "b", 1),
                                 ({"type": "array", "items": {"type": "string"}}, ["a", 1, None], 2), ({"pattern": "^a$"}, "b", 1),
                                 ({"minLength": 1}, "", 1), ({"maxLength": 1}, "ab", 1)):
        equal(len(list(wrongs(schema, value))), count, f"what is wrong with {value!r} for {schema}")


@case
def test_routes():
    """The tables of routes in the source are the document's paths, no more and no less."""
    table = set()
    for path in glob.glob(os.path.join(SOURCE, "daemon", "*", "*.c")):
        with open(path, encoding="utf-8") as source:
            table |= set(re.findall(r'\{ "(GET|POST|DELETE)", "(/[^"]*)", \w+,', source.read()))
    check(len(table) >= 20, f"routes in the source: {table}")
    # Whatever follows /ipfs/ is answered there, and be it that it is no CID.
    table = {(method, pattern.replace("**", "*")) for method, pattern in table if pattern != "/ipfs"}
    described = {(method, re.sub(r"\{\w+\}", "*", path)) for method, path in operations()}
    equal(sorted(described), sorted(table), "routes")
    with open(os.path.join(SOURCE, "common", "pt-error.c"), encoding="utf-8") as source:
        slugs = set(re.findall(r'\[PT_ERROR_\w+\] = "([a-z-]+)"', source.read()))
    equal(sorted(DOCUMENT["components"]["schemas"]["Slug"]["enum"]), sorted(slugs), "slugs")
    with open(os.path.join(SOURCE, "core", "pt-rules.c"), encoding="utf-8") as source:
        slugs = set(re.findall(r'\[PT_RULE_(?:COMPLAINT_|NOTICE_|BAD_PROFILE)\w*\] = "([a-z-]+)"', source.read()))
    equal(sorted(DOCUMENT["components"]["schemas"]["RuleSlug"]["enum"]), sorted(slugs), "slugs of rules")


@case
def test_answers():
    with stack_in_folder() as stack:
        stack.write_config(batch_period="1s", chain_confirmations=1, map_light=make_map(stack.folder, names="apart"), map_dark=None, map_places=make_places(stack.folder), page_dir=make_page(stack.folder),
                           chain_public_rpc=stack.rpc_url, complaints_gateway_token_file=make_gateway(stack))
        stack.start_daemon()
        stack.register_areas(*AREAS)
        world = World(stack)
        fill(world)
        ask_clock(world)
        ask_est(world)
        ask_no_est(world)
        ask_reads(world)
        ask_outages(world)
        ask_refused(world)
        ask_map(world)
        ask_evidence(world)
        people = ask_complaints(world)
        ask_doors(world, people)
        ask_every_address(world)
        events = read_events(world, people)
        described = set(DOCUMENT["paths"]["/api/v1/events"]["get"]["x-events"])
        check({"clock", "sites", "outage", "batch", "complaint", "notice"} <= events <= described, f"events: {events}")
        wanted = {(method, path, status) for method, path in operations()
                  for status in DOCUMENT["paths"][path][method.lower()]["responses"] if status not in OUT_OF_REACH}
        equal(sorted(wanted - world.ask.seen), [], "answers that are described and were not seen")
        parameters = {(path, resolve(row)["name"]) for method, path in operations()
                      for row in DOCUMENT["paths"][path][method.lower()].get("parameters", []) if resolve(row)["in"] == "query"}
        equal(sorted(parameters - world.ask.parameters), [], "parameters that are described and were not used")


if __name__ == "__main__":
    main()
