#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The portable device needs nothing of libc but mem*: what its objects leave undefined."""
import subprocess
import sys

ALLOWED = {"memcpy", "memmove", "memset", "memcmp"}


def undefined(archive):
    text = subprocess.run(["nm", "-u", archive], check=True, capture_output=True, text=True).stdout
    return {line.split()[-1] for line in text.splitlines() if line.strip().startswith("U ")}


def main():
    bad = sorted(name for name in undefined(sys.argv[1]) if name not in ALLOWED and not name.startswith("pt_"))
    print("1..1")
    for name in bad:
        print(f"# {name} is used")
    print("not ok 1 - pure" if bad else "ok 1 - pure")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
