# SPDX-License-Identifier: Apache-2.0
"""The formats of docs/PROTOCOL.md once more, in Python and from the text alone: the other implementer.

Nothing here shares code or data with the C programs. Needs python3-cryptography.
"""
import base64
import hashlib
import json
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ENTRY_MAX = 65535
CHUNK, LINKS = 1 << 20, 1024
AREA_ID, ID = re.compile(r"[a-z0-9][a-z0-9-]{0,30}"), re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
HEX = re.compile(r"[0-9a-f]{64}")


class Wrong(Exception):
    """Something that does not hold, in one line."""


# Canonical JSON


def refuse(what):
    def raise_wrong(text):
        raise Wrong(f"{what} in canonical JSON: {text}")

    return raise_wrong


def unique(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Wrong("a member twice")
    return members


def dump(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def parse(data):
    """A canonical value of its bytes; Wrong for any other bytes."""
    try:
        value = json.loads(data.decode("utf-8"), parse_float=refuse("a fraction"), parse_constant=refuse("a constant"), object_pairs_hook=unique)
    except ValueError as error:
        raise Wrong(f"not JSON: {error}") from None
    check_values(value)
    if dump(value) != data:
        raise Wrong("not in canonical form")
    return value


def check_values(value):
    if isinstance(value, dict):
        for member in value.values():
            check_values(member)
    elif isinstance(value, list):
        for member in value:
            check_values(member)
    elif value is None or isinstance(value, bool):
        raise Wrong("null, true or false")
    elif isinstance(value, int) and abs(value) >= 1 << 53:
        raise Wrong("an integer out of range")


# Bytes as text


def encode64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode64(text, size):
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        raise Wrong("not base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(data) != size or encode64(data) != text:
        raise Wrong("base64url of another length, or not in its one form")
    return data


# Keys and signatures


def public_key(point):
    if len(point) != 65 or point[0] != 4:
        raise Wrong("not an uncompressed point")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        raise Wrong("a point off the curve") from None


def load_pem(path):
    with open(path, "rb") as file:
        return serialization.load_pem_private_key(file.read(), None)


def point_of(private):
    return private.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def signed_bytes(entry):
    return b"powertrack " + entry["kind"].encode() + b" v1\n" + dump({name: value for name, value in entry.items() if name not in ("received", "sig")})


def sign(entry, private):
    """The entry with its signature, as canonical bytes."""
    r, s = decode_dss_signature(private.sign(signed_bytes(entry), ec.ECDSA(hashes.SHA256())))
    return dump({**entry, "sig": encode64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))})


def verify(entry, key):
    verify_bytes(signed_bytes(entry), entry["sig"], key)


def verify_bytes(data, signature, key):
    raw = decode64(signature, 64)
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    if not (0 < r < ORDER and 0 < s < ORDER):
        raise Wrong("a signature out of range")
    try:
        key.verify(encode_dss_signature(r, s), data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise Wrong("bad signature") from None


# The tables of the kinds: a check for each member


def is_integer(low, high=(1 << 53) - 1):
    return lambda value: isinstance(value, int) and low <= value <= high


def matches(pattern):
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def one_of(*words):
    return lambda value: value in words


def is_base64(size):
    return lambda value: isinstance(value, str) and decode64(value, size) is not None


TIME, COUNT, IDENTIFIER, DIGEST = is_integer(-(1 << 53) + 1), is_integer(0), matches(ID), matches(HEX)
LATITUDE, LONGITUDE = is_integer(-900000000, 900000000), is_integer(-1800000000, 1800000000)
ALL = {"kind": lambda value: value in TABLES, "area": matches(AREA_ID), "ts": TIME, "received": TIME, "sig": is_base64(64)}
STATUS, TEXT = one_of("active", "revoked"), lambda value: isinstance(value, str)
ACTIONS = ("file", "join", "comment", "acknowledge", "assign", "resolve", "unresolve", "reject", "approve", "duplicate", "reopen", "confirm", "withdraw")
TABLES = {
    "device": {"device": IDENTIFIER, "site": IDENTIFIER, "key": is_base64(65), "lat": LATITUDE, "lon": LONGITUDE,
               "level": one_of("transformer", "cluster", "house"), "customers": COUNT, "status": STATUS},
    "official": {"official": IDENTIFIER, "key": is_base64(65), "role": one_of("operator", "officer", "auditor"), "name": TEXT, "status": STATUS},
    "report": {"device": IDENTIFIER, "site": IDENTIFIER, "lat": LATITUDE, "lon": LONGITUDE, "power": one_of("ON", "OFF"), "seq": is_integer(1)},
    "action": {"complaint": IDENTIFIER, "n": is_integer(1), "prev": DIGEST, "by": IDENTIFIER, "action": one_of(*ACTIONS)},
    "roster": {"batch": is_integer(1), "expected": COUNT, "heard": COUNT, "silent_root": DIGEST},
    "lost": {"device": IDENTIFIER, "first": is_integer(1), "last": is_integer(1), "reason": one_of("jump", "overwritten", "reset")},
    "notice": {"notice": IDENTIFIER, "n": is_integer(1), "prev": DIGEST, "about": one_of("shutdown", "estimate"), "scope": one_of("area", "feeder", "site"),
               "start": COUNT, "end": COUNT, "by": IDENTIFIER, "note": TEXT, "status": one_of("active", "withdrawn")},
    "profile": {"document": TEXT},
}
OPTIONAL = {
    "device": {"feeder": IDENTIFIER}, "official": {"person_hash": DIGEST},
    "report": {"voltage": is_integer(0, 1000000), "event": one_of("boot", "last-gasp", "tamper")},
}
BLOCK = {"block": COUNT, "block_hash": DIGEST}
NOBODY = ("citizen", "service")  # no official's names


def action_table(entry):
    """What an action has by what it does, by whom and where."""
    action, by = entry.get("action"), entry.get("by")
    table = {"site": IDENTIFIER} if "site" in entry else {"lat": LATITUDE, "lon": LONGITUDE}
    if action == "file":
        table["category"] = IDENTIFIER
    if by == "citizen":
        table["key"] = is_base64(65)
    if by in NOBODY:
        return {**table, "note_hash": DIGEST} if "note_hash" in entry or action in ("file", "comment") else table
    table["note"] = TEXT
    if action == "assign":
        table["to"] = IDENTIFIER
    if action == "duplicate":
        table["of"] = IDENTIFIER
    if action == "resolve" and "photo_hash" in entry:
        table["photo_hash"] = DIGEST
    return table


def table_of(entry):
    kind = entry["kind"]
    table = {**ALL, **TABLES[kind], **{name: good for name, good in OPTIONAL.get(kind, {}).items() if name in entry}}
    if kind == "action":
        table.update(action_table(entry))
    if kind == "roster" and set(BLOCK) & set(entry):
        table.update(BLOCK)
    if kind == "notice" and entry.get("scope") != "area":
        table["target"] = IDENTIFIER
    return table


def check_together(entry):
    """What members have to be to each other."""
    kind = entry["kind"]
    if (kind == "action" and "site" not in entry) or (kind == "device" and entry["level"] == "house"):
        if entry["lat"] % 100000 or entry["lon"] % 100000:
            raise Wrong("a position finer than a cell")
    if kind in ("action", "notice") and (entry["n"] == 1) != (entry["prev"] == "0" * 64):
        raise Wrong("n and prev do not agree")
    if kind == "action" and entry["action"] in ("resolve", "unresolve", "reject", "duplicate") and entry.get("note") == "":
        raise Wrong("no word why")
    if kind == "official" and entry["official"] in NOBODY:
        raise Wrong("a name that is no official's")
    if kind == "notice" and (entry["start"] >= entry["end"] or (entry["n"] == 1 and entry["status"] == "withdrawn")):
        raise Wrong("a notice that ends before it begins")
    if kind == "lost" and entry["first"] > entry["last"]:
        raise Wrong("a range that ends before it begins")


def parse_entry(line):
    """A stored entry of its bytes, its form checked."""
    if len(line) > ENTRY_MAX:
        raise Wrong("an entry over 65,535 bytes")
    entry = parse(line)
    if not isinstance(entry, dict) or entry.get("kind") not in TABLES:
        raise Wrong("no entry of a known kind")
    table = table_of(entry)
    if set(entry) != set(table):
        raise Wrong(f"members of a {entry['kind']}: {sorted(set(entry) ^ set(table))}")
    for name, good in table.items():
        if not good(entry[name]):
            raise Wrong(f"member {name} of a {entry['kind']}")
    check_together(entry)
    return entry


# Tree


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(data):
    return sha256(b"\0" + data)


class Tree:
    """A growing tree as its frontier: (leaves below, hash), largest first."""

    def __init__(self):
        self.size, self.nodes = 0, []

    def append(self, hash_):
        self.size += 1
        self.nodes.append((1, hash_))
        while len(self.nodes) > 1 and self.nodes[-1][0] == self.nodes[-2][0]:
            (count, right), (_, left) = self.nodes.pop(), self.nodes.pop()
            self.nodes.append((2 * count, sha256(b"\1" + left + right)))

    def frontier(self):
        return [hash_.hex() for _, hash_ in self.nodes]

    def root(self):
        if not self.nodes:
            return sha256(b"").hex()
        hash_ = self.nodes[-1][1]
        for _, left in reversed(self.nodes[:-1]):
            hash_ = sha256(b"\1" + left + hash_)
        return hash_.hex()


def tree_root(leaves):
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf_hash(leaf))
    return tree.root()


def root_of_path(index, size, leaf, path):
    """RFC 9162 section 2.1.3.2; the root that follows, in hex."""
    if index >= size:
        raise Wrong("an index outside the tree")
    node, last, hash_ = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Wrong("a path that is too long")
        if node & 1 or node == last:
            hash_ = sha256(b"\1" + sibling + hash_)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            hash_ = sha256(b"\1" + hash_ + sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise Wrong("a path that is too short")
    return hash_.hex()


# CID


def varint(number):
    out = b""
    while number > 127:
        out, number = out + bytes([number & 127 | 128]), number >> 7
    return out + bytes([number])


def field(tag, data):
    return bytes([tag]) + varint(len(data)) + data


def cid_bytes(codec, block):
    return bytes([1, codec, 0x12, 0x20]) + sha256(block)


def unixfs_node(children):
    """(cid, Tsize, file size) of a node over such triples."""
    links = b"".join(field(0x12, field(0x0A, cid) + field(0x12, b"") + b"\x18" + varint(tsize)) for cid, tsize, _ in children)
    total = sum(size for _, _, size in children)
    sizes = b"".join(b"\x20" + varint(size) for _, _, size in children)
    block = links + field(0x0A, b"\x08\x02\x18" + varint(total) + sizes)
    return cid_bytes(0x70, block), len(block) + sum(tsize for _, tsize, _ in children), total


def file_cid(data, chunk=CHUNK, width=LINKS):
    """The binary CID of a file."""
    blocks = [data[at : at + chunk] for at in range(0, len(data), chunk)] or [b""]
    row = [(cid_bytes(0x55, block), len(block), len(block)) for block in blocks]
    while len(row) > 1:
        row = [unixfs_node(row[at : at + width]) for at in range(0, len(row), width)]
    return row[0][0]


def cid_text(cid):
    return "b" + base64.b32encode(cid).decode().lower().rstrip("=")


def cid_parse(text):
    """The bytes of a CID in its one form: CIDv1 of raw or dag-pb with SHA2-256."""
    if not re.fullmatch(r"b[a-z2-7]{58}", text):
        raise Wrong("no CID")
    cid = base64.b32decode(text[1:].upper() + "=" * 6)
    if cid[:4] not in (bytes([1, 0x55, 0x12, 0x20]), bytes([1, 0x70, 0x12, 0x20])) or cid_text(cid) != text:
        raise Wrong("no CID")
    return cid


# Keccak-256, for the names of events


def keccak256(data):
    def rotate(word, by):
        return (word << by | word >> (64 - by)) & (1 << 64) - 1 if by else word

    def permute(lanes):
        constant = 1
        for _ in range(24):
            columns = [lanes[x][0] ^ lanes[x][1] ^ lanes[x][2] ^ lanes[x][3] ^ lanes[x][4] for x in range(5)]
            mixed = [columns[(x + 4) % 5] ^ rotate(columns[(x + 1) % 5], 1) for x in range(5)]
            lanes = [[lanes[x][y] ^ mixed[x] for y in range(5)] for x in range(5)]
            x, y, current = 1, 0, lanes[1][0]
            for step in range(24):
                x, y = y, (2 * x + 3 * y) % 5
                current, lanes[x][y] = lanes[x][y], rotate(current, (step + 1) * (step + 2) // 2 % 64)
            lanes = [[lanes[x][y] ^ (~lanes[(x + 1) % 5][y] & lanes[(x + 2) % 5][y]) for y in range(5)] for x in range(5)]
            for bit in range(7):
                constant = (constant << 1 ^ (constant >> 7) * 0x71) % 256
                if constant & 2:
                    lanes[0][0] ^= 1 << (1 << bit) - 1
        return lanes

    padded = bytearray(data + b"\1" + bytes(-(len(data) + 1) % 136))
    padded[-1] |= 0x80
    lanes = [[0] * 5 for _ in range(5)]
    for start in range(0, len(padded), 136):
        for word in range(17):
            lanes[word % 5][word // 5] ^= int.from_bytes(padded[start + 8 * word : start + 8 * word + 8], "little")
        lanes = permute(lanes)
    return b"".join(lanes[word % 5][word // 5].to_bytes(8, "little") for word in range(4))
