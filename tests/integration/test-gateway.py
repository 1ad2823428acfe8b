#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""/ipfs/{cid} as a trustless gateway: what comes is hashed here, block by block, for a small batch and one of several chunks."""
import base64
import hashlib
import http.client
import json

from pt_case import PATIENCE, case, check, equal, main, stack_in_folder
from pt_formats import CHUNK, cid_bytes, cid_text, file_cid
from pt_world import World, ask, refused, wait_until

AREA = "test-east"
MANY, LARGE = 5000, 1 << 20
SHARE = 1000  # one device has no more of a group of lines
RAW, DAG_PB = 0x55, 0x70
CAR = "application/vnd.ipld.car"


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return value, at


def fields(data):
    """The (number, value) pairs of a protobuf message; only varints and bytes, which is all that dag-pb has."""
    at, found = 0, []
    while at < len(data):
        key, at = read_varint(data, at)
        value, at = read_varint(data, at)
        if key & 7 == 2:
            check(at + value <= len(data), "a field that ends within the message")
            value, at = data[at : at + value], at + value
        found.append((key >> 3, value))
    return found


def links_of(node):
    """(CID, size with all below) of each child of a dag-pb node."""
    links = [dict(fields(value)) for number, value in fields(node) if number == 2]
    return [(link[1], link[3]) for link in links]


def split_car(data):
    """(roots' CIDs, [(cid, block)]) of a CARv1, every block's hash checked."""
    size, at = read_varint(data, 0)
    header, at = data[at : at + size], at + size
    check(header.startswith(b"\xa2\x65roots\x81\xd8\x2a\x58\x25\x00") and header.endswith(b"\x67version\x01"), f"the header: {header.hex()}")
    root, blocks = header[13 : 13 + 36], []
    while at < len(data):
        size, at = read_varint(data, at)
        cid, block = data[at : at + 36], data[at + 36 : at + size]
        check(at + size <= len(data), "a section that ends within the file")
        equal(cid[:4], bytes([1, cid[1], 0x12, 0x20]), "the form of a CID")
        equal(cid[4:], hashlib.sha256(block).digest(), "a block's hash")
        blocks.append((cid, block))
        at += size
    return root, blocks


def file_of(blocks, cid):
    """The file below @cid, from the blocks alone."""
    block = blocks[cid]
    return block if cid[1] == RAW else b"".join(file_of(blocks, child) for child, _ in links_of(block))


def raw(stack, cid):
    status, head, block = ask(stack, f"/ipfs/{cid_text(cid)}?format=raw")
    equal((status, head["Content-Type"]), (200, "application/vnd.ipld.raw"), "a block")
    equal(cid_bytes(cid[1], block), cid, "a block's CID")
    check(len(block) <= 2 << 20, "a block's size")
    return block


def fetch(stack, cid):
    """The file below @cid, one block after the other."""
    block = raw(stack, cid)
    return block if cid[1] == RAW else b"".join(fetch(stack, child) for child, _ in links_of(block))


def check_file(stack, batch):
    target, etag = f"/ipfs/{batch['cid']}", f'"{batch["cid"]}"'
    status, head, data = ask(stack, target)
    equal((status, len(data), head["Content-Length"]), (200, batch["bytes"], str(batch["bytes"])), "the file")
    equal((head["ETag"], head["Content-Type"], head["Accept-Ranges"]), (etag, "application/json", "bytes"), "its head")
    check("immutable" in head["Cache-Control"] and head["X-Content-Type-Options"] == "nosniff" and head["X-Ipfs-Path"] == target, "what may be kept")
    equal(cid_text(file_cid(data)), batch["cid"], "the CID that Python computes")
    equal(json.loads(data)["root"], batch["root"], "the root within")
    check_conditions(stack, batch, etag)
    check_ranges(stack, target, data, etag)
    return data


def check_conditions(stack, batch, etag):
    for suffix, query in (("", ""), (".raw", "?format=raw"), (".car", "?format=car")):
        target, own = f"/ipfs/{batch['cid']}{query}", etag[:-1] + suffix + '"'
        for value in (own, f"W/{own}", f'"x", {own}', "*"):
            status, head, body = ask(stack, target, If_None_Match=value)
            equal((status, body, head["ETag"]), (304, b"", own), f"{target} with If-None-Match: {value}")
        status, head, _ = ask(stack, target, If_None_Match='"x"')
        equal((status, head["ETag"]), (200, own), f"{target} with another ETag")
        status, head, body = ask(stack, target, "HEAD")
        equal((status, head["ETag"], body), (200, own, b""), f"HEAD {target}")
        if suffix == "":
            equal(head["Content-Length"], str(batch["bytes"]), "length in the answer to HEAD")


def check_ranges(stack, target, data, etag):
    size = len(data)
    for text, first, end in (("0-0", 0, 1), ("5-", 5, size), ("-7", size - 7, size), ("0-", 0, size), (f"-{size + 9}", 0, size), (f"3-{size + 9}", 3, size),
                             (f"{size - 1}-", size - 1, size), (f"{min(CHUNK, size) - 3}-{min(CHUNK, size) + 3}", min(CHUNK, size) - 3, min(size, CHUNK + 4))):
        status, head, body = ask(stack, target, Range=f"bytes={text}")
        equal((status, head["Content-Range"], head["Content-Length"]), (206, f"bytes {first}-{end - 1}/{size}", str(end - first)), f"head of bytes={text}")
        check(body == data[first:end], f"bytes={text}")
    for text in (f"{size}-", f"{size + 5}-{size + 9}", "-0"):
        status, head, _ = ask(stack, target, Range=f"bytes={text}")
        equal((status, head["Content-Range"]), (416, f"bytes */{size}"), f"bytes={text}")
    for text in ("bytes=0-1,4-5", "bytes=x", "bytes=5-2", "lines=1-2", "bytes=-", "bytes"):
        status, _, body = ask(stack, target, Range=text)
        check(status == 200 and body == data, f"{text} is the whole file")
    equal(ask(stack, target, Range="bytes=1-2", If_Range=etag)[0], 206, "If-Range with the ETag")
    equal(ask(stack, target, Range="bytes=1-2", If_Range='"x"')[0], 200, "If-Range with another")
    equal(ask(stack, target + "?format=raw", Range="bytes=1-2")[0], 200, "a range of a block is the block")


def check_car(stack, cid, data):
    for answer in (ask(stack, f"/ipfs/{cid}?format=car"), ask(stack, f"/ipfs/{cid}", Accept=f"{CAR}; version=1, */*")):
        status, head, car = answer
        equal((status, head["Content-Type"].partition(";")[0], head["ETag"]), (200, CAR, f'"{cid}.car"'), "a CAR")
        root, blocks = split_car(car)
        equal(cid_text(root), cid, "its root")
        equal(blocks[0][0], root, "its first block")
        check(file_of(dict(blocks), root) == data, "the file within")
        below = [child for name, block in blocks if name[1] == DAG_PB for child, _ in links_of(block)]
        equal(sorted(name for name, _ in blocks), sorted([root, *below]), "its blocks, no more and no less")
    return root


def check_refusals(stack, cid):
    absent = cid_text(file_cid(b"nobody has this"))
    for query in ("", "?format=raw", "?format=car"):
        refused(stack, f"/ipfs/{absent}{query}", 404, "not-found")
        refused(stack, f"/ipfs/{absent}{query}", 404, "not-found", "HEAD")
        refused(stack, f"/ipfs/{absent}{query}", 404, "not-found", If_None_Match="*")
    for text in ("", "x", "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKBPGV", cid.upper(), cid[:-1], cid + "a", cid + "/x", "z" + cid[1:],
                 cid_text(bytes([1, 0x71, 0x12, 0x20]) + bytes(32)), cid_text(bytes([1, RAW, 0x13, 0x40]) + bytes(64)), "b" * 4000):
        refused(stack, f"/ipfs/{text}", 400, "malformed")
    equal(ask(stack, "/ipfs/..%2f..%2fadmin.token")[0], 400, "a way out")
    refused(stack, f"/ipfs/{cid}?format=tar", 400, "malformed")
    refused(stack, f"/ipfs/{cid}", 405, "wrong-method", "PUT")
    check(ask(stack, "/ipfs")[0] in (400, 404) and ask(stack, "/ipfsx/" + cid)[0] in (400, 404), "what is no path of the gateway")


def check_probe(stack):
    """What clients ask to see whether this is a gateway: the empty block, which is all in its CID."""
    root = bytes([1, RAW, 0, 0])
    header = b"\xa2\x65roots\x81\xd8\x2a\x45\x00" + root + b"\x67version\x01"
    for query, kind, wanted in (("", "application/octet-stream", b""), ("?format=raw", "application/vnd.ipld.raw", b""),
                                ("?format=car", CAR, bytes([len(header)]) + header + b"\x04" + root)):
        status, head, body = ask(stack, f"/ipfs/bafkqaaa{query}")
        equal((status, head["Content-Type"].split(";")[0], head["X-Ipfs-Roots"], body), (200, kind, "bafkqaaa", wanted), f"the probe {query}")
        status, head, body = ask(stack, f"/ipfs/bafkqaaa{query}", "HEAD")
        equal((status, head["Content-Length"], body), (200, str(len(wanted)), b""), f"HEAD of the probe {query}")
        equal(ask(stack, f"/ipfs/bafkqaaa{query}", If_None_Match=head["ETag"])[0], 304, "who has it")
    refused(stack, "/ipfs/bafkqaaa?format=tar", 400, "malformed")
    refused(stack, "/ipfs/bafkqaaa/x", 400, "malformed")


def check_readers(stack, batch):
    """A reader who goes away in the middle, many at once, and one connection for several answers."""
    connections = [http.client.HTTPConnection("127.0.0.1", stack.http_port, timeout=PATIENCE) for _ in range(20)]
    for number, connection in enumerate(connections):
        connection.request("GET", f"/ipfs/{batch['cid']}" + ("?format=car" if number % 2 else ""))
    for number, connection in enumerate(connections):
        if number % 4 != 3:
            connection.getresponse().read(1000)
            connection.close()
    for connection in connections[3::4]:
        check(len(connection.getresponse().read()) >= batch["bytes"], "the whole answer beside those who left")
        for method in ("HEAD", "GET"):
            connection.request(method, f"/ipfs/{batch['cid']}", headers={"Range": "bytes=0-3"})
            answer = connection.getresponse()
            equal((answer.status, len(answer.read())), (206, 4 if method == "GET" else 0), f"{method} on the same connection")
        connection.close()


def sealed(stack, number):
    return wait_until(f"batch {number}", lambda: next((row for row in stack.get("/batches")["batches"] if row["batch"] == number and row["state"] != "sealed"), None))


@case
def test_small_and_large():
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="3s", intake_device_per_minute=0)  # one device says more than a device may
        stack.start_daemon()
        world = World(stack, AREA)
        world.register("tx-1")
        small = sealed(stack, 1)
        cid = check_car(stack, small["cid"], check_file(stack, small))
        equal((cid[1], len(split_car(ask(stack, f"/ipfs/{small['cid']}?format=car")[2])[1])), (RAW, 1), "a small file is one raw block")
        large = large_batch(stack, world)
        data = check_file(stack, large)
        cid = check_car(stack, large["cid"], data)
        equal(cid[1], DAG_PB, "the root of a large file")
        check(fetch(stack, cid) == data, "the file, block by block")
        total = sum(len(block) for _, block in split_car(ask(stack, f"/ipfs/{large['cid']}?format=car")[2])[1])
        equal(total, len(raw(stack, cid)) + sum(size for _, size in links_of(raw(stack, cid))), "the sizes that the links say")
        check_refusals(stack, large["cid"])
        check_probe(stack)
        check_readers(stack, large)
        equal(stack.stop("powertrackd"), 0, "its exit code")


def large_batch(stack, world):
    """Posts many reports at once, so that some window has more than a chunk of them; its batch."""
    for _ in range(5):  # a window's end may come in between
        lines = [world.report("tx-1", "OFF" if number % 2 else "ON") for number in range(MANY)]
        for first in range(0, MANY, SHARE):
            world.post(*lines[first:first + SHARE])
        wait_until("sealing", lambda: stack.status()["pending"] == 0)
        wait_until("publishing", lambda: not stack.status()["batches"]["sealed"])
        largest = max(stack.get("/batches")["batches"], key=lambda row: row["bytes"])
        if largest["bytes"] > LARGE:
            return largest
    raise AssertionError(f"no batch is larger than {largest['bytes']} bytes")


if __name__ == "__main__":
    main()
