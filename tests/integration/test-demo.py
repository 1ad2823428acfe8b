#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make demo ONCE=1` as whoever has just come here runs it: devices, citizens and officials, and what the audit says of all of them."""
import json
import os
import re
import subprocess
import sys
import tempfile

from pt_case import BUILD, PATIENCE_LONG, SOURCE, case, check, equal, main


def run_demo(folder, *more):
    """(its summary, all that it printed)."""
    command = [sys.executable, os.path.join(SOURCE, "tools", "demo.py"), "--build", BUILD, "--folder", folder, "--once", "--no-console", *more]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_LONG, check=False)
    equal(done.returncode, 0, f"the demo's exit code: {done.stdout[-1500:]}{done.stderr[-1500:]}")
    with open(os.path.join(folder, "summary.json"), encoding="utf-8") as file:
        return json.load(file), done.stdout


def check_story(summary, said, folder):
    """Complaints that are in the log, receipts that were kept, and an official's key for whoever tries it."""
    equal(summary["audit"], "passed", "the audit")
    equal(summary["audited"]["entries"]["action"], summary["actions"], "every step of every complaint is in the audited log")
    check(summary["receipts_checked"] > summary["complaints"], "each filing has its receipt, and steps have")
    equal({row["promise"] for row in summary["audited"]["receipts"]}, {"kept"}, "what was promised")
    check(re.search(r"http://\S+/#complaint=[a-z0-9-]+/[0-9]{10}\b", said), f"where a complaint is: {said}")
    key = re.search(r"^  key +(\S+\.pem) ", said, re.MULTILINE)
    check(key and os.path.dirname(key.group(1)) == os.path.join(folder, "keys"), f"a key at hand: {said}")
    equal(os.stat(key.group(1)).st_mode & 0o777, 0o600, "nobody else reads it")


@case
def test_town():
    with tempfile.TemporaryDirectory(prefix="powertrack-test-") as parent:
        folder = os.path.join(parent, "demo")
        summary, said = run_demo(folder)
        check_story(summary, said, folder)
        equal(summary["audited"]["entries"]["profile"], summary["areas"], "each area has promised something")
        check(summary["complaints"] >= 8, f"complaints: {summary['complaints']}")
        check(summary["actions"] >= 3 * summary["complaints"], f"they were answered: {summary['actions']}")
        check(summary["contradicted"] >= 1, "one was closed while it was dark")


@case
def test_storm():
    """Outages of a file: a part of them is complained about."""
    with tempfile.TemporaryDirectory(prefix="powertrack-test-") as parent:
        folder = os.path.join(parent, "demo")
        summary, said = run_demo(folder, "--csv", os.path.join(SOURCE, "tests", "integration", "storm-slice.csv"))
        equal(summary["outages_equal_file"], True, "the outages")
        check_story(summary, said, folder)


def way_case(name):
    """A small town whose devices come in this way, each with a certificate."""

    def ends_well():
        with tempfile.TemporaryDirectory(prefix="powertrack-test-") as parent:
            folder = os.path.join(parent, "demo")
            summary, said = run_demo(folder, "--sites", "60", "--transport", name)
            check_story(summary, said, folder)

    ends_well.__name__ = f"test_{name}"
    return case(ends_well)


for way in ("https", "mqtt", "coap"):
    way_case(way)


if __name__ == "__main__":
    main()
