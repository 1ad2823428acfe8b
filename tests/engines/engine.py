# SPDX-License-Identifier: Apache-2.0
"""Builds a real engine from Go modules, once per build directory and pinned version.

engine("kubo") gives the path of its binary, or ends the test with 77 and the reason when there is no Go that is new
enough. A build that fails is a failure, not a skip.
"""
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = {"kubo": "github.com/ipfs/kubo/cmd/ipfs"}
SKIP = 77


def skip(reason):
    print(f"SKIP: {reason}", flush=True)
    sys.exit(SKIP)


def version(text):
    """(1, 26) of "go1.26.8"; development builds of Go count as too old, for they name no number."""
    found = re.match(r"(?:go)?(\d+)\.(\d+)", text.strip())
    return tuple(int(part) for part in found.groups()) if found else (0, 0)


def needed():
    with open(os.path.join(HERE, "go.mod"), encoding="utf-8") as file:
        return version(re.search(r"^go (\S+)", file.read(), re.M).group(1))


def find_go():
    go = shutil.which("go")
    if go is None:
        skip("no Go on this machine; the real engines are built from Go modules")
    # The toolchain at hand or none: a test must not fetch compilers.
    environment = dict(os.environ, GOTOOLCHAIN="local", GOFLAGS="-mod=readonly -buildvcs=false")
    told = subprocess.run([go, "env", "GOVERSION"], cwd="/", env=environment, check=True, capture_output=True, text=True).stdout
    if version(told) < needed():
        skip(f"{told.strip()} is too old; the real engines need Go {'.'.join(map(str, needed()))}")
    return go, environment


def pinned(name):
    digest = hashlib.sha256(PACKAGES[name].encode())
    for file in ("go.mod", "go.sum"):
        with open(os.path.join(HERE, file), "rb") as data:
            digest.update(data.read())
    return digest.hexdigest()


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def engine(name):
    folder = os.path.join(os.environ["PT_BUILD_DIR"], "engines")
    binary, stamp = os.path.join(folder, name), os.path.join(folder, f"{name}.stamp")
    go, environment = find_go()
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several tests may want it at once
        if not os.path.exists(binary) or read(stamp) != pinned(name):
            print(f"# building {name}, once; a few minutes", flush=True)
            subprocess.run([go, "build", "-p", "2", "-o", binary, PACKAGES[name]], cwd=HERE, env=environment, check=True)
            with open(stamp, "w", encoding="utf-8") as file:
                file.write(pinned(name))
    return binary
