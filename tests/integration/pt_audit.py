# SPDX-License-Identifier: Apache-2.0
"""An audit by somebody else: docs/PROTOCOL.md, a chain RPC and /ipfs/{cid}, nothing more."""
import json
import urllib.request

from pt_formats import Tree, Wrong, cid_text, decode64, dump, file_cid, keccak256, leaf_hash, parse, parse_entry, public_key, tree_root, verify

REGISTERED = "AreaRegistered(bytes32,bytes,bytes,address)"
ANCHORED = "Anchored(bytes32,uint64,uint64,uint64,uint64,bytes32,bytes)"
BEHIND_MAX = 4096


class Area:
    """What the log of an area says so far."""

    def __init__(self, name, authority, service):
        self.name, self.authority, self.service = name, public_key(authority), public_key(service)
        self.tree, self.batch, self.to = Tree(), 0, None
        self.devices, self.officials, self.complaints = {}, {}, {}
        self.reports = self.entries = 0


class Device:
    """A device's registration and the counters it used."""

    def __init__(self):
        self.entry, self.key, self.used, self.highest = None, None, set(), 0

    def active(self):
        return self.entry is not None and self.entry["status"] == "active"


def check_device(area, entry, _heard):
    verify(entry, area.authority)
    device = area.devices.setdefault(entry["device"], Device())
    device.entry, device.key = entry, public_key(decode64(entry["key"], 65))


def check_official(area, entry, _heard):
    verify(entry, area.authority)
    area.officials[entry["official"]] = (entry, public_key(decode64(entry["key"], 65)))


def check_report(area, entry, heard):
    device = area.devices.get(entry["device"])
    if device is None or not device.active():
        raise Wrong(f"a report of {entry['device']}, which is not active")
    if any(entry[name] != device.entry[name] for name in ("site", "lat", "lon")):
        raise Wrong(f"a report of {entry['device']} from another place")
    verify(entry, device.key)
    if entry["seq"] in device.used or entry["seq"] < device.highest - BEHIND_MAX:
        raise Wrong(f"counter {entry['seq']} of {entry['device']} again, or too late")
    device.used.add(entry["seq"])
    device.highest = max(device.highest, entry["seq"])
    heard.add(entry["device"])
    area.reports += 1


def check_action(area, entry, _heard):
    by_service = entry["by"] == "citizen" and entry["action"] in ("file", "reopen") or entry["by"] == "service"
    official, key = (None, area.service) if by_service else area.officials.get(entry["by"], (None, None))
    if key is None or official is not None and official["status"] != "active":
        raise Wrong(f"an action by {entry['by']}, who is not active")
    verify(entry, key)
    count, previous = area.complaints.get(entry["complaint"], (0, "0" * 64))
    if entry["n"] != count + 1 or entry["prev"] != previous:
        raise Wrong(f"an action that does not continue complaint {entry['complaint']}")
    area.complaints[entry["complaint"]] = (entry["n"], leaf_hash(dump(entry)).hex())


def check_roster(area, entry, heard, batch):
    verify(entry, area.service)
    active = {name for name, device in area.devices.items() if device.active()}
    silent = sorted(name.encode() for name in active - heard)
    said = (entry["batch"], entry["expected"], entry["heard"], entry["silent_root"])
    if said != (batch, len(active), len(active & heard), tree_root(silent)):
        raise Wrong(f"the roster says {said}")


CHECKS = {"device": check_device, "official": check_official, "report": check_report, "action": check_action}


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
    frame, heard, latest = check_frame(area, first, lines, last), set(), None
    for number, line in enumerate(lines, 2):
        try:
            latest = check_line(area, frame, line, heard, latest, is_last=number == len(lines) + 1)
        except Wrong as wrong:
            raise Wrong(f"{area.name} batch {frame['batch']} line {number}: {wrong}") from None
    if area.tree.root() != frame["root"]:
        raise Wrong(f"{area.name} batch {frame['batch']}: the root does not follow")
    area.batch, area.to = frame["batch"], frame["to"]
    return frame


def check_line(area, frame, line, heard, latest, is_last):
    entry = parse_entry(line)
    if entry["area"] != area.name or (entry["kind"] == "roster") != is_last:
        raise Wrong("another area's entry, or a roster in another place")
    if is_last:
        if entry["received"] != frame["to"]:
            raise Wrong("the roster's time")
        check_roster(area, entry, heard, frame["batch"])
    else:
        if not max(frame["from"], latest or frame["from"]) <= entry["received"] < frame["to"]:
            raise Wrong("received runs backwards or leaves the window")
        CHECKS[entry["kind"]](area, entry, heard)
    area.tree.append(leaf_hash(line))
    area.entries += 1
    return entry["received"]


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
    with urllib.request.urlopen(request, timeout=60) as answer:
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
        with urllib.request.urlopen(f"{gateway}/ipfs/{cid_text(cid)}", timeout=60) as answer:
            data = answer.read()
        if file_cid(data) != cid:
            raise Wrong(f"{name} batch {batch}: the file is not what its CID names")
        frame = check_batch(areas[name], data)
        if (frame["batch"], frame["size"], frame["from"], frame["to"], frame["root"]) != (batch, size, begin, end, root):
            raise Wrong(f"{name} batch {batch}: the chain says otherwise")
    return areas
