#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The control room that the demo opens: a demo official is logged in, in the session's keyring or in one of its own, and no key is left behind."""
import contextlib
import os
import re
import signal
import subprocess
import sys
import time

import pt_keyring
from pt_case import BUILD, SOURCE, case, check, equal, main, stack_in_folder
from pt_office import key_text, new_key
from pt_window import Console, inside, is_inside
from pt_world import World

from pt_formats import sign
from pt_stack import PATIENCE, now_ms, program_path

AREAS = ("demo-east", "demo-west")
YOU = "ae-you"


def labels():
    """Of all officials' keys in this session's keyring."""
    import gi

    gi.require_version("Secret", "1")
    from gi.repository import Secret

    schema = Secret.Schema.new(pt_keyring.SCHEMA, Secret.SchemaFlags.NONE, {"area": Secret.SchemaAttributeType.STRING})
    found = Secret.password_search_sync(schema, {}, Secret.SearchFlags.ALL, None)
    return sorted(secret.get_label() for secret in found)


class DemoConsole(Console):
    """The same window, a child of what the demo starts."""

    def __init__(self, stack, public, pem):
        from pt_window import atspi

        self.atspi = atspi()
        self.log = open(os.path.join(os.environ["PT_INSIDE"], "console.log"), "ab")
        helper = os.path.join(SOURCE, "tools", "demo_console.py")
        self.folder = os.path.join(stack.folder, "console")
        self.child = subprocess.Popen([sys.executable, helper, program_path(BUILD, self.NAME), self.folder, stack.url, YOU, public, pem, *AREAS],
                                      stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.where = self.child.stdout.readline().strip()

    def pid(self):
        children = subprocess.run(["pgrep", "-P", str(self.child.pid), "-x", "powertrack-cons"], stdout=subprocess.PIPE, text=True, check=False).stdout.split()
        return int(children[0]) if children else None

    def on_screen(self):
        """What the X server says, for another bus has other accessible things."""
        return subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(self.pid())], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


@contextlib.contextmanager
def bench():
    """A daemon that knows the demo's officer; yields (stack, public key, file of the private one)."""
    from cryptography.hazmat.primitives import serialization

    with stack_in_folder(chain=False) as stack:
        stack.write_config(map_places=None)
        stack.start_daemon()
        key, pem = new_key(), os.path.join(stack.keys, "ae-you.pem")
        with open(pem, "wb") as file:
            file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        for area in AREAS:
            world = World(stack, area)
            world.register("tx-1")
            entry = {"area": area, "kind": "official", "key": key_text(key), "name": "Whoever tries the demo", "official": YOU, "role": "officer", "status": "active", "ts": now_ms()}
            world.take("/registrations", [sign(entry, world.authority)])
        yield stack, key_text(key), pem


def until(holds, what):
    limit = time.monotonic() + PATIENCE
    while not holds():
        check(time.monotonic() < limit, f"{what} within {PATIENCE} s")
        time.sleep(0.1)


def ends(console):
    console.child.send_signal(signal.SIGTERM)
    console.child.wait(PATIENCE)


@case
def test_session():
    """The session's keyring is open: the key is there while the window is, marked as the demo's; other keys, and what a console remembers, stay."""
    pt_keyring.unlock()
    pt_keyring.put("patna-east", "officer-1", key_text(new_key()), "somebody's own")
    with bench() as (stack, public, pem):
        with DemoConsole(stack, public, pem) as console:
            equal(console.where, "session", "where the key is")
            console.wait_says(r"^Live · ")
            console.key("ctrl+2")
            console.wait_says(r"^Mine  0$")  # logged in
            console.find(f"^Key: {YOU}$", "push button")
            equal(labels(), [f"Power Tracker demo: key of {YOU}, area {area} (worth nothing)" for area in AREAS] + ["officer-1"], "keys meanwhile")
            ends(console)
        equal(labels(), ["officer-1"], "keys afterwards")
        check(not os.path.exists(os.path.join(os.environ["XDG_CONFIG_HOME"], "powertrack", "console.ini")), "what a console remembers is not touched")
        with DemoConsole(stack, public, pem) as console:
            console.wait_says(r"^Live · ")
            for pid in (console.pid(), console.child.pid):
                os.kill(pid, signal.SIGKILL)
            console.child.wait(PATIENCE)
        equal(len(labels()), 3, "one that was killed leaves them")
        with DemoConsole(stack, public, pem) as console:
            console.wait_says(r"^Live · ")
            os.kill(console.pid(), signal.SIGTERM)  # as if the window was closed
            console.child.wait(PATIENCE)
        equal(labels(), ["officer-1"], "the next one takes them away")


@case
def test_own():
    """No keyring, or a locked one: a bus and a keyring of its own, of which nothing is left."""
    pt_keyring.lock()
    with bench() as (stack, public, pem):
        with contextlib.closing(DemoConsole(stack, public, pem)) as console:
            equal(console.where, "own", "where the key is")
            until(console.on_screen, "its window")
            started = subprocess.run(["pgrep", "-P", str(console.child.pid)], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
            equal(len(started), 3, "bus, keyring, window")
            with open(os.path.join(console.folder, "config", "powertrack", "console.ini"), encoding="utf-8") as file:
                check(re.search(rf"^chosen={public}$", file.read(), re.MULTILINE), "the key is chosen")
            ends(console)
            check(not any(os.path.exists(f"/proc/{pid}") for pid in started), "nothing of it runs on")
            check(not os.path.exists(os.path.join(console.folder, "keyring")), "its keyring is gone")


if __name__ == "__main__":
    if is_inside():
        main()
    else:
        sys.exit(inside(*sys.argv))
