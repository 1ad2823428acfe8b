#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Python twin agrees with the vectors, so its audit of our batches means something."""
import json
import os

from pt_case import VECTORS, case, check, equal, main
from pt_audit import CHECKS, Area, Broken, Place, check_batch
from pt_period import Periods, conflict, parse_checkpoint, period_leaf, write
from pt_formats import Tree, Wrong, cid_text, decode64, file_cid, keccak256, leaf_hash, parse_entry, public_key, root_of_path, signed_bytes, verify


def vectors(name):
    with open(os.path.join(VECTORS, name), encoding="utf-8") as file:
        return json.load(file)


def batch_file(number):
    with open(os.path.join(VECTORS, "v2", f"batch-{number}.json"), "rb") as file:
        return file.read()


def fresh_area():
    about = vectors("v2/batches.json")
    return Area(about["area"], decode64(about["authority_key"], 65), decode64(about["service_key"], 65))


@case
def test_keccak():
    equal(keccak256(b"").hex(), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")
    equal(keccak256(b"anchor((bytes32,uint64,uint64,uint64,uint64,bytes32,bytes)[])")[:4].hex(), "d9264661", "anchor's selector")


@case
def test_entries():
    for row in vectors("v2/entries.json")["entries"] + vectors("feeders.json")["entries"]:
        data = row["entry"].encode()
        entry = parse_entry(data)
        equal(signed_bytes(entry).hex(), row["signed_bytes_hex"], "signed bytes")
        equal(leaf_hash(data).hex(), row["leaf_hash"], "leaf hash")
        verify(entry, public_key(decode64(row["public_key"], 65)))


@case
def test_refused_feeders():
    for row in vectors("feeders.json")["refused"]:
        try:
            parse_entry(row["entry"].encode())
        except Wrong:
            continue
        check(False, row["why"])


@case
def test_cids():
    pattern = bytes(((i * 31 + (i >> 8) * 7 + (i >> 16)) & 255) for i in range(1048577))
    for row in vectors("cids.json")["cids"]:
        if row["bytes"] <= len(pattern):
            cid = file_cid(pattern[: row["bytes"]], row.get("chunk", 1 << 20), row.get("max_links", 1024))
            equal(cid_text(cid), row["cid"], f"cid of {row['bytes']} bytes")


@case
def test_inclusion():
    for row in vectors("v2/batches.json")["inclusion"]:
        path = [bytes.fromhex(node) for node in row["path"]]
        equal(root_of_path(row["index"], row["size"], bytes.fromhex(row["leaf_hash"]), path), row["root"])


@case
def test_periods():
    about = vectors("v2/period.json")
    periods = Periods()
    for row in about["periods"]:
        before = periods.tree.root()
        equal(before, row["prev"], "prev")
        checkpoints, root = periods.take(row["text"].encode())
        equal((root, len(checkpoints), periods.tree.root()), (row["root"], row["count"], row["periods_root"]), f"period {row['period']}")
        equal(write(checkpoints, row["period"], before, row["to"]), row["text"].encode(), "written")
        for line in row["checkpoints"]:
            equal(root_of_path(line["index"], row["count"], leaf_hash(line["line"].encode()), [bytes.fromhex(node) for node in line["path"]]), root)
    for row in about["invalid"]:
        periods = Periods()
        periods.take(about["periods"][0]["text"].encode())
        try:
            periods.take(row["text"].encode())
        except Wrong:
            continue
        check(False, row["why"])


@case
def test_tree_of_periods():
    about = vectors("v2/period.json")
    tree, far = Tree(), about["leaf_of_a_far_period"]
    for row in about["tree"]:
        leaf = period_leaf(row["period"], row["root"], row["count"])
        equal(leaf.hex(), row["leaf"], "leaf")
        tree.append(leaf)
        equal((tree.frontier(), tree.root()), (row["frontier_after"], row["root_after"]), f"after period {row['period']}")
    for row in about["tree"]:
        equal(root_of_path(row["period"] - 1, tree.size, bytes.fromhex(row["leaf"]), [bytes.fromhex(node) for node in row["path_in_last"]]), tree.root())
    equal(period_leaf(far["period"], far["root"], far["count"]).hex(), far["leaf"], "a leaf far away")


@case
def test_conflicts():
    for row in vectors("v2/period.json")["pairs"]:
        a, b = parse_checkpoint(row["a"].encode()), parse_checkpoint(row["b"].encode())
        equal((conflict(a, b), conflict(b, a)), (row["conflict"], row["conflict"]), row["why"])


@case
def test_rules():
    rules = vectors("rules.json")
    keys = [decode64(rules[name], 65) for name in ("authority_key", "service_key")]
    for row in rules["cases"]:
        area, found = Area(row["area"], *keys), ("holds", 0, 0)
        for number, text in enumerate(row["files"], 1):
            try:
                check_batch(area, text.encode())
            except Broken as broken:
                found = (broken.rule, number, broken.line)
                break
        equal(found, (row["rule"], row["batch"], row["line"]), row["desc"])


def read_log():
    area = fresh_area()
    for number in (1, 2, 3, 4):
        data = batch_file(number)
        equal(file_cid(data).hex(), vectors("v2/batches.json")["batches"][number - 1]["cid_hex"], "cid")
        check_batch(area, data)
    return area


@case
def test_batches():
    area = read_log()
    equal((area.batch, area.tree.size), (4, 168))


@case
def test_gaps():
    devices = read_log().devices
    for row in vectors("v2/batches.json")["gaps"]:
        equal(devices[row["device"]].gaps(), (row["explained"], row["unexplained"]), f"gaps of {row['device']}")


@case
def test_states():
    area, expected = read_log(), vectors("v2/complaints.json")
    for row in expected["complaints"]:
        equal(area.complaints[row["complaint"]].state, row["state"], row["complaint"])
    for row in expected["notices"]:
        equal(area.notices[row["notice"]][1]["status"], row["status"], row["notice"])


def take(area, place, line):
    """The next entry of a log, wherever the files begin and end."""
    entry = parse_entry(line)
    if entry["ts"] > entry["received"] + 300_000:
        raise Broken("ahead", "ts is later than it can be")
    place.line = line
    CHECKS[entry["kind"]](area, entry, place)


def log_until(count):
    area, place = fresh_area(), Place({"batch": 0, "from": 0, "to": 0})
    for row in vectors("v2/entries.json")["entries"][:count]:
        entry = parse_entry(row["entry"].encode())
        if entry["kind"] == "roster":
            place = Place({"batch": entry["batch"] + 1, "from": 0, "to": 0})
        else:
            take(area, place, row["entry"].encode())
    return area, place


@case
def test_next_entries():
    """What must not come next in the log of the vectors, and what may."""
    cases = vectors("v2/negatives.json")
    for row in cases["negatives"]:
        area, place = log_until(row["after"])
        try:
            take(area, place, row["entry"].encode())
        except Broken:
            check(row["level"] != "form", f"{row['why']}: it has its form")
        except Wrong:
            check(row["level"] != "log", f"{row['why']}: it has not its form")
        else:
            check(False, row["why"])
    for row in cases["accepted"]:
        take(*log_until(row["after"]), row["entry"].encode())


@case
def test_changed_batches():
    """No byte of a batch can be changed: every 13th position, three ways.

    Where batch 1 begins is not in its tree; that is what the chain and the CID are for.
    """
    data = batch_file(1)
    for at in range(0, len(data), 13):
        for change in (data[:at] + data[at + 1 :], data[:at] + b" " + data[at:], data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]):
            try:
                begin = check_batch(fresh_area(), change)["from"]
            except Wrong:
                continue
            check(begin != 1764000000000, f"a change at byte {at} was not seen")


if __name__ == "__main__":
    main()
