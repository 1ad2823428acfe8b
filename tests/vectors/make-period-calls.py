#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes period-calls.json: calls to and events of the contract's period mode, encoded by eth-abi.

    python3 -m venv VENV; VENV/bin/pip install eth-abi==6.0.0; VENV/bin/python make-period-calls.py

What goes in is v2/period.json's: its checkpoints with their paths in the tree of eleven periods, and its pairs.
"""
import base64
import json
import os

from eth_abi import encode

HERE = os.path.dirname(os.path.abspath(__file__))
CHECKPOINT, PLACE = "(bytes32,uint64,uint64,uint64,uint64,bytes32,bytes)", "(uint64,bytes32,uint32,uint32,bytes32[],bytes32[])"


def checkpoint(line):
    one = json.loads(line)
    cid = base64.b32decode(one["cid"][1:].upper() + "=" * 6)
    return (one["area"].encode().ljust(32, b"\0"), one["batch"], one["size"], one["from"], one["to"], bytes.fromhex(one["root"]), cid)


def hashes(path):
    return [bytes.fromhex(node) for node in path]


def place(row):
    return (row["period"], bytes.fromhex(row["root"]), row["count"], row["index"], hashes(row["path"]), hashes(row["period_path"]))


def main():
    with open(os.path.join(HERE, "v2", "period.json"), encoding="utf-8") as file:
        about = json.load(file)
    rows = []
    for file, step in zip(about["periods"], about["tree"]):
        for line in file["checkpoints"]:
            row = {"line": line["line"], "period": file["period"], "root": file["root"], "count": file["count"], "index": line["index"],
                   "path": line["path"], "period_path": step["path_in_last"]}
            rows.append({**row, "arguments": encode([CHECKPOINT, PLACE], [checkpoint(row["line"]), place(row)]).hex()})
    known = {"period": 0, "root": "0" * 64, "count": 0, "index": 0, "path": [], "period_path": []}
    conflicts = [{"a": pair["a"], "place_a": known if i % 2 else i, "b": pair["b"], "place_b": i + 1,
                  "arguments": encode([CHECKPOINT, PLACE, CHECKPOINT, PLACE],
                                      [checkpoint(pair["a"]), place(known if i % 2 else rows[i]), checkpoint(pair["b"]), place(rows[i + 1])]).hex()}
                 for i, pair in enumerate(about["pairs"][:8])]
    events = [{"period": file["period"], "root": file["root"], "count": file["count"], "cid_hex": file["cid_hex"],
               "topic": encode(["uint64"], [file["period"]]).hex(),
               "data": encode(["bytes32", "uint32", "bytes"], [bytes.fromhex(file["root"]), file["count"], bytes.fromhex(file["cid_hex"])]).hex()}
              for file in about["periods"]]
    with open(os.path.join(HERE, "period-calls.json"), "w", encoding="utf-8") as out:
        json.dump({"note": "arguments: what follows the selector; a place is a lift's by its number, or the one that is none", "lifts": rows,
                   "conflicts": conflicts, "events": events}, out, indent=1)
        out.write("\n")


if __name__ == "__main__":
    main()
