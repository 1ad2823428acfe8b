#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our CIDs are Kubo's, for the vectors, for batch files, for random sizes and for every shape of a small tree.

Usage: test-kubo-cid.py CID-OF, where CID-OF [CHUNK LINKS] FILE... prints our CID of each file.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

from engine import engine

MIB = 1 << 20
VECTORS = os.path.join(os.environ["PT_SOURCE_DIR"], "tests", "vectors")


def vector(name):
    with open(os.path.join(VECTORS, name), encoding="utf-8") as file:
        return json.load(file)


def content(size):
    """Byte i = (i*31 + (i>>8)*7 + (i>>16)) & 255, as cids.json says: the same 256 bytes, shifted row by row."""
    rows = [bytes((i * 31 + shift) & 255 for i in range(256)) for shift in range(256)]
    return b"".join(rows[(row * 7 + (row >> 8)) & 255] for row in range((size + 255) >> 8))[:size]


class Files:
    """Contents as files in one folder, for both programs to read."""

    def __init__(self, folder):
        self.folder, self.count = folder, 0

    def put(self, data):
        self.count += 1
        path = os.path.join(self.folder, f"content-{self.count}")
        with open(path, "wb") as file:
            file.write(data)
        return path


class Kubo:
    def __init__(self, binary, folder):
        self.binary = binary
        self.environment = dict(os.environ, IPFS_PATH=os.path.join(folder, "repository"), IPFS_TELEMETRY="off")
        self.run("init", "--empty-repo", "--profile=test")

    def run(self, *arguments):
        return subprocess.run([self.binary, "--offline", *arguments], env=self.environment, check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    def cids(self, paths, chunk, links):
        """Kubo sorts what it is given, so its answers ("added CID NAME") are found by name."""
        told = self.run("add", "--only-hash", "--progress=false", "--cid-version=1", "--raw-leaves", f"--chunker=size-{chunk}",
                        f"--max-file-links={links}", *paths)
        by_name = {name: cid for _, cid, name in (line.split() for line in told.splitlines())}
        return [by_name[os.path.basename(path)] for path in paths]


class Check:
    def __init__(self, cid_of, kubo):
        self.cid_of, self.kubo, self.compared, self.wrong = cid_of, kubo, 0, 0

    def same(self, name, paths, chunk=MIB, links=1024, expected=None):
        ours = subprocess.run([self.cid_of, str(chunk), str(links), *paths], check=True, stdout=subprocess.PIPE,
                              text=True).stdout.split()
        theirs = self.kubo.cids(paths, chunk, links)
        if not len(paths) == len(ours) == len(theirs):
            sys.exit(f"{name}: {len(paths)} files, {len(ours)} CIDs of ours, {len(theirs)} of Kubo's")
        for path, our, their, wanted in zip(paths, ours, theirs, expected or theirs):
            self.compared += 1
            if not our == their == wanted:
                self.wrong += 1
                print(f"{name}: {os.path.getsize(path)} bytes, chunk {chunk}, {links} links: {our} is not Kubo's {their} (vector: {wanted})")


def check_vectors(check, files):
    for row in vector("cids.json")["cids"]:
        check.same("cids.json", [files.put(content(row["bytes"]))], row.get("chunk", MIB), row.get("max_links", 1024), [row["cid"]])
    for row in vector("v2/batches.json")["batches"]:
        check.same("v2/batches.json", [os.path.join(VECTORS, "v2", row["file"])], expected=[row["cid"]])


def check_random(check, files):
    dice = random.Random()
    seed = int(os.environ.get("PT_SEED", dice.randrange(1 << 32)))
    print(f"# PT_SEED={seed}", flush=True)
    dice.seed(seed)
    sizes = [dice.randrange(50 * MIB), dice.randrange(50 * MIB), 50 * MIB, MIB * dice.randrange(2, 20)]
    sizes += [dice.randrange(1, 1 << power) for power in (8, 14, 18, 20, 21, 22)]
    check.same("random sizes", [files.put(dice.randbytes(size)) for size in sizes])
    check.same("the legacy profile", [files.put(dice.randbytes(174 * 262144 + extra)) for extra in (0, 1)], 262144, 174)


def check_shapes(check, files):
    """Every number of leaves that four levels hold, the last leaf whole or short."""
    for links in (2, 3):
        paths = [files.put(content(leaves * 100 - cut)) for leaves in range(1, links**4 + 1) for cut in (0, 37)]
        check.same("shapes", paths, 100, links)
    check.same("a full node", [files.put(content(1024 * 100 + extra)) for extra in (-1, 0, 1, 102400, 102401)], 100, 1024)


def main():
    binary = engine("kubo")
    with tempfile.TemporaryDirectory() as folder:
        check, files = Check(sys.argv[1], Kubo(binary, folder)), Files(folder)
        check_vectors(check, files)
        check_random(check, files)
        check_shapes(check, files)
        print(f"{check.compared} CIDs compared with Kubo's, {check.wrong} differ")
        sys.exit(1 if check.wrong else 0)


main()
