#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Python twin agrees with the vectors, so its audit of our batches means something."""
import json
import os

from pt_case import VECTORS, case, check, equal, main
from pt_audit import Area, Broken, check_batch
from pt_formats import Wrong, cid_text, decode64, file_cid, keccak256, leaf_hash, parse_entry, public_key, root_of_path, signed_bytes, verify


def vectors(name):
    with open(os.path.join(VECTORS, name), encoding="utf-8") as file:
        return json.load(file)


def batch_file(number):
    with open(os.path.join(VECTORS, f"batch-{number}.json"), "rb") as file:
        return file.read()


def fresh_area():
    about = vectors("batches.json")
    return Area(about["area"], decode64(about["authority_key"], 65), decode64(about["service_key"], 65))


@case
def test_keccak():
    equal(keccak256(b"").hex(), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")
    equal(keccak256(b"anchor((bytes32,uint64,uint64,uint64,uint64,bytes32,bytes)[])")[:4].hex(), "d9264661", "anchor's selector")


@case
def test_entries():
    for row in vectors("entries.json")["entries"] + vectors("feeders.json")["entries"]:
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
    for row in vectors("batches.json")["inclusion"]:
        path = [bytes.fromhex(node) for node in row["path"]]
        equal(root_of_path(row["index"], row["size"], bytes.fromhex(row["leaf_hash"]), path), row["root"])


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


@case
def test_batches():
    area = fresh_area()
    for number in (1, 2):
        data = batch_file(number)
        equal(file_cid(data).hex(), vectors("batches.json")["batches"][number - 1]["cid_hex"], "cid")
        check_batch(area, data)
    equal((area.batch, area.tree.size), (2, 20))


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
