#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page's half of complaints in a real browser, against a real daemon and chain, and against one that lies.

The cases are tests/e2e/complaints.test.mjs; this sets up what they look at and does what they wish for.
"""
import contextlib
import json
import os
import shutil
import subprocess
import sys

from pt_case import PATIENCE_LONG, SOURCE, check, only, stack_in_folder
from pt_formats import dump, leaf_hash, sign
from pt_liar import Liar, Wishes
from pt_people import People, new_key
from pt_world import World, ask, wait_until

AREA = "test-east"
SITES = ("tx-1", "tx-2", "tx-3", "tx-4", "tx-5", "tx-6", "tx-7", "tx-8", "tx-9")


def changed(change):
    """A rule of a liar's: what @change makes of a JSON answer."""
    def rule(status, headers, body):
        if status != 200:
            return status, headers, body
        answer = json.loads(body)
        change(answer)
        return status, [(name, value) for name, value in headers if name.lower() not in ("etag", "content-encoding")], json.dumps(answer).encode()
    return rule


class Stage:
    """The system behind the page, and the wishes of its test."""

    def __init__(self, stack):
        self.stack = stack
        stack.write_config(batch_period="2s", live_silent_after="1h", chain_public_rpc=stack.rpc_url)
        stack.start_daemon()
        self.world = World(stack, AREA)
        for at, name in enumerate(SITES):
            self.world.place(AREA, name, site=f"S-{at + 1}", lat=255900000 + at * 40000, lon=851300000)
        self.world.register(*SITES, feeder="F-1")
        self.world.post(*(self.world.report(name) for name in SITES))
        for name in SITES[:-1]:
            self.world.say(name, "OFF")
        self.people = People(self.world)
        self.liar = Liar(stack.http_port)

    # Wishes

    def say(self, device, power):
        self.world.say(device, power)
        return {}

    def know(self, complaint):
        about = self.people.about(complaint)
        self.people.places[complaint] = {"site": about["site"]} if "site" in about else {"lat": about["lat"], "lon": about["lon"]}
        return about

    def act(self, complaint, action, by, **more):
        self.know(complaint)
        self.people.act(complaint, action, by, **more)
        return {}

    def about(self, complaint):
        return self.know(complaint)

    def filed(self, site):
        return {"complaints": self.stack.get(f"/complaints?site={site}")["complaints"]}

    def anchored(self, complaint):
        """All its steps are on the chain."""
        def waits():
            status, _, body = ask(self.stack, f"/api/v1/complaints/{AREA}/{complaint}/proof")
            return status == 200 and json.loads(body)["waiting"] == []
        wait_until(f"{complaint} is anchored", waits)
        return {}

    def daemon(self, runs):
        if runs:
            self.stack.start_daemon()
        else:
            self.stack.stop("powertrackd")
        return {}

    def forged_reopen(self, complaint):
        """A step that the complaint's own citizen never signed."""
        about = self.know(complaint)
        last, first = about["chain"][-1], json.loads(about["chain"][0]["entry"])
        entry = {"action": "reopen", "area": AREA, "by": "citizen", "complaint": complaint, "key": first["key"], "kind": "action", "n": last["n"] + 1,
                 "prev": last["leaf"], "ts": self.people.now(), **self.people.places[complaint]}
        stored = json.loads(sign(entry, new_key()))
        stored["received"] = json.loads(last["entry"])["received"] + 1
        text = dump(stored).decode()
        return {"n": entry["n"], "action": "reopen", "by": "citizen", "key": first["key"], "received": stored["received"], "ts": entry["ts"],
                "leaf": leaf_hash(text.encode()).hex(), "entry": text}

    def wrong_role(self, complaint):
        """A resolve that an operator signed, who may not."""
        about = self.know(complaint)
        last = about["chain"][-1]
        entry = {"action": "resolve", "area": AREA, "by": "op-1", "complaint": complaint, "kind": "action", "n": last["n"] + 1, "note": "done",
                 "prev": last["leaf"], "ts": self.people.now(), **self.people.places[complaint]}
        stored = json.loads(sign(entry, self.people.keys["op-1"]))
        stored["received"] = json.loads(last["entry"])["received"] + 1
        text = dump(stored).decode()
        return {"n": entry["n"], "action": "resolve", "by": "op-1", "name": "Office of op-1", "role": "officer", "received": stored["received"],
                "ts": entry["ts"], "note": "done", "leaf": leaf_hash(text.encode()).hex(), "entry": text}

    def lie(self, how, complaint=None):
        whole = rf"^/api/v1/complaints/{AREA}/{complaint}$"

        def alter(answer):
            step = next(step for step in answer["chain"] if step.get("note"))
            step["entry"] = step["entry"].replace(step["note"], "paid")
            step["note"] = "paid"

        def add(step):
            def change(answer):
                answer["chain"].append(step)
                answer["n"] += 1
                answer["state"] = "open" if step["action"] == "reopen" else "resolved"
            return change
        rules = {
            "not": lambda: [],
            "drop": lambda: [(rf"^/api/v1/complaints/{AREA}/{complaint}", lambda *_: (404, [("Content-Type", "application/problem+json")], b'{"type":"not-found"}'))],
            "note": lambda: [(whole, changed(alter))],
            "reopen": lambda: [(whole, changed(add(self.forged_reopen(complaint))))],
            "role": lambda: [(whole, changed(add(self.wrong_role(complaint))))],
        }
        self.liar.lie(*rules[how]())
        return {}

    def wishes(self):
        return Wishes(say=self.say, act=self.act, about=self.about, filed=self.filed, anchored=self.anchored, daemon=self.daemon, lie=self.lie)


@contextlib.contextmanager
def staged():
    with stack_in_folder() as stack:
        stage = Stage(stack)
        try:
            yield stage
        finally:
            stage.liar.close()


def page():
    """The browser's own TAP is ours: one case a test there."""
    check(shutil.which("node"), "node is installed")
    with staged() as stage:
        env = {**os.environ, "PT_URL": stage.stack.url, "PT_LIAR": stage.liar.url, "PT_RPC": stage.stack.rpc_url, "PT_WISHES": stage.wishes().url,
               "PT_FOLDER": stage.stack.folder, "PT_AREA": AREA, "TZ": "Asia/Kolkata"}
        script = os.path.join(SOURCE, "tests", "e2e", "complaints.test.mjs")
        done = subprocess.run(["node", "--test-reporter=tap", *only(), script], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=PATIENCE_LONG, check=False)
    print(done.stdout, flush=True)
    return done.returncode


if __name__ == "__main__":
    sys.exit(page())
