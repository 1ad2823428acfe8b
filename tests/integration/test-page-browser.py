#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The public page in a real browser against a real daemon and chain, and against daemons that lie.

The cases are tests/e2e/page.test.mjs; this sets up what they look at and does what they wish for.
"""
import contextlib
import os
import shutil
import subprocess
import sys

from pt_case import PATIENCE_LONG, SOURCE, check, only, stack_in_folder
from pt_liar import BackDated, Liar, Wishes, flipped_file
from pt_world import World, ask, wait_until

from pt_stack import now_ms

AREA, DEVICES = "test-east", 40
HTML = (200, [("Content-Type", "text/html")], b"<!doctype html><title>Router</title><p>Log in to your router")

FOREIGN_PLACES = (200, [("Content-Type", "application/json")], b'{"tilejson":"3.0.0","tiles":["/tiles/light/{z}/{x}/{y}.png"],'
                  b'"places":"https://elsewhere.example/{z}/{x}/{y}.json"}')


class Stage:
    """The system behind the page, and the wishes of its test."""

    def __init__(self, stack):
        self.stack = stack
        stack.write_config(batch_period="2s", live_silent_after="1h", chain_public_rpc=stack.rpc_url)
        stack.start_daemon()
        self.world = World(stack, AREA)
        self.names = [f"tx-{number:03}" for number in range(DEVICES)]
        for number, name in enumerate(self.names):
            self.world.place(AREA, name, site=f"S-{number:03}", lat=255900000 + number % 8 * 40000, lon=851300000 + number // 8 * 50000)
        half = DEVICES // 2
        self.world.register(*self.names[:half], feeder="F-1")
        self.world.register(*self.names[half:], feeder="F-2")
        self.world.post(*(self.world.report(name) for name in self.names))
        self.world.say("tx-000", "OFF")
        self.liar, self.more = Liar(stack.http_port), contextlib.ExitStack()
        self.wait_anchored("tx-000", 2)

    def wait_anchored(self, device, seq):
        wait_until(f"{device} {seq} is anchored", lambda: ask(self.stack, f"/api/v1/proof?device={device}&seq={seq}")[0] == 200)

    # Wishes

    def say(self, device, power):
        self.world.say(device, power)
        return {"at": now_ms(), "seq": self.world.seq[AREA, device], "site": self.world.places[AREA, device]["site"]}

    def anchored(self, device, seq):
        self.wait_anchored(device, seq)
        return {}

    def many(self, count):
        """@count new devices with a report each: as many sites appear."""
        names = [f"more-{number:05}" for number in range(count)]
        for number, name in enumerate(names):
            self.world.place(AREA, name, site=f"M-{number:05}", lat=255900000 + number % 100 * 1000, lon=851300000 + number // 100 * 1000)
        for at in range(0, count, 5000):
            self.world.take("/registrations", [self.world.device(name) for name in names[at : at + 5000]])
        bodies = [[self.world.report(name, "OFF") for name in names[at : at + 5000]] for at in range(0, count, 5000)]
        for body in bodies:
            self.world.post(*body)
        return {}

    def daemon(self, runs):
        if runs:
            self.stack.start_daemon()
        else:
            self.stack.stop("powertrackd")
        return {}

    def lie(self, how, device=None, seq=None):
        rules = {
            "not": lambda: [],
            "flip": lambda: [(r"^/ipfs/", flipped_file)],
            "back-date": lambda: BackDated(self.stack, AREA, device, seq).rules,
            "bundle": lambda: [(r"^/api/v1/proof", lambda status, headers, body: (status, headers, body.replace(b'\\"OFF\\"', b'\\"ON\\"')))],
            "no-tiles": lambda: [(r"^/tiles/", lambda *_: (500, [], b""))],
            "foreign-places": lambda: [(r"^/tiles/(light|dark)\.json", lambda *_: FOREIGN_PLACES)],
            "bad-places": lambda: [(r"^/tiles/places/", lambda *_: (200, [("Content-Type", "application/json")], b'{"places":[{"name":"<b>"},7]}'))],
            "html": lambda: [(r"^/api/", lambda *_: HTML)],
            "version": lambda: [(r"^/api/v1/status", lambda *_: (200, [("Content-Type", "application/json")], b'{"version":"9.0.0","now":1}'))],
            "half-stream": lambda: [(r"^/api/v1/events", lambda *_: (200, [("Content-Type", "text/event-stream")], b'event: sites\ndata: {"sites":[{"ar'))],
            "no-file": lambda: [(r"^/ipfs/", lambda *_: (404, [], b""))],
        }
        self.liar.lie(*rules[how]())
        return {}

    def verify(self, path):
        self.stack.verify(path)
        return {}

    def bundle(self, device, seq, power=None):
        """A proof; with @power one whose report says that instead."""
        body = ask(self.stack, f"/api/v1/proof?device={device}&seq={seq}")[2].decode()
        return {"text": body.replace('\\"OFF\\"', f'\\"{power}\\"') if power else body}

    def islands(self):
        """Sites on both sides of the date line, whose daemon lies below a path of a proxy; its address."""
        stack = self.more.enter_context(stack_in_folder(chain=False))
        stack.write_config(batch_period="2s")
        stack.start_daemon()
        world = World(stack, "test-islands")
        for name, lat, lon in (("suva", -181416000, 1784419000), ("apia", -138333000, -1717667000), ("line-1", -160000000, 1799990000),
                               ("line-2", -160000000, -1799990000), ("line-3", -170000000, 1800000000)):
            world.place("test-islands", name, lat=lat, lon=lon)
        names = [name for _, name in world.places]
        world.register(*names)
        world.post(*(world.report(name, "OFF") for name in names))
        proxy = Liar(stack.http_port, "/power")
        self.more.callback(proxy.close)
        return {"url": proxy.url, "sites": len(names)}

    def wishes(self):
        return Wishes(islands=self.islands, say=self.say, anchored=self.anchored, many=self.many, daemon=self.daemon, lie=self.lie, verify=self.verify, bundle=self.bundle)


@contextlib.contextmanager
def staged():
    with stack_in_folder() as stack:
        stage = Stage(stack)
        try:
            yield stage
        finally:
            stage.more.close()
            stage.liar.close()


def run_browser(stage, script):
    env = {**os.environ, "PT_URL": stage.stack.url, "PT_LIAR": stage.liar.url, "PT_RPC": stage.stack.rpc_url, "PT_WISHES": stage.wishes().url,
           "PT_FOLDER": stage.stack.folder, "PT_AREA": AREA, "TZ": "Asia/Kolkata"}
    done = subprocess.run(["node", "--test-reporter=tap", *only(), os.path.join(SOURCE, "tests", "e2e", script)], env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=PATIENCE_LONG, check=False)
    return done.returncode, done.stdout


def page():
    """The browser's own TAP is ours: one case a test there."""
    check(shutil.which("node"), "node is installed")
    with staged() as stage:
        code, text = run_browser(stage, "page.test.mjs")
    print(text, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(page())
