#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs meson's tests and says what happened; the last line is `N passed, N failed, N skipped`.

A program that speaks TAP counts with each of its cases, any other as one. A skipped test must stand in
tests/allowed-skips.txt (`name: reason`), else the run fails.
"""
import fnmatch
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TAP_LINE = re.compile(r"^(not )?ok\b\s*\d*\s*-?\s*([^#]*)(#\s*(SKIP|TODO)\b.*)?", re.IGNORECASE)
GOOD = ("OK", "EXPECTEDFAIL")


def allowed_skips():
    """Patterns of test names that may be skipped, with their reasons."""
    allowed = {}
    path = os.path.join(ROOT, "tests", "allowed-skips.txt")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            for line in file:
                name, colon, reason = line.strip().partition(": ")
                if colon and reason and not name.startswith("#"):
                    allowed[name] = reason
    return allowed


def cases_of(test):
    """Yields (name, "passed" | "failed" | "skipped") for a test of meson's log."""
    name, result = test["name"], test["result"]
    if result == "SKIP":
        yield name, "skipped"
        return
    found = []
    for line in (test.get("stdout") or "").splitlines():
        match = TAP_LINE.match(line)
        if match:
            skipped = match.group(4) and match.group(4).upper() == "SKIP"
            verdict = "failed" if match.group(1) else "skipped" if skipped else "passed"
            found.append((f"{name}:{match.group(2).strip()}", verdict))
    if result not in GOOD and not any(verdict == "failed" for _, verdict in found):
        found.append((f"{name} ({result.lower()})", "failed"))
    yield from found or [(name, "passed")]


def read_log(build):
    """The tests of meson's log; each `project:suite / name` taken apart."""
    tests = []
    with open(os.path.join(build, "meson-logs", "testlog.json"), encoding="utf-8") as file:
        for line in filter(str.strip, file):
            test = json.loads(line)
            suite, slash, name = test["name"].rpartition(" / ")
            test["name"], test["suite"] = name, suite.rpartition(":")[2].split("+")[0].strip() if slash else "other"
            tests.append(test)
    return tests


def shown(lines):
    """The numbers of the lines that tell why a test failed: around each case that did (what some programs say before it others say after), and the end."""
    failed = [number for number, line in enumerate(lines) if re.match(r"\s*not ok\b", line)]
    numbers = {number for at in [*failed[:5], len(lines)] for number in range(at - 40, at + 40)}
    return sorted(number for number in numbers if 0 <= number < len(lines))


def show_failure(test):
    print(f"\n--- {test['name']}: {test['result']} after {test['duration']:.1f} s")
    lines = ((test.get("stdout") or "") + (test.get("stderr") or "")).splitlines()
    before = -1
    for number in shown(lines):
        if number != before + 1:
            print("    ...")
        print("    " + lines[number])
        before = number


def summarise(tests):
    """Prints the table; returns the lists of names by verdict."""
    verdicts = {"passed": [], "failed": [], "skipped": []}
    suites = {}
    for test in tests:
        row = suites.setdefault(test["suite"], {"passed": 0, "failed": 0, "skipped": 0, "seconds": 0.0})
        row["seconds"] += test["duration"]
        for name, verdict in cases_of(test):
            verdicts[verdict].append(name)
            row[verdict] += 1
        if test["result"] not in GOOD + ("SKIP",):
            show_failure(test)
    print(f"\n{'suite':<16}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for suite in sorted(suites):
        row = suites[suite]
        print(f"{suite:<16}{row['passed']:>8}{row['failed']:>8}{row['skipped']:>9}{row['seconds']:>9.1f}")
    return verdicts


def main():
    build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "build"))
    log = os.path.join(build, "meson-logs", "testlog.json")
    if os.path.exists(log):
        os.unlink(log)
    # TERM=dumb keeps meson from repainting; its own summary is replaced by ours.
    run = subprocess.run(["meson", "test", "-C", build, "--no-rebuild"] + sys.argv[2:], env={**os.environ, "MESON_TESTTHREADS": os.environ.get("MESON_TESTTHREADS", "2")})
    if not os.path.exists(log):
        print("no test was run: see above", file=sys.stderr)
        return 1
    verdicts = summarise(read_log(build))
    allowed, refused = allowed_skips(), []
    for name in verdicts["skipped"]:
        reason = next((why for pattern, why in allowed.items() if fnmatch.fnmatchcase(name, pattern)), None)
        print(f"skipped: {name}: {reason or 'NOT ALLOWED: add it to tests/allowed-skips.txt with its reason, or make it run'}")
        if reason is None:
            refused.append(name)
    for name in verdicts["failed"]:
        print(f"failed: {name}")
    print(f"\n{len(verdicts['passed'])} passed, {len(verdicts['failed'])} failed, {len(verdicts['skipped'])} skipped")
    return 1 if verdicts["failed"] or refused or run.returncode not in (0, 77) else 0


if __name__ == "__main__":
    sys.exit(main())
