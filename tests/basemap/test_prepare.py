#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""prepare.js: what is missing is said in words and nothing is left; the lock names no machine."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.path.join(os.environ["PT_SOURCE_DIR"], "data", "basemap")
NODE, GSHHG = sys.argv[1:3]
results = []


def check(name, good, note=""):
    results.append(good)
    print(f"{'ok' if good else 'not ok'} {len(results)} - {name}{'' if good else f' # {note}'}")


def prepare(script, *arguments):
    return subprocess.run([NODE, script, *arguments], capture_output=True, text=True, check=False)


def main():
    script = os.path.join(SOURCE, "prepare.js")
    with tempfile.TemporaryDirectory() as folder:
        done = prepare(script)
        check("no output named", done.returncode == 1 and "prepare.js: give the names" in done.stderr, done.stderr)
        done = prepare(script, os.path.join(folder, "one"))
        check("half of the outputs named", done.returncode == 1 and "prepare.js: give the names" in done.stderr, done.stderr)
        done = prepare(script, os.path.join(folder, "one"), os.path.join(folder, "two"), folder)
        check("no shores and rivers", done.returncode == 1 and "binned_GSHHS_h.nc is not there; run `make deps`" in done.stderr, done.stderr)
        with open(os.path.join(folder, "binned_GSHHS_h.nc"), "wb") as file:
            file.write(b"no netCDF")
        done = prepare(script, os.path.join(folder, "one"), os.path.join(folder, "two"), folder)
        check("shores that are none", done.returncode == 1 and "ncdump cannot read" in done.stderr, done.stderr)
        os.unlink(os.path.join(folder, "binned_GSHHS_h.nc"))
        done = prepare(script, os.path.join(folder, "no", "where"), os.path.join(folder, "no", "places"), GSHHG)
        check("a folder that is not there", done.returncode == 1 and "at Object" not in done.stderr, done.stderr)
        for name in ("prepare.js", "gshhg.js"):
            shutil.copy(os.path.join(SOURCE, name), folder)
        done = prepare(os.path.join(folder, "prepare.js"), os.path.join(folder, "out"), os.path.join(folder, "places"), GSHHG)
        check("no packages", done.returncode == 1 and "make deps" in done.stderr, done.stderr)
        check("nothing is left", sorted(os.listdir(folder)) == ["gshhg.js", "prepare.js"], str(os.listdir(folder)))
    with open(os.path.join(SOURCE, "package-lock.json"), encoding="utf-8") as file:
        text = file.read()
    lock = json.loads(text)
    check("the lock names no host", re.search(r"https?://|\"resolved\"", text) is None)
    check("every package has its checksum", all("integrity" in entry for name, entry in lock["packages"].items() if name))
    print(f"1..{len(results)}")
    return 0 if all(results) else 1


sys.exit(main())
