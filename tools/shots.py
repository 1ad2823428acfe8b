#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pictures of the control room and of the public page while the demo runs; they go to build/shots/.

Uses a demo that runs; else starts one of its own on --csv (else a synthetic town) and ends it.
"""
import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "integration"))

from pt_liar import Liar, Wishes, flipped_file  # noqa: E402
from pt_stack import Failure, Pids, http  # noqa: E402

STORM_MOMENT = 1707096600000  # 2024-02-05 01:30 UTC: a third of its sites are off
STORM_SPEED = 1000  # slow enough that what is clicked is still so when the picture is taken
TOWN_SPEED = 60  # the town's first storm lasts for minutes then
TOWN_SHARE = 5  # of its sites are off, one in so many
START_SECONDS = 300
ANCHOR_SECONDS = 60


class Demo:
    """The demo's addresses, whether it was running or had to be started."""

    def __init__(self, options):
        self.options, self.child = options, None
        self.folder = os.path.join(options.build, "demo")

    def __enter__(self):
        if not Pids(self.folder).running():
            self.start()
        with open(os.path.join(self.folder, "endpoints.json"), encoding="utf-8") as file:
            self.endpoints = json.load(file)
        return self

    def start(self):
        command = [sys.executable, os.path.join(ROOT, "tools", "demo.py"), "--build", self.options.build, "--no-console"]
        command += ["--csv", self.options.csv] if self.options.csv else []
        command += ["--speed", str(self.options.speed or (STORM_SPEED if self.options.csv else TOWN_SPEED))]
        endpoints = os.path.join(self.folder, "endpoints.json")
        if os.path.exists(endpoints):
            os.unlink(endpoints)
        self.child = subprocess.Popen(command, start_new_session=True)
        until = time.monotonic() + START_SECONDS
        while not os.path.exists(endpoints):
            if self.child.poll() is not None or time.monotonic() > until:
                raise Failure("the demo did not start")
            time.sleep(0.5)
        self.wait_for_outages()

    def wait_for_outages(self):
        """Until there is something to see."""
        time.sleep(2)
        with open(os.path.join(self.folder, "endpoints.json"), encoding="utf-8") as file:
            url = json.load(file)["http"]
        until, before = time.monotonic() + START_SECONDS, None
        while time.monotonic() < until:
            status = json.loads(http(url + "/api/v1/status")[1])
            if self.options.csv and status["now"] >= STORM_MOMENT or not self.options.csv and status["sites_off"] * TOWN_SHARE >= status["sites"]:
                return
            # However slow the machine is: as long as the clock moves there is something to wait for.
            if status["now"] != before:
                until, before = time.monotonic() + START_SECONDS, status["now"]
            time.sleep(0.2)
        raise Failure("the demo's clock does not move")

    def __exit__(self, *_):
        if self.child:
            self.child.send_signal(signal.SIGINT)
            self.child.wait(60)


def page_shots(demo, folder, site, complaint):
    """The page in Chromium, once as it is and once before a daemon that lies."""
    url = demo.endpoints["http"]
    liar = Liar(int(url.rsplit(":", 1)[1]))
    wishes = Wishes(lie=lambda how: liar.lie(*([(r"^/ipfs/", flipped_file)] if how == "flip" else [])) or {})
    env = {**os.environ, "PT_URL": url, "PT_LIAR": liar.url, "PT_RPC": demo.endpoints["rpc"], "PT_WISHES": wishes.url, "PT_FOLDER": folder, "PT_SITE": site, "PT_COMPLAINT": complaint}
    done = subprocess.run(["node", os.path.join(ROOT, "tests", "e2e", "shots.mjs")], env=env, check=False)
    liar.close()
    if done.returncode != 0:
        raise Failure("the page's pictures failed")


def anchored_outage(demo):
    """An outage whose beginning is on the chain, and the proof of it: one that goes on, or where none does one that is over."""
    url = demo.endpoints["http"]
    until = time.monotonic() + ANCHOR_SECONDS
    while time.monotonic() < until:
        for query in ("open=true", "open=false"):
            rows = json.loads(http(f"{url}/api/v1/outages?{query}&limit=10000")[1])["outages"]
            # Where many customers are without power it seldom ends while a picture is taken.
            for row in sorted(rows, key=lambda row: -row["customers"])[:50]:
                status, body = http(f"{url}/api/v1/proof?area={row['area']}&device={row['device']}&seq={row['start_seq']}")
                if status == 200:
                    return row, body
        time.sleep(0.5)
    raise Failure(f"no outage's report was anchored within {ANCHOR_SECONDS} s")


def answered_complaint(demo):
    """(area, number) of one that an official closed against the evidence, else of that with the most steps; all of them on the chain."""
    url, until = demo.endpoints["http"], time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        rows = json.loads(http(f"{url}/api/v1/complaints?limit=1000")[1])["complaints"]
        for row in sorted(rows, key=lambda row: (-row["reopened"], -row["n"]))[:1]:
            about = json.loads(http(f"{url}/api/v1/complaints/{row['area']}/{row['complaint']}")[1])
            if row["n"] > 3 and all(step.get("batch_state") == "final" for step in about["chain"]):
                return row["area"], row["complaint"]
        time.sleep(0.5)
    raise Failure("no complaint was answered and anchored")


def tampered_bundle(folder, body):
    """The proof, with the report in it turned round."""
    path = os.path.join(folder, "tampered.json")
    with open(path, "wb") as file:
        file.write(body.replace(b'\\"OFF\\"', b'\\"ON\\"'))
    return path


def console_shots(demo, folder, build, site, bundle):
    """The control room in windows of their own."""
    url, rpc = demo.endpoints["http"], demo.endpoints["rpc"]
    command = [sys.executable, os.path.join(ROOT, "tools", "shots_console.py"), url, rpc, folder, bundle, site]
    if subprocess.run(command, env={**os.environ, "PT_BUILD_DIR": build}, check=False).returncode != 0:
        raise Failure("the control room's pictures failed")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("--csv", help="what a demo that has to be started replays")
    parser.add_argument("--speed", type=float, help="how many times as fast as real time it runs")
    parser.add_argument("--only", choices=("page", "console"))
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    folder = os.path.join(options.build, "shots")
    if not options.only:
        shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder, exist_ok=True)
    try:
        with Demo(options) as demo:
            area, number = answered_complaint(demo)
            row, body = anchored_outage(demo)
            if options.only != "page":
                console_shots(demo, folder, options.build, "" if row["end"] is None else row["site"], tampered_bundle(folder, body))
            if options.only != "console":
                page_shots(demo, folder, f"{row['area']}/{row['site']}", f"{area}/{number}")
    except Failure as failure:
        print(f"shots: {failure}", file=sys.stderr)
        return 1
    print("\n".join(sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".png"))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
