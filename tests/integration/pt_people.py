# SPDX-License-Identifier: Apache-2.0
"""Citizens and officials whose keys are here, for the tests that file complaints and act on them over HTTP."""
import hashlib
import json
import os
import secrets
import struct
import zlib

from cryptography.hazmat.primitives.asymmetric import ec

from pt_case import check, equal
from pt_formats import dump, encode64, leaf_hash, point_of, sha256, sign

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
NO_PREV = "0" * 64
PROFILE = {"announce_min": 60, "categories": [
    {"acknowledge_min": 60, "evidence": "power", "id": "no-supply", "resolve_min": 240, "title": {"en": "No supply", "hi": "बिजली नहीं"}},
    {"acknowledge_min": 0, "evidence": "none", "id": "voltage", "resolve_min": 1440, "title": {"en": "Low voltage", "hi": "कम वोल्टेज"}}],
    "compensation": [], "format": "powertrack-profile-1", "held_min": 60, "major_event_days": "none", "reopen_days": 7, "sustained_ms": 300_000,
    "two_person": ["reject"], "utc_offset_min": 330}


def new_key():
    return ec.generate_private_key(ec.SECP256R1())


def work(ticket, bits):
    """A nonce for the ticket: the hash begins with so many zero bits."""
    nonce = 0
    while True:
        digest = hashlib.sha256(f"powertrack work v1\n{ticket}\n{nonce}".encode()).digest()
        if int.from_bytes(digest[:4], "big") >> (32 - bits) == 0:
            return str(nonce)
        nonce += 1


GATEWAY = "gateway-token-of-a-test"


def make_gateway(stack):
    """A file with the token of those who hand in for others."""
    path = stack.key_file("gateway.token")
    with open(path, "w", encoding="ascii") as file:
        file.write(GATEWAY + "\n")
    os.chmod(path, 0o600)
    return path


def make_png(width=40, height=30, rows=None, comment=b""):
    """A picture; @rows: what is packed as its pixels, whatever its size."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = rows if rows is not None else b"".join(b"\0" + bytes([200, 40, 40]) * width for _ in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"tEXt", b"Comment\0" + comment)
            + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def multipart(parts):
    """(Content-Type, body) of (name, type, bytes)."""
    boundary = secrets.token_hex(16)
    body = b"".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="x"\r\nContent-Type: {kind}\r\n\r\n'.encode() + data + b"\r\n"
                    for name, kind, data in parts)
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


class People:
    """Of one area of a World: an operator, two officers, and whoever files. Each is a name with a key."""

    def __init__(self, world, area=None, profile=PROFILE):
        self.world, self.stack, self.area = world, world.stack, area or world.areas[0]
        self.keys, self.places = {}, {}
        for name, role in (("op-1", "operator"), ("ae-1", "officer"), ("ae-2", "officer"), ("aud-1", "auditor")):
            self.register(name, role)
        if profile:
            self.take(dump({"area": self.area, "document": dump(profile).decode(), "kind": "profile", "ts": self.now()}), self.world.authority)

    def now(self):
        return self.stack.status()["now"]

    def take(self, entry, key):
        self.world.take("/registrations", [sign(json.loads(entry), key)])

    def register(self, name, role, status="active"):
        key = self.keys.setdefault(name, new_key())
        self.take(dump({"area": self.area, "kind": "official", "key": encode64(point_of(key)), "name": f"Office of {name}", "official": name, "role": role,
                        "status": status, "ts": self.now()}), self.world.authority)

    def announce(self, notice, site, later, note="new conductor"):
        """A shutdown of a site that begins so much later, for an hour; the notice as it was signed."""
        now = self.now()
        entry = {"about": "shutdown", "area": self.area, "by": "op-1", "end": now + later + HOUR_MS, "kind": "notice", "n": 1, "note": note, "notice": notice,
                 "prev": NO_PREV, "scope": "site", "start": now + later, "status": "active", "target": site, "ts": now}
        self.world.take("/notices", [sign(entry, self.keys["op-1"])])
        return entry

    # Complaints

    def about(self, complaint):
        return self.stack.get(f"/complaints/{self.area}/{complaint}")

    def private(self, text, photos=()):
        return dump({"contact": "", "photos": [sha256(photo).hex() for photo in photos], "salt": secrets.token_hex(16), "text": text}).decode()

    def entry(self, complaint, action, by, place, n=1, prev=NO_PREV, private=None, key=None, **more):
        """Signed as it is handed in; @by: an official's name, or `citizen` with the key of @key."""
        more = {name: value for name, value in more.items() if value is not None}
        if private is not None:
            more["note_hash"] = sha256(private.encode()).hex()
        if by != "citizen":
            more.setdefault("note", "")
        else:
            more["key"] = encode64(point_of(self.keys.setdefault(key, new_key())))
        return sign({"action": action, "area": self.area, "by": by, "complaint": complaint, "kind": "action", "n": n, "prev": prev, "ts": self.now(),
                     **place, **more}, self.keys[key if by == "citizen" else by])

    def ticket(self, **ask):
        status, answer = self.stack.post("/complaints/tickets", dump({"area": self.area, **ask}), "application/json")
        equal(status, 200, f"a ticket: {answer}")
        return answer

    def file(self, who, category="no-supply", text="dark since six", photos=(), **place):
        """Its number, and the answer."""
        ticket = self.ticket(category=category, **place)
        private = self.private(text, photos)
        complaint = ticket["complaint"]
        entry = self.entry(complaint, "file", "citizen", place, private=private, key=who, category=category)
        body = {"entry": entry.decode(), "private": private, "ticket": ticket["ticket"], "nonce": work(ticket["ticket"], ticket["bits"])}
        if photos:
            kind, data = multipart([(name, "application/json", value.encode()) for name, value in body.items()] + [("photo", "image/png", photo) for photo in photos])
        else:
            kind, data = "application/json", json.dumps(body).encode()
        status, answer = self.stack.post("/complaints", data, kind)
        equal(status, 201, f"filing: {str(answer)[:300]}")
        self.places[complaint] = place
        return complaint, answer

    def next_entry(self, complaint, action, by, private=None, key=None, **more):
        last = self.about(complaint)["chain"][-1]
        equal(leaf_hash(last["entry"].encode()).hex(), last["leaf"], "the last step's leaf")
        return self.entry(complaint, action, by, self.places[complaint], last["n"] + 1, last["leaf"], private, key, **more)

    def act(self, complaint, action, by, wanted=201, text=None, key=None, **more):
        """The next action; the answer."""
        private = self.private(text) if text is not None else None
        body = {"entry": self.next_entry(complaint, action, by, private, key, **more).decode()}
        if private is not None:
            body["private"] = private
        if action == "join":
            ticket = self.ticket(complaint=complaint)
            body |= {"ticket": ticket["ticket"], "nonce": work(ticket["ticket"], ticket["bits"])}
        status, answer = self.stack.post("/actions", json.dumps(body).encode(), "application/json")
        equal(status, wanted, f"{action} by {by}: {str(answer)[:300]}")
        check(wanted != 201 or answer["complaint"]["complaint"] == complaint, "the complaint as it is now")
        return answer
