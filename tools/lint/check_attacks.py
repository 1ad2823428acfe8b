#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/ATTACKS.md against the tests: every test that it names exists, and every attack of tests/attacks stands in it.

The last cell of a row names tests: a file in backquotes, then the cases in it, each in backquotes, as the file spells them.
"""
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = "docs/ATTACKS.md"
CELLS = 4


def rows(text):
    """Yields (line number, cells) of each row below a heading row."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("|") and not re.match(r"\|[ :|-]+\|$|\| *finding *\|", line):
            yield number, [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])]


def check_tests(root, cell):
    """Yields what is wrong with the tests that a cell names."""
    text = None
    for name in re.findall(r"`([^`]+)`", cell):
        if re.fullmatch(r"[\w./-]+/[\w.-]+\.(c|py|ts|mjs|js|json|sol)", name):
            path = os.path.join(root, name)
            text = None
            if not os.path.isfile(path):
                yield f"{name} does not exist"
                continue
            with open(path, encoding="utf-8") as file:
                text = file.read()
        elif text is not None and name not in text:
            yield f"`{name}` is not in the file before it"
    if "`" not in cell:
        yield "names no test"


def findings(root=ROOT):
    with open(os.path.join(root, PAGE), encoding="utf-8") as file:
        page = file.read()
    for number, cells in rows(page):
        if len(cells) != CELLS or not all(cells):
            yield f"{PAGE}:{number}: {len(cells)} cells: it takes {CELLS}, none of them empty"
            continue
        for wrong in check_tests(root, cells[-1]):
            yield f"{PAGE}:{number}: {wrong}"
    for path in sorted(glob.glob(os.path.join(root, "tests", "attacks", "test_*.py"))):
        name = os.path.relpath(path, root)
        if f"`{name}`" not in page:
            yield f"{name}: no row of {PAGE} says what it stands for"


def main():
    found = list(findings())
    print("\n".join(found) or f"{PAGE}: every test that it names exists, and every attack stands in it")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
