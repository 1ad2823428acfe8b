# SPDX-License-Identifier: Apache-2.0
"""An audit by somebody else: docs/PROTOCOL.md, a chain RPC and /ipfs/{cid}, nothing more."""
import json
import urllib.request

from pt_case import PATIENCE
from pt_complaints import Broken, check_action, check_notice, read_profile, take_action, take_notice
from pt_formats import Tree, Wrong, cid_text, decode64, file_cid, keccak256, leaf_hash, parse, parse_entry, public_key, tree_root, verify

REGISTERED = "AreaRegistered(bytes32,bytes,bytes,address)"
ANCHORED = "Anchored(bytes32,uint64,uint64,uint64,uint64,bytes32,bytes)"
BEHIND_MAX = 4096
AHEAD_MAX = 300_000


def holds(entry, key):
    """As verify (), by the rule's name."""
    try:
        verify(entry, key)
    except Wrong as wrong:
        raise Broken("bad-signature", str(wrong)) from None


def registered_key(entry):
    try:
        return public_key(decode64(entry["key"], 65))
    except Wrong as wrong:
        raise Broken("bad-key", str(wrong)) from None


class Area:
    """What the log of an area says so far."""

    def __init__(self, name, authority, service):
        self.name, self.authority, self.service = name, public_key(authority), public_key(service)
        self.tree, self.batch, self.to, self.names_block = Tree(), 0, None, False
        self.devices, self.officials, self.keys = {}, {}, {}  # officials: id -> newest registration; keys: id -> its key
        self.complaints, self.notices, self.profile = {}, {}, None  # profile: (entry, what its document says)
        self.reports = self.entries = 0

    def terms(self):
        """The profile in force, or None."""
        return self.profile and self.profile[1]


class Device:
    """A device's registration and the counters it used."""

    def __init__(self):
        self.entry, self.key, self.used, self.lost, self.highest = None, None, set(), [], 0  # lost: (first, last)
        self.starts = {}  # key: the highest counter when it was first registered

    def active(self):
        return self.entry is not None and self.entry["status"] == "active"

    def is_lost(self, seq):
        return any(first <= seq <= last for first, last in self.lost)

    def gaps(self):
        """(explained, unexplained): counters below the highest that are not in the log."""
        missing = [seq for seq in range(1, self.highest) if seq not in self.used]
        explained = [seq for seq in missing if self.is_lost(seq)]
        return explained, [seq for seq in missing if not self.is_lost(seq)]


def check_newer(entry, before):
    """A registration after @before (None: it is the first)."""
    if before is not None and entry["ts"] <= before["ts"]:
        raise Broken("not-newer", "a registration that is not newer than the one before")


def check_device(area, entry, _place):
    holds(entry, area.authority)
    device = area.devices.setdefault(entry["device"], Device())
    check_newer(entry, device.entry)
    device.entry, device.key = entry, registered_key(entry)
    device.starts.setdefault(entry["key"], device.highest)


def check_official(area, entry, _place):
    holds(entry, area.authority)
    check_newer(entry, area.officials.get(entry["official"]))
    area.officials[entry["official"]], area.keys[entry["official"]] = entry, registered_key(entry)


def active_device(area, entry):
    device = area.devices.get(entry["device"])
    if device is None:
        raise Broken("unknown-device", f"a {entry['kind']} of {entry['device']}, which is not registered")
    if not device.active():
        raise Broken("revoked-device", f"a {entry['kind']} of {entry['device']}, which is not active")
    return device


def check_report(area, entry, place):
    device = active_device(area, entry)
    if any(entry[name] != device.entry[name] for name in ("site", "lat", "lon")):
        raise Broken("wrong-site", f"a report of {entry['device']} from another place")
    holds(entry, device.key)
    if device.is_lost(entry["seq"]):
        raise Broken("seq-lost", f"counter {entry['seq']} of {entry['device']}, which it said is lost")
    if entry["seq"] < device.highest - BEHIND_MAX:
        raise Broken("seq-old", f"counter {entry['seq']} of {entry['device']}, too late")
    if entry["seq"] in device.used:
        raise Broken("seq-used", f"counter {entry['seq']} of {entry['device']} again")
    if entry["seq"] <= device.starts[device.entry["key"]]:
        raise Broken("seq-before-key", f"counter {entry['seq']} of {entry['device']}, which its key before had passed")
    device.used.add(entry["seq"])
    device.highest = max(device.highest, entry["seq"])
    place.heard.add(entry["device"])
    area.reports += 1


def check_lost(area, entry, _place):
    device = active_device(area, entry)
    holds(entry, device.key)
    if entry["last"] >= device.highest:
        raise Broken("lost-not-below", f"counters of {entry['device']} that are not below its highest")
    if any(entry["first"] <= seq <= entry["last"] for seq in device.used):
        raise Broken("lost-used", f"counters of {entry['device']} that are in the log")
    device.lost.append((entry["first"], entry["last"]))


def check_profile(area, entry, _place):
    holds(entry, area.authority)
    check_newer(entry, area.profile and area.profile[0])
    try:
        area.profile = (entry, read_profile(entry["document"]))
    except Wrong as wrong:
        raise Broken("bad-profile", str(wrong)) from None


def key_of_actor(area, entry):
    """Whose signature it must have; None where nobody's can be."""
    if entry["by"] == "citizen":
        return registered_key(entry)
    return area.service if entry["by"] == "service" else area.keys.get(entry["by"])


def check_complaint(area, entry, place):
    check_action(area.complaints, entry, area.officials, area.terms())
    holds(entry, key_of_actor(area, entry))
    take_action(area.complaints, entry, leaf_hash(place.line).hex(), area.officials, area.terms())


def check_announcement(area, entry, place):
    check_notice(area.notices, entry, area.officials)
    holds(entry, area.keys[entry["by"]])
    take_notice(area.notices, entry, leaf_hash(place.line).hex())


def check_roster(area, entry, place):
    holds(entry, area.service)
    heard, batch = place.heard, place.batch
    active = {name for name, device in area.devices.items() if device.active()}
    silent = sorted(name.encode() for name in active - heard)
    true = {"batch": batch, "expected": len(active), "heard": len(active & heard), "silent_root": tree_root(silent)}
    for name, value in true.items():
        if entry[name] != value:
            raise Broken("roster-" + name.removesuffix("_root"), f"the roster's {name} is {entry[name]}, not {value}")
    if area.names_block and "block" not in entry:
        raise Broken("roster-block", "a roster that names no block, after one that does")
    area.names_block |= "block" in entry


CHECKS = {"device": check_device, "official": check_official, "report": check_report, "lost": check_lost, "action": check_complaint,
          "notice": check_announcement, "profile": check_profile, "roster": check_roster}


def split_file(data):
    """(first line, entries' bytes, last line) of a batch file."""
    lines = data.split(b"\n")
    if lines[-1] != b"" or len(lines) < 5:
        raise Wrong("not laid out as lines")
    first, entries, last = lines[0], lines[1:-2], lines[-2]
    if any(not line.endswith(b",") for line in entries[:-1]) or entries[-1].endswith(b","):
        raise Wrong("commas of the entries")
    return first, [line[:-1] for line in entries[:-1]] + [entries[-1]], last


def check_frame(area, first, entries, last):
    """The object around the entries, against the tree before; returns it."""
    frame = parse(first + last)
    if not first.endswith(b'"entries":[') or not last.startswith(b"],") or set(frame) != {
        "area", "batch", "entries", "format", "from", "frontier", "prev_root", "prev_size", "root", "size", "to"}:
        raise Wrong("first or last line of the file")
    tree = area.tree
    before = {"area": area.name, "batch": area.batch + 1, "format": "powertrack-batch-1", "frontier": tree.frontier(),
              "prev_root": tree.root(), "prev_size": tree.size, "size": tree.size + len(entries)}
    for name, value in before.items():
        if frame[name] != value:
            raise Wrong(f"{name} is {frame[name]!r}, not {value!r}")
    if frame["from"] >= frame["to"] or area.to not in (None, frame["from"]):
        raise Wrong("the window")
    return frame


def check_batch(area, data):
    """A whole file, which continues @area; returns the object around its entries. Wrong with the line."""
    first, lines, last = split_file(data)
    frame = check_frame(area, first, lines, last)
    place = Place(frame)
    for number, line in enumerate(lines, 2):
        try:
            check_line(area, place, line)
        except Wrong as wrong:
            rule = wrong.rule if isinstance(wrong, Broken) else "form"
            raise Broken(rule, f"{area.name} batch {frame['batch']} line {number}: {wrong}", number) from None
    if not place.has_roster:
        raise Broken("roster-missing", f"{area.name} batch {frame['batch']}: no roster")
    if area.tree.root() != frame["root"]:
        raise Wrong(f"{area.name} batch {frame['batch']}: the root does not follow")
    area.batch, area.to = frame["batch"], frame["to"]
    return frame


class Place:
    """Where a batch's next entry stands."""

    def __init__(self, frame):
        self.batch, self.begin, self.end = frame["batch"], frame["from"], frame["to"]
        self.latest, self.has_roster, self.heard, self.line = frame["from"], False, set(), b""

    def take(self, entry, line):
        self.line = line
        if self.has_roster:
            raise Broken("after-roster", "an entry after the roster")
        if entry["kind"] == "roster":
            self.has_roster = True
            if entry["received"] != self.end:
                raise Broken("roster-time", "the roster's time")
        elif not self.begin <= entry["received"] < self.end:
            raise Broken("window", "received leaves the window")
        elif entry["received"] < self.latest:
            raise Broken("order", "received runs backwards")
        if entry["ts"] > entry["received"] + AHEAD_MAX:
            raise Broken("ahead", "ts is later than it can be")
        self.latest = entry["received"]


def check_line(area, place, line):
    entry = parse_entry(line)
    if entry["area"] != area.name:
        raise Broken("other-area", "another area's entry")
    place.take(entry, line)
    CHECKS[entry["kind"]](area, entry, place)
    area.tree.append(leaf_hash(line))
    area.entries += 1


# The chain


def word(data, number):
    return int.from_bytes(data[32 * number : 32 * number + 32], "big")


def tail(data, number):
    """The dynamic bytes that word @number points to."""
    at = word(data, number)
    size = int.from_bytes(data[at : at + 32], "big")
    return data[at + 32 : at + 32 + size]


def topic(signature):
    return "0x" + keccak256(signature.encode()).hex()


def area_name(text):
    return bytes.fromhex(text[2:]).rstrip(b"\0").decode("ascii")


def events(rpc_url, contract):
    """("registered", area, authority, service) and ("anchored", area, batch, size, from, to, root, cid) in order."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "eth_getLogs", "params": [{"address": contract, "fromBlock": "0x0", "toBlock": "latest"}]}
    request = urllib.request.Request(rpc_url, json.dumps(call).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        logs = json.load(answer)["result"]
    for log in logs:
        data = bytes.fromhex(log["data"][2:])
        if log["topics"][0] == topic(REGISTERED):
            yield "registered", area_name(log["topics"][1]), tail(data, 0), tail(data, 1)
        elif log["topics"][0] == topic(ANCHORED):
            yield ("anchored", area_name(log["topics"][1]), int(log["topics"][2], 16), word(data, 0), word(data, 1), word(data, 2),
                   data[96:128].hex(), tail(data, 4))


def audit(rpc_url, contract, gateway):
    """Everything that is anchored; {area: Area}. Wrong at the first thing that does not hold."""
    areas = {}
    for kind, name, *rest in events(rpc_url, contract):
        if kind == "registered":
            areas[name] = Area(name, *rest)
            continue
        batch, size, begin, end, root, cid = rest
        with urllib.request.urlopen(f"{gateway}/ipfs/{cid_text(cid)}", timeout=PATIENCE) as answer:
            data = answer.read()
        if file_cid(data) != cid:
            raise Wrong(f"{name} batch {batch}: the file is not what its CID names")
        frame = check_batch(areas[name], data)
        if (frame["batch"], frame["size"], frame["from"], frame["to"], frame["root"]) != (batch, size, begin, end, root):
            raise Wrong(f"{name} batch {batch}: the chain says otherwise")
    return areas
