#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The doors of complaints, as a citizen, an official and a desk come through them, and as somebody comes who should not."""
import hashlib
import json
import os
import re
import secrets
import signal
import threading
import urllib.parse

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from pt_case import BUILD, case, check, equal, main, stack_in_folder
from pt_formats import decode64, dump, encode64, leaf_hash, parse_entry, point_of, public_key, root_of_path, sign, verify
from pt_people import GATEWAY, PROFILE, People, make_gateway, make_png, multipart, new_key, work
from pt_world import World, ask, wait_until

AREA, OTHER = "test-east", "test-west"
SECRET = b"25.5941N 85.1376E by a phone"


def png(width=40, height=30, rows=None):
    """A picture that says where it was taken."""
    return make_png(width, height, rows, SECRET)


class Doors:
    """A daemon with people of one area, and what they send."""

    def __init__(self, stack, **settings):
        self.stack = stack
        os.environ["TEXTDOMAINDIR"] = os.path.join(BUILD, "po")
        stack.write_config(batch_period="1d", complaints_gateway_token_file=make_gateway(stack), **settings)
        stack.start_daemon()
        self.world = World(stack, AREA, OTHER)
        self.world.register("tx-1", "tx-2")
        self.people = People(self.world)

    def post(self, path, value, token=None, kind="application/json", **headers):
        """(status, answer)"""
        if token:
            headers["Authorization"] = "Bearer " + token
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        status, _, answer = ask(self.stack, "/api/v1" + path, "POST", body, Content_Type=kind, **headers)
        return status, json.loads(answer)

    def filing(self, who="asha", place=None, category="no-supply", photos=(), text="dark since six", **change):
        """What is posted, ready to be spoilt."""
        place = place or {"site": "S-tx-1"}
        ticket = self.people.ticket(category=category, **place)
        private = dump({"contact": "98350 00000", "photos": [hashlib.sha256(photo).hexdigest() for photo in photos], "salt": secrets.token_hex(16),
                        "text": text}).decode()
        entry = self.people.entry(change.get("complaint", ticket["complaint"]), "file", "citizen", place, private=private, key=who, category=category)
        self.people.places[ticket["complaint"]] = place
        return {"entry": entry.decode(), "private": private, "ticket": ticket["ticket"], "nonce": work(ticket["ticket"], ticket["bits"])}

    def with_photos(self, body, photos, path="/complaints"):
        kind, data = multipart([(name, "text/plain", value.encode()) for name, value in body.items()]
                               + [("photo", "image/png", photo) for photo in photos])
        return self.post(path, data, kind=kind)

    def refuse(self, answer, status, slug, where):
        """It was refused with what and where, and nothing of it is there."""
        got, problem = answer
        equal((got, problem.get("type")), (status, slug), f"{where}: {problem}")
        check(where in problem["detail"], f"what is wrong with {where}: {problem['detail']}")

    def log_in(self, official, key=None):
        status, challenge = self.post("/sessions/challenge", {"area": AREA, "official": official})
        equal(status, 200, f"a challenge: {challenge}")
        return self.post("/sessions", {"area": AREA, "official": official, "challenge": challenge["challenge"],
                                       "sig": sign_bytes(challenge["challenge"].encode(), key or self.people.keys[official])})

    def token(self, official):
        status, answer = self.log_in(official)
        equal((status, sorted(answer)), (200, ["expires", "name", "role", "token"]), f"a session: {answer}")
        return answer["token"]

    def about(self, complaint, token=None, query=""):
        headers = {"Authorization": "Bearer " + token} if token else {}
        status, _, body = ask(self.stack, f"/api/v1/complaints/{AREA}/{complaint}{query}", **headers)
        equal(status, 200, f"the complaint: {body[:200]}")
        return json.loads(body)

    def refusals(self):
        """Of complaints' doors, by reason."""
        metrics = ask(self.stack, "/metrics")[2].decode()
        return {reason: int(count) for reason, count in re.findall(r'^powertrack_filings_refused_total\{reason="([a-z-]+)"\} (\d+)$', metrics, re.M)}

    def count(self):
        return len(self.stack.get("/complaints")["complaints"])


def sign_bytes(data, private):
    r, s = utils.decode_dss_signature(private.sign(data, ec.ECDSA(hashes.SHA256())))
    return encode64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def check_receipt(answer, service_key):
    """By the rules of PROTOCOL.md section 12, with nothing of the daemon's."""
    receipt, entry = answer["receipt"], answer["entry"].encode()
    leaf = leaf_hash(entry)
    equal(receipt["leaf"], leaf.hex(), "its leaf")
    equal(root_of_path(receipt["index"], receipt["size"], leaf, [bytes.fromhex(step) for step in receipt["path"]]), receipt["root"], "its path")
    signed = b"powertrack receipt v1\n" + dump({name: receipt[name] for name in ("area", "by", "format", "received", "root", "size")})
    raw = decode64(receipt["sig"], 64)
    public_key(decode64(service_key, 65)).verify(utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")), signed, ec.ECDSA(hashes.SHA256()))
    equal(parse_entry(entry)["received"], receipt["received"], "when")


def service_key(stack):
    return next(area["service_key"] for area in stack.get("/areas")["areas"] if area["area"] == AREA)


@case
def test_filed():
    """With a photo: entry, receipt and complaint; said again it has the same answer, and what is known there is told first."""
    with stack_in_folder(chain=False) as stack:
        doors = Doors(stack)
        photo = png()
        body = doors.filing(photos=[photo])
        status, answer = doors.with_photos(body, [photo])
        equal((status, sorted(answer)), (201, ["complaint", "entry", "receipt"]), f"filed: {str(answer)[:300]}")
        check_receipt(answer, service_key(stack))
        entry = parse_entry(answer["entry"].encode())
        verify(entry, public_key(point_of(doors.people.keys["asha"])))
        number = entry["complaint"]
        check(len(number) == 10 and number.isdigit() and number[0] != "0", f"a number: {number}")
        check("private" not in answer["complaint"]["chain"][0], "nothing private in the answer")
        status, again = doors.with_photos(body, [photo])
        equal((status, again["entry"], again["receipt"]), (200, answer["entry"], answer["receipt"]), "said again")
        del body["ticket"], body["nonce"]
        equal(doors.with_photos(body, [photo])[0], 200, "once more, without a ticket")
        known = doors.people.ticket(category="voltage", site="S-tx-1")["known"]
        equal(([row["complaint"] for row in known["complaints"]], known["notices"], known.get("outage")), ([number], [], None), "what is known there")
        doors.world.say("tx-1", "OFF")
        known = doors.people.ticket(category="voltage", site="S-tx-1")["known"]
        equal((known["outage"]["site"], known["outage"]["device"]), ("S-tx-1", "tx-1"), "an outage")
        equal(doors.people.ticket(category="voltage", site="S-tx-2")["known"], {"complaints": [], "notices": []}, "elsewhere nothing")
        equal(doors.people.ticket(category="voltage", lat=255900000, lon=851300000)["bits"], 16, "in a cell, at rest")


@case
def test_refused():
    """Each with what and where, nothing half done; the same filing set right is taken."""
    with stack_in_folder(chain=False) as stack:
        doors = Doors(stack)
        good = doors.filing()

        def spoilt(**members):
            return {name: value for name, value in {**good, **members}.items() if value is not None}

        other = doors.filing(who="bala", place={"site": "S-tx-2"})
        private = json.loads(good["private"])
        huge = dump({**private, "text": "x" * (10 << 20)}).decode()
        for change, status, slug, where in (
                ({"nonce": str(int(good["nonce"]) + 1)}, 401, "bad-work", "nonce"), ({"nonce": None}, 401, "bad-work", "nonce"), ({"ticket": None}, 401, "bad-work", "ticket"),
                ({"nonce": "1e5"}, 401, "bad-work", "nonce"), ({"ticket": good["ticket"][:-2] + "AA"}, 401, "ticket-expired", "ticket"),
                ({"ticket": other["ticket"], "nonce": other["nonce"]}, 401, "ticket-expired", "ticket"),
                ({"private": None}, 400, "malformed", "private"), ({"private": other["private"]}, 400, "malformed", "private"),
                ({"private": good["private"] + " "}, 400, "malformed", "private"), ({"private": huge}, 413, "too-large", "body"),
                ({"entry": None}, 400, "malformed", "entry"), ({"entry": good["entry"] + " "}, 400, "not-canonical", "entry"),
                ({"entry": "[]"}, 400, "malformed", "entry"), ({"entry": good["entry"].replace('"sig":"', '"sig":"A')}, 400, "malformed", "entry"),
                ({"entry": other["entry"]}, 401, "ticket-expired", "ticket"), ({"comment": "hello"}, 400, "malformed", "comment"), ({"nonce": 5}, 400, "malformed", "nonce")):
            doors.refuse(doors.post("/complaints", spoilt(**change)), status, slug, where)
        flipped = json.loads(good["entry"])
        flipped["sig"] = other["entry"].split('"sig":"')[1].split('"')[0]
        doors.refuse(doors.post("/complaints", spoilt(entry=dump(flipped).decode())), 403, "bad-signature", "sig")
        for ticket in ({"category": "nonsense", "site": "S-tx-1"}, {"category": "no-supply", "site": "S-none"}, {"category": "no-supply"}, {"category": "no-supply", "lat": 255912345, "lon": 851300000},
                       {"category": "no-supply", "lat": 990000000, "lon": 0}, {"category": "no-supply", "site": "S-tx-1", "lat": 0, "lon": 0}, {"complaint": "1234567894"}, {"category": "a b", "site": "S-tx-1"}):
            status, problem = doors.post("/complaints/tickets", {"area": AREA, **ticket})
            check(status in (400, 404), f"a ticket for {ticket}: {status} {problem}")
        equal(doors.post("/complaints/tickets", {"area": "nowhere", "category": "no-supply", "site": "S-tx-1"})[1]["type"], "unknown-area", "no such area")
        equal(doors.post("/complaints", b"x" * 100, kind="text/plain")[1]["type"], "unsupported", "another type")
        equal(doors.post("/actions", good)[1]["type"], "malformed", "a file among the actions")
        equal(doors.count(), 0, "nothing was kept")
        equal(doors.post("/complaints", good)[0], 201, "the good one")
        equal(doors.post("/complaints", spoilt(private=None))[1]["type"], "malformed", "again without its private part")
        stolen = doors.people.entry(json.loads(good["entry"])["complaint"], "file", "citizen", {"site": "S-tx-1"}, private=good["private"], key="carol", category="no-supply")
        status, problem = doors.post("/complaints", spoilt(entry=stolen.decode()))
        equal((status, problem["type"], problem["complaint"]["n"]), (409, "complaint-n", 1), f"a number that is taken: {problem}")
        equal(doors.count(), 1, "one complaint")
        counted = doors.refusals()
        wanted = {"bad-work": 4, "ticket-expired": 3, "not-canonical": 1, "bad-signature": 1, "unsupported": 1, "complaint-n": 1, "too-large": 1, "unknown-area": 1}
        equal({reason: counted.get(reason) for reason in wanted}, wanted, f"what is counted: {counted}")
        lines = b"\n".join(doors.people.entry("1234567894", "acknowledge", "op-1", {"site": "S-tx-1"}, n=2, note="") for _ in range(2))
        status, answer = doors.post("/actions", lines, kind="application/x-ndjson")
        equal((status, answer["accepted"], len(answer["rejected"])), (200, 0, 2), f"of many at once: {answer}")
        slug = answer["rejected"][0]["error"]
        equal(doors.refusals().get(slug, 0), counted.get(slug, 0) + 2, "each line is counted")


@case
def test_photos():
    """Bombs, damage and lies about them; five are taken, written anew, and shown to officials of the area alone."""
    with stack_in_folder(chain=False) as stack:
        doors = Doors(stack)
        whole = png()
        for photo, slug in ((b"", "malformed"), (b"GIF89a" + bytes(50), "malformed"), (whole[:-30], "malformed"), (whole[:-25] + b"\0" + whole[-24:], "malformed"),
                            (b"<svg><script>alert(1)</script></svg>", "malformed"), (png(60000, 60000, b"\0" * 1000), "too-large"),
                            (png(7000, 7000, bytes(60 << 20)), "malformed"), (b"\xff\xd8\xff\xe0" + secrets.token_bytes(2000), "malformed")):
            doors.refuse(doors.with_photos(doors.filing(photos=[photo]), [photo]), 413 if slug == "too-large" else 400, slug, "photo 1")
        pictures = [png(30 + number) for number in range(6)]
        body = doors.filing(photos=pictures[:2])
        doors.refuse(doors.with_photos(body, pictures[1::-1]), 400, "malformed", "photo 1")
        doors.refuse(doors.with_photos(body, [pictures[0], pictures[2]]), 400, "malformed", "photo 2")
        doors.refuse(doors.with_photos(body, pictures[:1]), 400, "malformed", "photo")
        doors.refuse(doors.post("/complaints", body), 400, "malformed", "photo")
        doors.refuse(doors.with_photos(doors.filing(photos=pictures), pictures), 413, "too-large", "photo")
        kind, data = multipart([("photo", "image/svg+xml", whole)])
        doors.refuse(doors.post("/complaints", data, kind=kind), 415, "unsupported", "photo")
        for broken in (data[:-10], data.replace(b"\r\n\r\n", b"\r\n"), b"", b"--", data.replace(b'name="photo"', b"")):
            equal(doors.post("/complaints", broken, kind=kind)[0], 400, "no multipart")
        equal(doors.count(), 0, "nothing was kept")
        body = doors.filing(photos=pictures[:5])
        status, answer = doors.with_photos(body, pictures[:5])
        equal(status, 201, f"five photos: {str(answer)[:200]}")
        number = answer["complaint"]["complaint"]
        private = doors.about(number, doors.token("aud-1"))["chain"][0]["private"]
        equal((private["text"], private["contact"], [photo["sha256"] for photo in private["photos"]]),
              ("dark since six", "98350 00000", [hashlib.sha256(photo).hexdigest() for photo in pictures[:5]]), "seen by an official")
        url = private["photos"][0]["url"]
        equal(ask(stack, url)[0], 401, "not by others")
        status, head, kept = ask(stack, url, Authorization="Bearer " + doors.token("op-1"))
        equal((status, head["Content-Type"], head["Cache-Control"], kept[:3]), (200, "image/jpeg", "no-store", b"\xff\xd8\xff"), "the photo")
        check(SECRET not in kept, "it says nothing of where it was taken")
        equal(ask(stack, url[:-4] + "0000", Authorization="Bearer " + doors.token("op-1"))[0], 404, "no such photo")


@case
def test_sessions():
    """A session is its key's: words are seen with it, by officials of that area, until it is revoked."""
    with stack_in_folder(chain=False) as stack:
        doors = Doors(stack)
        status, answer = doors.post("/complaints", doors.filing())
        number = answer["complaint"]["complaint"]
        check("private" not in doors.about(number)["chain"][0], "nobody sees words without a session")
        check("private" not in doors.about(number, "wrong" * 9)["chain"][0], "nor with a token of nobody's")
        equal(doors.log_in("ae-1", new_key())[0], 401, "another key")
        equal(doors.post("/sessions/challenge", {"area": AREA, "official": "nobody"})[1]["type"], "unknown-official", "nobody")
        equal(doors.post("/sessions/challenge", {"area": OTHER, "official": "ae-1"})[1]["type"], "unknown-official", "an official elsewhere")
        token, other = doors.token("ae-1"), doors.token("ae-2")
        equal(doors.about(number, token)["chain"][0]["private"], {"text": "dark since six", "contact": "98350 00000", "photos": []}, "her words")
        west = People(doors.world, OTHER, profile=None)
        status, challenge = doors.post("/sessions/challenge", {"area": OTHER, "official": "ae-1"})
        status, answer = doors.post("/sessions", {"area": OTHER, "official": "ae-1", "challenge": challenge["challenge"],
                                                  "sig": sign_bytes(challenge["challenge"].encode(), west.keys["ae-1"])})
        check("private" not in doors.about(number, answer["token"])["chain"][0], "an official of another area sees nothing")
        doors.people.register("ae-1", "officer", status="revoked")
        check("private" not in doors.about(number, token)["chain"][0], "revoked, and out")
        equal(doors.post("/sessions/challenge", {"area": AREA, "official": "ae-1"})[1]["type"], "revoked-official", "and not in again")
        equal(ask(stack, "/api/v1/sessions", "DELETE", Authorization="Bearer " + other)[0], 200, "the other one leaves")
        check("private" not in doors.about(number, other)["chain"][0], "and has left")
        equal(ask(stack, "/api/v1/sessions", "DELETE", Authorization="Bearer " + other)[0], 401, "once")


@case
def test_many_steps():
    """Of more steps than one answer has: the address of those that follow asks for what is hidden where the first did."""
    with stack_in_folder(chain=False) as stack:
        doors = Doors(stack)
        people, token = doors.people, doors.token("ae-1")
        number, answer = people.file("asha", site="S-tx-1")
        for n in range(2, 1002):
            entry = people.entry(number, "comment", "ae-1", people.places[number], n, answer["receipt"]["leaf"], note="seen")
            status, answer = doors.post("/actions", {"entry": entry.decode()})
            equal(status, 201, f"step {n}: {str(answer)[:300]}")
        first = f"/api/v1/complaints/{AREA}/{number}?from=1001"
        equal(doors.about(number, token)["next"], first, "the address of the last")
        last = doors.about(number, token, "?hidden=show")
        equal((len(last["chain"]), last["next"]), (1000, first + "&hidden=show"), "with what is hidden")
        last = doors.about(number, token, "?" + last["next"].partition("?")[2])
        equal(([step["n"] for step in last["chain"]], "next" in last), ([1001], False), "the last")
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_forgotten():
    """Words are hidden and shown again; erased they are gone for good, the log says that and why, and the complaint goes on."""
    with stack_in_folder(chain=False) as stack:
        doors = Doors(stack)
        photo = png()
        number = doors.with_photos(doors.filing(photos=[photo]), [photo])[1]["complaint"]["complaint"]
        officer, operator, auditor = doors.token("ae-1"), doors.token("op-1"), doors.token("aud-1")
        path = f"/complaints/{AREA}/{number}"
        url = doors.about(number, officer)["chain"][0]["private"]["photos"][0]["url"]
        hide = {"n": 1, "hidden": True, "reason": "names a neighbour"}
        for reason in (b"half a pair: \\ud800", b"cut\\u0000 off"):
            doors.refuse(doors.post(path + "/hide", b'{"hidden":true,"n":1,"reason":"%s"}' % reason, operator), 400, "malformed", "body")
        equal([doors.post(path + "/hide", hide, token)[0] for token in (None, auditor, operator)], [401, 403, 200], "who may hide")
        doors.people.register("op-2", "operator")
        hidden = doors.about(number, officer)["chain"][0]["private"]
        moderation = hidden.pop("moderation")
        check(isinstance(moderation.pop("at"), int), "when")
        equal((hidden, moderation), ({"hidden": True}, {"hidden": True, "by": "op-1", "name": "Office of op-1", "reason": "names a neighbour"}),
              "a word in its place, and who put it there and why")
        equal(ask(stack, url, Authorization="Bearer " + officer)[0], 404, "the photo too")
        for token, sees in ((officer, True), (operator, True), (doors.token("op-2"), False), (auditor, False)):
            private = doors.about(number, token, "?hidden=show")["chain"][0]["private"]
            equal((private["hidden"], private.get("text"), "moderation" in private), (True, "dark since six" if sees else None, True), "who sees it that asks")
            equal(ask(stack, url + "?hidden=show", Authorization="Bearer " + token)[0], 200 if sees else 404, "and the photo")
            check(not sees or private["photos"][0]["url"] == url + "?hidden=show", "where it is then")
        check("private" not in doors.about(number, None, "?hidden=show")["chain"][0], "nobody else")
        equal(ask(stack, url + "?hidden=all", Authorization="Bearer " + officer)[0], 400, "what can't be asked")
        equal(doors.post(path + "/hide", {**hide, "reason": "again"}, officer)[1]["moderation"]["by"], "op-1", "who was first stays")
        equal(doors.post(path + "/hide", {**hide, "n": 7}, operator)[0], 404, "nothing there to hide")
        equal(doors.post(path + "/hide", {**hide, "hidden": False}, operator)[0], 200, "shown again")
        private = doors.about(number, officer)["chain"][0]["private"]
        equal((private["text"], private["moderation"]["hidden"], "hidden" in private), ("dark since six", False, False), "as it was")
        comment = doors.people.next_entry(number, "comment", "ae-1", note="erased: a court's order").decode()
        erase = {"n": 1, "entry": comment}
        equal([doors.post(path + "/erase", erase, token)[0] for token in (None, operator, doors.token("ae-2"))], [401, 403, 403], "who may not erase")
        silent = doors.people.next_entry(number, "comment", "ae-1", note="").decode()
        doors.refuse(doors.post(path + "/erase", {"n": 1, "entry": silent}, officer), 400, "malformed", "entry")
        equal(doors.about(number, officer)["chain"][0]["private"]["text"], "dark since six", "nothing is gone yet")
        status, answer = doors.post(path + "/erase", erase, officer)
        equal((status, answer["complaint"]["n"]), (201, 2), f"erased: {answer}")
        step = doors.about(number, officer)["chain"]
        check(step[0]["private"].pop("moderation")["by"] == "op-1", "who hid it and showed it, before it was erased")
        equal((step[0]["private"], step[1]["note"], step[1]["action"]), ({"erased": True}, "erased: a court's order", "comment"), "what is left")
        equal(ask(stack, url, Authorization="Bearer " + officer)[0], 404, "the photo is gone")
        doors.people.act(number, "acknowledge", "op-1", note="")
        stack.stop("powertrackd")
        stack.start_daemon()
        equal(doors.about(number, doors.token("ae-1"))["chain"][0]["private"]["erased"], True, "after a restart")
        with open(stack.log_file("powertrackd"), encoding="utf-8") as log:
            check("dark since six" not in log.read(), "no word of it in the daemon's log")


@case
def test_actions():
    """By whom they may not be: each is told who was faster, and a ticket to join is good for one."""
    with stack_in_folder(chain=False) as stack:
        doors = Doors(stack)
        people = doors.people
        number, _ = people.file("asha", site="S-tx-1")
        first, second = (people.next_entry(number, "acknowledge", "op-1", note=note).decode() for note in ("mine", "no, mine"))
        equal(doors.post("/actions", {"entry": first})[0], 201, "one is first")
        status, problem = doors.post("/actions", {"entry": second})
        equal((status, problem["type"], problem["complaint"]["chain"][-1]["note"]), (409, "complaint-n", "mine"), "the other hears who was")
        equal(doors.post("/actions", {"entry": first})[0], 200, "and the first may say it again")
        ticket = people.ticket(complaint=number)
        proof = {"ticket": ticket["ticket"], "nonce": work(ticket["ticket"], ticket["bits"])}
        join = people.next_entry(number, "join", "citizen", key="bala").decode()
        doors.refuse(doors.post("/actions", {"entry": join}), 401, "bad-work", "ticket")
        equal(doors.post("/actions", {"entry": join, **proof})[0], 201, "joined")
        equal(doors.post("/actions", {"entry": join, **proof})[0], 200, "said again")
        another = people.next_entry(number, "join", "citizen", key="carol").decode()
        doors.refuse(doors.post("/actions", {"entry": another, **proof}), 401, "ticket-expired", "ticket")
        ticket = people.ticket(complaint=number)
        proof = {"ticket": ticket["ticket"], "nonce": work(ticket["ticket"], ticket["bits"])}
        people.act(number, "comment", "ae-2", note="somebody was faster")
        equal(doors.post("/actions", {"entry": another, **proof})[1]["type"], "complaint-n", "too late")
        signed = json.loads(people.next_entry(number, "join", "citizen", key="carol"))
        again = dump(signed).decode()
        equal(doors.post("/actions", {"entry": again, **proof})[0], 201, "with the same ticket, by who signs anew")
        spoilt = dump({**signed, "sig": json.loads(another)["sig"]}).decode()
        doors.post("/actions", {"entry": spoilt, **proof})
        third = people.next_entry(number, "join", "citizen", key="frida").decode()
        doors.refuse(doors.post("/actions", {"entry": third, **proof}), 401, "ticket-expired", "ticket")
        for action, by, more, status, slug in (("resolve", "op-1", {"note": "done"}, 403, "complaint-who"), ("approve", "ae-2", {"note": ""}, 409, "complaint-state"),
                                               ("assign", "op-1", {"note": "", "to": "nobody"}, 422, "complaint-to"), ("duplicate", "op-1", {"note": "x", "of": "1234567894"}, 422, "complaint-of"),
                                               ("comment", "aud-1", {"note": ""}, 201, None), ("acknowledge", "aud-1", {"note": ""}, 403, "complaint-who")):
            got, answer = doors.post("/actions", {"entry": people.next_entry(number, action, by, **more).decode()})
            equal((got, answer.get("type")), (status, slug), f"{action} by {by}: {str(answer)[:200]}")
        stranger = people.next_entry(number, "confirm", "citizen", key="dora").decode()
        equal(doors.post("/actions", {"entry": stranger})[1]["type"], "complaint-who", "a stranger's key")
        service = json.loads(people.next_entry(number, "join", "citizen", key="eve"))
        del service["key"]
        with_service_key = sign({**{name: value for name, value in service.items() if name != "sig"}, "by": "service"}, new_key()).decode()
        equal(doors.post("/actions", {"entry": with_service_key})[1]["type"], "forbidden", "the service speaks for itself")
        moved = people.entry(number, "comment", "ae-1", {"site": "S-tx-2"}, n=people.about(number)["n"] + 1, prev=people.about(number)["chain"][-1]["leaf"], note="").decode()
        equal(doors.post("/actions", {"entry": moved})[1]["type"], "complaint-place", "a place never changes")
        numbers = [people.file(f"who-{one}", site="S-tx-2")[0] for one in range(3)]
        lines = [people.next_entry(one, "acknowledge", "op-1", note="") for one in numbers]
        equal(doors.post("/actions", b"\n".join(lines), kind="application/x-ndjson"), (200, {"accepted": 3, "duplicate": 0, "rejected": []}), "officials' bulk")
        citizen = people.next_entry(numbers[0], "comment", "citizen", private=people.private("hello"), key="who-0")
        status, problem = doors.post("/actions", b"\n".join([lines[0], citizen]), kind="application/x-ndjson")
        equal((status, problem["type"]), (403, "forbidden"), "no citizen's in bulk")
        check("line 2" in problem["detail"], f"which line: {problem}")
        equal(doors.post("/actions", lines[0] + b"\n" * 1001, kind="application/x-ndjson")[0], 413, "a thousand lines")


@case
def test_killed():
    """Ended in the middle of filings: what was acknowledged is there with its words and its receipt, and the rest is not there at all."""
    with stack_in_folder(chain=False) as stack:
        doors = Doors(stack, complaints_work_bits=4)
        photo = png()
        answers, sent = [], [doors.filing(who=f"who-{number}", place={"site": f"S-tx-{number % 2 + 1}"}, photos=[photo] * (number % 3 == 0))
                             for number in range(40)]
        before = doors.token("ae-1")

        def hand_in(body):
            return doors.with_photos(body, [photo]) if json.loads(body["private"])["photos"] else doors.post("/complaints", body)

        def file(body):
            try:
                answers.append((body, *hand_in(body)))
            except OSError:
                pass

        threads = [threading.Thread(target=file, args=(body,)) for body in sent]
        for thread in threads[:20]:
            thread.start()
        wait_until("some are acknowledged", lambda: len(answers) >= 10)
        for thread in threads[20:]:
            thread.start()
        stack.stop("powertrackd", signal.SIGKILL)
        for thread in threads:
            thread.join()
        stack.start_daemon()
        token, filed = doors.token("ae-1"), {row["complaint"] for row in stack.get("/complaints")["complaints"]}
        equal(doors.post(f"/complaints/{AREA}/1234567894/hide", {"n": 1, "hidden": True, "reason": "x"}, before)[0], 401, "a session ends with the daemon")
        print(f"# {len(answers)} were acknowledged, {len(filed)} are there", flush=True)
        for body, status, answer in answers:
            equal(status, 201, f"each was filed: {answer}")
            number = answer["complaint"]["complaint"]
            step = doors.about(number, token)["chain"][0]
            equal((step["entry"], step["private"]["text"]), (answer["entry"], "dark since six"), "an acknowledged one")
            photos = step["private"]["photos"]
            equal(len(photos), len(json.loads(body["private"])["photos"]), "its photo")
            for one in photos:
                equal(ask(stack, one["url"], Authorization="Bearer " + token)[0], 200, "as a picture")
            equal(stack.get(f"/complaints/{AREA}/{number}/receipt"), answer["receipt"], "its receipt")
        for body in sent:
            status, answer = hand_in(body)
            equal(status, 200 if json.loads(body["entry"])["complaint"] in filed else 201, f"said again: {answer}")
        equal(doors.count(), 40, "each is there once")


@case
def test_desk():
    """For somebody without a browser: at a desk, by telephone, by a short message, and from a page that can't sign."""
    with stack_in_folder(chain=False) as stack:
        doors = Doors(stack)
        words = {"area": AREA, "category": "no-supply", "site": "S-tx-1", "text": "old woman at the desk", "contact": "house 7", "by": "desk"}
        equal([doors.post("/complaints/desk", words, token)[0] for token in (None, "x" * 40, doors.token("aud-1"))], [401, 401, 403], "who may not")
        status, answer = doors.post("/complaints/desk", words, doors.token("op-1"))
        equal((status, answer["complaint"]["by"]), (201, "service"), f"filed at the desk: {answer}")
        check_receipt(answer, service_key(stack))
        entry, number = parse_entry(answer["entry"].encode()), answer["complaint"]["complaint"]
        verify(entry, public_key(decode64(service_key(stack), 65)))
        equal(doors.about(number, doors.token("op-1"))["chain"][0]["private"], {"text": words["text"], "contact": "desk: house 7", "photos": []}, "her words")
        equal(doors.post("/complaints/desk", {**words, "text": ""}, GATEWAY)[1]["type"], "malformed", "nothing said")
        equal(doors.post("/complaints/desk", {**words, "by": "dove"}, GATEWAY)[1]["type"], "malformed", "no such way")
        for name, value in (("nonce", ""), ("nonce", "x"), ("nonce", "1" * 21), ("nonce", 5), ("ticket", "x" * 513), ("ticket", False), ("contact", "x" * 1025), ("contact", None)):
            doors.refuse(doors.post("/complaints/desk", {**words, name: value}, GATEWAY), 400, "malformed", name)
        equal(doors.post("/complaints/desk", {**words, "site": "S-none"}, GATEWAY)[1]["type"], "not-found", "no such site")
        equal(doors.post("/complaints/desk", {**words, "category": "none"}, GATEWAY)[1]["type"], "malformed", "no such category")
        equal(doors.post("/complaints/desk", words, GATEWAY)[0], 201, "by telephone")
        ticket = doors.people.ticket(category="no-supply", site="S-tx-1")
        proof = {"ticket": ticket["ticket"], "nonce": work(ticket["ticket"], ticket["bits"])}
        equal(doors.post("/complaints/desk", {**words, "site": "S-tx-2", **proof})[1]["type"], "ticket-expired", "a ticket for another place")
        status, answer = doors.post("/complaints/desk", {**words, "by": "page", **proof})
        equal((status, answer["complaint"]["complaint"]), (201, ticket["complaint"]), "from a page that can't sign")
        path = f"/complaints/{AREA}/{number}/desk"
        equal([doors.post(path, {"action": action, "text": "still dark"}, GATEWAY)[0] for action in ("join", "comment", "reopen", "resolve", "confirm")],
              [201, 201, 409, 400, 400], "what a desk may do")
        for name, value in (("nonce", ""), ("ticket", 5), ("text", 5), ("text", "x" * 16385)):
            doors.refuse(doors.post(path, {"action": "join", name: value}, GATEWAY), 400, "malformed", name)
        equal(doors.post(path, {"action": "comment", "text": "me"})[0], 401, "a stranger may not comment in the service's name")
        ticket = doors.people.ticket(complaint=number)
        proof = {"ticket": ticket["ticket"], "nonce": work(ticket["ticket"], ticket["bits"])}
        equal([doors.post(path, {"action": "join", **proof})[0] for _ in range(2)], [201, 401], "but join, once")
        equal(doors.about(number)["people"], 3, "three people")
        check_sms(doors, number)


@case
def test_profiles():
    """Signed by the authority and nonsense all the same: refused at the door, and the one in force stays."""
    with stack_in_folder(chain=False) as stack:
        doors = Doors(stack)
        first, second = PROFILE["categories"]
        owed = {"after_min": 60, "category": "no-supply", "currency": "INR", "each_min": 60, "minor": 5000, "times": 2}
        before = stack.get(f"/profiles/{AREA}")
        for what, change in (("a category twice", {"categories": [first, {**second, "id": first["id"]}]}), ("none", {"categories": []}),
                             ("owed for a category that is not there", {"compensation": [{**owed, "category": "billing"}]}), ("owed each 0 minutes", {"compensation": [{**owed, "each_min": 0}]}),
                             ("two persons twice", {"two_person": ["reject", "reject"]}), ("two persons for what one does", {"two_person": ["resolve"]}),
                             ("no English title", {"categories": [{**first, "title": {"hi": "बिजली"}}]}), ("a negative limit", {"categories": [{**first, "resolve_min": -1}]}),
                             ("another day", {"utc_offset_min": 1441}), ("more than it has", {"penalty": 1})):
            entry = {"area": AREA, "document": dump({**PROFILE, **change}).decode(), "kind": "profile", "ts": doors.people.now()}
            status, answer = stack.post("/registrations", sign(entry, doors.people.world.authority))
            equal((status, [row["error"] for row in answer["rejected"]]), (200, ["bad-profile"]), f"{what}: {answer}")
        equal(stack.get(f"/profiles/{AREA}"), before, "the one before")


@case
def test_words_that_steer():
    """Markup, overrides of direction and marks that nobody sees: text like any other, kept to the byte, never handed out as a page."""
    with stack_in_folder(chain=False) as stack:
        doors = Doors(stack)
        evil = "<script>alert(1)</script><img src=x onerror=alert(1)> &amp; \u202edeifirev\u2066\u200f\ufeff {{7*7}} %s ${HOME}"
        number, _ = doors.people.file("asha", text=evil, site="S-tx-1")
        doors.people.act(number, "acknowledge", "ae-1", note=evil)
        chain = doors.about(number, doors.token("ae-1"))["chain"]
        equal((chain[0]["private"]["text"], chain[1]["note"]), (evil, evil), "what was said")
        status, head, body = ask(stack, f"/api/v1/complaints/{AREA}/{number}")
        equal((status, head["Content-Type"].split(";")[0], head["X-Content-Type-Options"]), (200, "application/json", "nosniff"), "how it is handed out")
        status, head, body = ask(stack, "/api/v1/complaints?sort=" + urllib.parse.quote(evil))
        equal((status, head["Content-Type"], head["X-Content-Type-Options"]), (400, "application/problem+json", "nosniff"), "what is refused")
        check(evil not in json.dumps(doors.about(number)["chain"][0]), "the public does not get the citizen's words")
        check(f"OFF {evil}"[:160] not in sms(doors, f"OFF {evil}")[1], "nor does a message come back")


def sms(doors, body, sender="+919835000000", token=GATEWAY, **headers):
    status, head, text = ask(doors.stack, "/api/v1/sms", "POST", urllib.parse.urlencode({"From": sender, "Body": body}).encode(),
                             Content_Type="application/x-www-form-urlencoded", Authorization="Bearer " + token, **headers)
    text = text.decode()
    check(len(text) <= (160 if text.isascii() else 70) or status != 200, f"one message: {text}")
    return status, text


def check_sms(doors, number):
    equal(sms(doors, "OFF S-tx-1", token="wrong" * 5)[0], 401, "no gateway")
    before = doors.count()
    status, text = sms(doors, " off S-tx-2 \n")
    equal((status, doors.count()), (200, before + 1), f"filed by a short message: {text}")
    new = next(row for row in doors.stack.get("/complaints?site=S-tx-2")["complaints"])["complaint"]
    grouped = f"{new[:4]} {new[4:7]} {new[7:]}"
    check(grouped in text, f"its number: {text}")
    equal(sms(doors, grouped)[1], f"Complaint {grouped}: open.", "how it stands")
    equal(sms(doors, "1000-000-005")[1], "There is no complaint 1000 000 005.", "no such number")
    for body in ("", "hello", "OFF", "OFF nowhere", "OFF test-west S-tx-2", "1234567890", "\u202eevil", "OFF " + "x" * 200):
        status, text = sms(doors, body)
        equal((status, doors.count()), (200, before + 1), f"{body!r}: {text}")
    equal([sms(doors, "\u0905" * size)[0] for size in (1600, 1601)], [200, 400], "as long as ten messages, in any script")
    equal([sms(doors, "hello", sender="\u0967" * size)[0] for size in (64, 65)], [200, 400], "so long a number")
    equal(sms(doors, "OFF test-east S-tx-2")[0], 200, "with its area")
    equal(doors.about(new, doors.token("op-1"))["chain"][0]["private"]["contact"], "+919835000000", "from whom")
    check_hindi(doors, grouped)


def check_hindi(doors, grouped):
    """In the language that the gateway asks for; what it can't say in that one, it says in English."""
    hindi = {"Accept_Language": "hi-IN,hi;q=0.9,en;q=0.5"}
    equal(sms(doors, grouped, **hindi), (200, f"शिकायत {grouped}: खुली।"), "how it stands")
    equal(sms(doors, "1000-000-005", **hindi)[1], "शिकायत 1000 000 005 नहीं है।", "no such number")
    check(sms(doors, "OFF S-tx-2", **hindi)[1].startswith("शिकायत संख्या "), "filed")
    for body in ("hello", "OFF nowhere"):
        check(not sms(doors, body, **hindi)[1].isascii(), f"{body} in Hindi")
    for language in ("en-IN,hi;q=0.5", "ta", "", "*"):
        equal(sms(doors, grouped, Accept_Language=language)[1], f"Complaint {grouped}: open.", f"in {language!r}")


if __name__ == "__main__":
    main()
