# SPDX-License-Identifier: Apache-2.0
"""An office in front of a real daemon: complaints whose chains a test writes itself, signed by keys of its own, and officials whose acts it takes,
refuses or forestalls. All else is the daemon's answer, so that a window has its sites, outages and events."""
import hashlib
import http.server
import json
import os
import queue
import re
import threading
import urllib.error
import urllib.request

from cryptography.hazmat.primitives.asymmetric import ec

from pt_formats import decode64, dump, encode64, leaf_hash, point_of, public_key, sign, verify

from pt_stack import now_ms

MINUTE = 60_000
BASE = "/api/v1"
MAKES = {"file": "open", "acknowledge": "acknowledged", "assign": "assigned", "resolve": "resolved", "unresolve": "open", "reject": "rejected", "reopen": "open"}


def new_key():
    return ec.generate_private_key(ec.SECP256R1())


def key_text(key):
    return encode64(point_of(key))


class Complaint:
    def __init__(self, area, number, category, title, where, filed_at, acknowledge_min, resolve_min, **more):
        self.row = {"area": area, "complaint": number, "category": category, "title": {"en": title}, **where, "filed_at": filed_at, "acknowledge_by": filed_at + acknowledge_min * MINUTE,
                    "resolve_by": filed_at + resolve_min * MINUTE, "people": 1, "confirmed": 0, "reopened": 0, "by": "citizen", **more}
        self.where, self.chain = where, []

    def follows(self, entry):
        return entry["n"] == len(self.chain) + 1 and entry["prev"] == (self.chain[-1]["leaf"] if self.chain else "0" * 64)

    def draft(self, action, by, ts, **more):
        return {"kind": "action", "area": self.row["area"], "complaint": self.row["complaint"], "n": len(self.chain) + 1, "prev": self.chain[-1]["leaf"] if self.chain else "0" * 64,
                "action": action, "by": by, "ts": ts, **self.where, **more}

    def add(self, entry, key, received, contradicted=False, **said):
        """A signed entry (bytes) becomes the next step, as a daemon would make it."""
        entry = {**json.loads(entry), "received": received}
        text = dump(entry)
        row, action = self.row, entry["action"]
        self.chain.append({"n": entry["n"], "action": action, "by": entry["by"], "key": key, "received": received, "ts": entry["ts"], "leaf": leaf_hash(text).hex(), "entry": text.decode(), **said})
        row.update(n=len(self.chain), changed_at=received, state=MAKES.get(action, row.get("state")))
        row["people"] += action == "join"
        row["reopened"] += action == "reopen"
        if action == "assign":
            row["assigned"] = entry["to"]
        if action in ("acknowledge", "assign", "resolve", "reject"):
            row.setdefault("acknowledged_at", received)
        if action == "resolve":
            row.update(resolved_at=received, evidence="contradicted" if contradicted else "unsupported", closed="against" if contradicted else "unconfirmed")
        if action == "reopen":
            for name in ("resolved_at", "evidence", "closed"):
                row.pop(name, None)


class Office:
    """What is kept of complaints and officials; one lock for all."""

    def __init__(self, area, authority=None):
        self.authority = authority  # signs the registrations that are shown; None: they are the daemon's own answer
        self.area, self.complaints, self.officials, self.tokens, self.off, self.listeners = area, {}, {}, {}, {}, []
        self.gone = set()  # numbers of complaints that it says it never had
        self.taken = []  # entries that were posted, as they came
        self.profile = None  # as GET /profiles/{area} answers; None: the daemon's own answer
        self.before = None  # called once before the next act is looked at
        self.lock = threading.RLock()

    def register(self, official, key, role, name):
        self.officials[official] = {"key": key, "role": role, "name": name}
        if self.authority:
            self.officials[official]["registrations"] = [self.registration(official, self.authority)]

    def registration(self, official, authority):
        at, known = now_ms() - 30 * 1440 * MINUTE, self.officials[official]
        entry = {"area": self.area, "kind": "official", "official": official, "status": "active", "ts": at, **{name: known[name] for name in ("key", "role", "name")}}
        return dump({**json.loads(sign(entry, authority)), "received": at}).decode()

    def file(self, number, category, title, where, minutes_ago, acknowledge_min=60, resolve_min=240, text="", joined=0, **more):
        """A citizen's complaint, and those who joined it."""
        at, key = now_ms() - minutes_ago * MINUTE, new_key()
        complaint = Complaint(self.area, number, category, title, where, at, acknowledge_min, resolve_min, **more)
        note_hash = hashlib.sha256(text.encode()).hexdigest()
        complaint.add(sign(complaint.draft("file", "citizen", at, category=category, key=key_text(key), note_hash=note_hash), key), key_text(key), at,
                      private={"text": text, "contact": "", "photos": []})
        for number_joined in range(joined):
            other = new_key()
            complaint.add(sign(complaint.draft("join", "citizen", at, key=key_text(other)), other), key_text(other), at + (number_joined + 1) * 1000)
        self.complaints[complaint.row["complaint"]] = complaint
        return complaint

    def promise(self, evidence, two_person, minutes_ago=6000):
        """A profile of the area."""
        category = {"acknowledge_min": 60, "evidence": evidence, "id": "no-supply", "resolve_min": 240, "title": {"en": "No supply"}}
        document = {"announce_min": 1440, "categories": [category], "compensation": [], "format": "powertrack-profile-1", "held_min": 60, "major_event_days": "none", "reopen_days": 7,
                    "sustained_ms": 300000, "two_person": two_person, "utc_offset_min": 330}
        self.profile = {"area": self.area, "document": dump(document).decode(), "profile": document, "entry": "", "ts": now_ms() - minutes_ago * MINUTE}

    def act(self, complaint, action, by, key, note="", minutes_ago=0, **more):
        """An official's act, by a key of the test's."""
        at = now_ms() - minutes_ago * MINUTE
        with self.lock:
            self.take(complaint, sign(complaint.draft(action, by, at, note=note, **more), key), at)

    def take(self, complaint, entry, at):
        official = self.officials[json.loads(entry)["by"]]
        complaint.add(entry, official["key"], at, complaint.where.get("site") in self.off, name=official["name"], role=official["role"])
        if complaint.row["state"] == "rejected" and self.profile and "reject" in self.profile["profile"]["two_person"]:
            complaint.row["state"] = "rejecting"
        self.tell(complaint)

    def tell(self, complaint):
        for listener in list(self.listeners):
            listener.put(b"event: complaint\ndata: " + json.dumps(self.row(complaint)).encode() + b"\n\n")

    def row(self, complaint):
        since = self.off.get(complaint.where.get("site"))
        return {**complaint.row, "overdue": complaint.row["resolve_by"] < now_ms(), **({"outage_since": since} if since else {})}

    def detail(self, complaint, token=None):
        hidden = () if token in self.tokens else ("private",)
        return {**self.row(complaint), "chain": [{name: value for name, value in step.items() if name not in hidden} for step in complaint.chain]}

    def post(self, text):
        """(status, answer) of POST /actions."""
        with self.lock:
            if self.before is not None:
                before, self.before = self.before, None
                before()
            entry = json.loads(text)
            complaint, official = self.complaints[entry["complaint"]], self.officials[entry["by"]]
            if not complaint.follows(entry):
                return 409, {"type": "conflict", "detail": "prev: another entry came first.", "complaint": self.detail(complaint)}
            verify(entry, public_key(decode64(official["key"], 65)))
            self.taken.append(text)
            self.take(complaint, text.encode(), now_ms())
            return 201, {"entry": complaint.chain[-1]["entry"], "receipt": {}, "complaint": self.detail(complaint)}

    def challenge(self, official, host):
        if official not in self.officials:
            return 403, {"type": "unknown-official", "detail": "official: nobody registered it in this area."}
        body = {"area": self.area, "challenge": encode64(os.urandom(32)), "host": host, "official": official, "ts": now_ms()}
        return 200, {"challenge": "powertrack login v1\n" + dump(body).decode(), "expires": now_ms() + 5 * MINUTE}

    def login(self, asked):
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

        official, raw = self.officials[asked["official"]], decode64(asked["sig"], 64)
        try:
            public_key(decode64(official["key"], 65)).verify(encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")),
                                                             asked["challenge"].encode(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return 401, {"type": "unauthorized", "detail": "sig: it is not by the key of this official."}
        token = encode64(os.urandom(16))
        self.tokens[token] = asked["official"]
        return 200, {"token": token, "expires": now_ms() + 15 * MINUTE, "role": official["role"], "name": official["name"]}


def handler_of(office, upstream):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def answer(self, status, data, kind=None):
            body = data if isinstance(data, bytes) else json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", kind or ("application/json" if status < 300 else "application/problem+json"))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            path = self.path.removeprefix(BASE).split("?")[0]
            found = re.fullmatch(r"/complaints/[^/]+/([^/]+)", path)
            registered = re.fullmatch(r"/officials/[^/]+/([^/]+)", path)
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            if path == "/events":
                self.events()
            elif path == "/complaints":
                with office.lock:
                    self.answer(200, {"complaints": [office.row(complaint) for complaint in office.complaints.values()], "counts": {}})
            elif path == f"/profiles/{office.area}" and office.profile:
                self.answer(200, office.profile)
            elif registered and "registrations" in office.officials.get(registered[1], {}):
                self.answer(200, {"area": office.area, "official": registered[1], "registrations": office.officials[registered[1]]["registrations"]})
            elif found and found[1] in office.gone:
                self.answer(404, {"type": "not-found", "detail": "The area has no complaint of this number."})
            elif found and found[1] in office.complaints:
                with office.lock:
                    self.answer(200, office.detail(office.complaints[found[1]], token))
            else:
                self.forward()

        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            path = self.path.removeprefix(BASE)
            if path == "/sessions/challenge":
                self.answer(*office.challenge(asked["official"], self.headers["Host"]))
            elif path == "/sessions":
                self.answer(*office.login(asked))
            else:
                self.answer(*office.post(asked["entry"]))

        def do_DELETE(self):
            self.answer(200, {})

        def forward(self):
            try:
                with urllib.request.urlopen(upstream + self.path) as got:
                    self.answer(got.status, got.read(), got.headers["Content-Type"])
            except urllib.error.HTTPError as error:
                self.answer(error.code, error.read(), error.headers["Content-Type"])

        def events(self):
            """The daemon's, and the office's own between them."""
            parts = queue.Queue()

            def pump():
                try:
                    with urllib.request.urlopen(upstream + self.path) as got:
                        while part := got.read1(65536):
                            parts.put(part)
                except OSError:
                    parts.put(None)

            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            office.listeners.append(parts)
            threading.Thread(target=pump, daemon=True).start()
            try:
                while (part := parts.get()) is not None:
                    self.wfile.write(part)
                    self.wfile.flush()
            except OSError:
                pass
            finally:
                office.listeners.remove(parts)

    return Handler


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Who asked may be gone."""


class office_server:  # pylint: disable=invalid-name
    """Serves @office in front of the daemon at @upstream; its address."""

    def __init__(self, office, upstream):
        self.server = Server(("127.0.0.1", 0), handler_of(office, upstream))

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
