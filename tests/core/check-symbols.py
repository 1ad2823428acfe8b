#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""core/ is pure: its library may need nothing but memcpy, memmove, memset and memcmp."""

import subprocess
import sys

ALLOWED = {"memcpy", "memmove", "memset", "memcmp"}
# The linker's own name, not a symbol of any library (position-independent code, the ifunc).
LINKER = {"_GLOBAL_OFFSET_TABLE_"}


def symbols(library, *options):
    lines = subprocess.run(
        ["nm", "-P", *options, library], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    return [line.split() for line in lines if line and not line.endswith(":")]


def main(library):
    defined = {fields[0] for fields in symbols(library, "--defined-only")}
    undefined = {fields[0] for fields in symbols(library, "-u")}
    # Tables of names are constant, but hold addresses: relocated once, then read-only.
    changing = {fields[0] for fields in symbols(library, "--defined-only") if fields[1] in "BbCc"}
    foreign = undefined - defined - ALLOWED - LINKER
    for name in sorted(foreign):
        print(f"core needs {name}, which is not one of {', '.join(sorted(ALLOWED))}")
    for name in sorted(changing):
        print(f"core has the variable {name}; it must have no state")
    if not defined:
        print("no symbols in the library; is it built?")
    return 1 if foreign or changing or not defined else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
