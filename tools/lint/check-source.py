#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks of the house over the tracked sources: length, nesting, licence lines, layers, no machine's own paths.

    check-source.py [--layers-only] [--report]      prints one line per finding; exits 0 only if there is none

A function is measured from its name's line to its closing brace, both included. Habits inside functions are in check_habits.py, the page of attacks in check_attacks.py.
"""
import argparse
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check_attacks
import check_habits

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FUNCTION_MAX = 100
NESTING_MAX = 4
FILE_MAX = 1000
COLUMNS_MAX = 100
EXCEPTIONS = {}  # (file, function): its own maximum, with the reason beside it
UNTESTED = os.path.join(ROOT, "tests", "tested-elsewhere.txt")

# Which folders a folder's files may include from; core/ comes last in no list but its own.
LAYERS = {
    "core": {"core"},
    "common": {"core", "common", "contracts"},
    "firmware": {"core", "common", "firmware"},
    "audit": {"core", "common", "contracts", "audit"},
    "daemon": {"core", "common", "contracts", "audit", "daemon", "data"},
    "cli": {"core", "common", "contracts", "audit", "cli"},
    "app": {"core", "common", "app", "data"},
}
# The floors of a folder, lowest first: a room may include from itself and from the floors below its own.
FLOORS = {
    "daemon": [["health", "store"], ["publish", "lease"], ["archive", "live"], ["commit"], ["verify", "chain"], ["anchor", "complaints", "map", "replay", "upkeep"], ["serve"], ["intake", "est"], ["mqtt", "coap"], [""], ["tool"]],
    "app": [["model"], ["map"], ["ui"], [""]],
}
FREESTANDING = {"float.h", "iso646.h", "limits.h", "stdalign.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "stdnoreturn.h"}
CORE_SYSTEM = FREESTANDING | {"string.h", "immintrin.h", "cpuid.h", "arm_neon.h"}
LICENSED = (".c", ".h", ".py", ".sh", ".sol", ".js", ".mjs", ".go", ".ts", ".vue", "meson.build", "Makefile")
# Put together from pieces, so that this file does not find itself.
MACHINE = re.compile("|".join(["/wo" + r"rk/(main|shared|\.)", "/ro" + r"ot/", "/ho" + r"me/[a-z]", r"registry\.np" + "mjs", r"proxy\.go" + "lang",
                               r"deb\.deb" + r"ian\.org", r"pypi\.or" + "g", r"files\.python" + "hosted"]))
KEYWORDS = {"if", "for", "while", "switch", "do", "else"}


def tracked():
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        sys.exit("check-source.py: git ls-files failed: run it in a clone of the repository")
    return [name for name in listed.stdout.split("\0") if name and os.path.isfile(os.path.join(ROOT, name))]


def read(name):
    try:
        with open(os.path.join(ROOT, name), encoding="utf-8") as file:
            return file.read()
    except UnicodeDecodeError:
        return None


def blank(text):
    """The C text with comments, strings and directives replaced by spaces; newlines stay."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|^[ \t]*#(?:\\\n|[^\n])*', re.DOTALL | re.MULTILINE)

    def hide(match):
        found = match.group(0)
        kept = re.sub(r"[^\n]", " ", found)
        return '""' + kept[2:] if found[0] in "\"'" else kept

    return pattern.sub(hide, text)


def functions(text):
    """Yields (name, first line, last line, body) of the functions of a C file in GNU layout."""
    lines = blank(text).split("\n")
    start = 0
    while start < len(lines):
        if lines[start] != "{":
            start += 1
            continue
        head = start - 1
        while head > 0 and lines[head].strip() and not re.match(r"[A-Za-z_]\w* *\(", lines[head]):
            head -= 1
        end = next((number for number in range(start, len(lines)) if lines[number].startswith("}")), len(lines) - 1)
        match = re.match(r"([A-Za-z_]\w*) *\(", lines[head])
        if match:
            yield match.group(1), head + 1, end + 1, "\n".join(lines[start + 1 : end])
        start = end + 1


class Nesting:
    """How deep control structures stand in each other; braces alone and `else if` do not count."""

    def __init__(self, body):
        self.tokens = re.findall(r"[A-Za-z_]\w*|\S", body)
        self.at = 0
        self.deepest = 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def skip_group(self):
        depth = 0
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            depth += token in "([{"
            depth -= token in ")]}"
            self.at += 1
            if depth == 0:
                return

    def simple(self):
        while self.peek() is not None and self.peek() not in (";", "}"):
            if self.peek() in ("(", "[", "{"):
                self.skip_group()
            else:
                self.at += 1
        self.at += self.peek() == ";"

    def label(self):
        while self.peek() not in (":", None):
            self.at += 1
        self.at += 1

    def block(self, depth):
        self.at += 1
        while self.peek() not in ("}", None):
            self.statement(depth)
        self.at += 1

    def control(self, depth):
        self.deepest = max(self.deepest, depth + 1)
        keyword = self.tokens[self.at]
        self.at += 1
        if keyword != "do":
            self.skip_group()
        self.statement(depth + 1)
        if keyword == "do":
            self.simple()
        if keyword == "if" and self.peek() == "else":
            self.at += 1
            self.statement(depth if self.peek() == "if" else depth + 1)

    def statement(self, depth):
        token = self.peek()
        if token == "{":
            self.block(depth)
        elif token in ("case", "default"):
            self.label()
        elif token in KEYWORDS:
            self.control(depth)
        else:
            self.simple()

    def measure(self):
        while self.peek() is not None:
            before = self.at
            self.statement(0)
            self.at += self.at == before
        return self.deepest


def check_functions(name, text, lengths):
    hidden = blank(text).split("\n")
    for function, first, last, body in functions(text):
        length = last - first + 1
        lengths.append((length, name, function))
        limit = EXCEPTIONS.get((name, function), FUNCTION_MAX)
        if length > limit:
            yield f"{name}:{first}: {function} has {length} lines, {limit} at most: split it by steps"
        nesting = Nesting(body).measure()
        if nesting > NESTING_MAX:
            yield f"{name}:{first}: {function} nests {nesting} deep, {NESTING_MAX} at most: return early or name a step"
        if re.search(r"\bgoto\b", body):
            yield f"{name}:{first}: {function} uses goto: let g_autoptr or a smaller function clean up"
        yield from check_habits.check_declarations(name, hidden.index("{", first - 1) + 2, body.split("\n"))
        yield from check_habits.check_errors(name, hidden.index("{", first - 1) + 2, body.split("\n"))
    yield from check_habits.check_switches(name, "\n".join(hidden))
    yield from check_habits.check_guards(name, text, list(functions(text)))


def check_text(name, text):
    lines = text.split("\n")
    is_c = name.endswith((".c", ".h"))
    if name.endswith(LICENSED) and not any("SPDX-License-Identifier: Apache-2.0" in line for line in lines[:3]):
        yield f"{name}:1: no SPDX line"
    if is_c and len(lines) - 1 > FILE_MAX:
        yield f"{name}: {len(lines) - 1} lines, {FILE_MAX} at most: split it by verb"
    for number, line in enumerate(lines, 1):
        if is_c and len(line) > COLUMNS_MAX:
            yield f"{name}:{number}: {len(line)} columns, {COLUMNS_MAX} at most"
        if MACHINE.search(line):
            yield f"{name}:{number}: names a machine's path or a registry's host"


def check_lock(name, text):
    """A lock file without an entry for every platform's package is refused by newer npm (`npm ci`: "Missing ... from lock file")."""
    packages = json.loads(text).get("packages", {})
    present = {path.rpartition("node_modules/")[2] for path in packages}
    missing = {wanted for entry in packages.values() for wanted in entry.get("optionalDependencies", {})} - present
    return [f"{name}: no entry for {wanted}: pin a version of which every platform's package is published" for wanted in sorted(missing)]


def includes(text):
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            yield number, match.group(1) == '"', match.group(2)


def resolve(name, wanted, headers):
    """The header a quoted include leads to; None for a generated file."""
    beside = os.path.normpath(os.path.join(os.path.dirname(name), wanted))
    known = headers.get(os.path.basename(wanted), [])
    if beside in known:
        return beside
    found = [path for path in known if path.endswith(wanted)]
    return found[0] if len({path.split("/")[0] for path in found}) == 1 else None


def room_of(path):
    """The folder inside a top folder: `daemon/store/sqlite/x.c` is in the room `store`; what lies at the top is in the attic, ``."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else ""


def floor_of(layer, room):
    return next((number for number, rooms in enumerate(FLOORS[layer]) if room in rooms), None)


def check_rooms(name, number, wanted, target):
    """Inside a top folder that has floors: is the header in the same room or on a lower floor?"""
    layer = name.split("/")[0]
    if layer not in FLOORS or target.split("/")[0] != layer or room_of(target) == room_of(name):
        return
    here, there = floor_of(layer, room_of(name)), floor_of(layer, room_of(target))
    if here is None or there is None:
        yield f"{name}:{number}: {layer}/{room_of(name if here is None else target)}/ has no floor: give it one in FLOORS"
    elif there >= here:
        yield f"{name}:{number}: {layer}/{room_of(name)}/ includes {wanted} of {layer}/{room_of(target)}/, which does not lie below it"


def check_layers(name, text, headers):
    layer = name.split("/")[0]
    if layer not in LAYERS:
        return
    for number, quoted, wanted in includes(text):
        if not quoted:
            if layer == "core" and wanted not in CORE_SYSTEM:
                yield f"{name}:{number}: core/ includes <{wanted}>: only freestanding headers and <string.h>"
            continue
        target = resolve(name, wanted, headers)
        if target is None:
            continue
        folder = target.split("/")[0]
        yield from check_rooms(name, number, wanted, target)
        if folder not in LAYERS[layer]:
            yield f"{name}:{number}: {layer}/ includes {folder}/'s {wanted}: it may know {', '.join(sorted(LAYERS[layer]))}"
        # The portable device stands on core alone; its ports and the fleet are programs.
        if layer == "firmware" and name.count("/") == 1 and folder == "common":
            yield f"{name}:{number}: the portable device includes common/'s {wanted}: it may know core only"


def report(lengths, sizes):
    if not lengths:
        return
    ordered = sorted(length for length, _, _ in lengths)
    percentile = ordered[min(len(ordered) - 1, int(len(ordered) * 0.9))]
    longest = max(lengths)
    files = sorted(sizes)
    print(f"functions: {len(ordered)}, median {ordered[len(ordered) // 2]}, p90 {percentile}, longest {longest[0]} ({longest[2]} in {longest[1]}); "
          f"C files: {len(files)}, median {files[len(files) // 2]} lines, longest {files[-1]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--layers-only", action="store_true")
    parser.add_argument("--report", action="store_true", help="print lengths too")
    options = parser.parse_args()
    names = tracked()
    headers = {}
    for name in names:
        if name.endswith((".h", ".inc")):
            headers.setdefault(os.path.basename(name), []).append(name)
    findings, lengths, sizes = [], [], []
    for name in names:
        text = read(name)
        if text is None:
            continue
        if name.endswith((".c", ".h")):
            findings += check_layers(name, text, headers)
        if options.layers_only:
            continue
        findings += check_text(name, text)
        if os.path.basename(name) == "package-lock.json":
            findings += check_lock(name, text)
        if name.endswith(".c"):
            findings += check_functions(name, text, lengths)
            sizes.append(text.count("\n"))
    if not options.layers_only:
        findings += check_habits.check_tests(names, check_habits.read_exceptions(UNTESTED))
        findings += check_attacks.findings()
    print("\n".join(findings), end="\n" if findings else "")
    if options.report:
        report(lengths, sizes)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
