#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An official at a terminal signs with her key in the desktop's keyring: a real keyring in a session bus of its own."""
import json
import os
import subprocess
import sys
import tempfile

import pt_keyring
from pt_case import case, check, equal, main, stack_in_folder
from pt_terminal import Terminal
from pt_world import World

AREA = "patna-east"


def put(terminal, area, official, name):
    """The key of @name in the keyring."""
    with open(terminal.key(name), encoding="utf-8") as file:
        pt_keyring.put(area, official, terminal.public(name), file.read())


def register(terminal, official, role):
    terminal.ask("official", "register", "--official", official, "--area", AREA, "--name", f"Office of {official}", "--role", role, "--key", terminal.public(official),
                 "--authority-key", terminal.stack.authority_key)


def act(terminal, verb, number, *more, exits=0):
    return terminal.ask("complaint", verb, number, "--key", "keyring:", "--yes", *more, exits=exits)


@case
def test_keyring():
    """None, one, one of another area, several, a wrong one, and a keyring that stays locked."""
    pt_keyring.unlock()
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1d")
        stack.start_daemon()
        world, terminal = World(stack, AREA), Terminal(stack, AREA)
        world.register("tx-1")
        out, _ = terminal.run("official", "keys", exits=1)
        check("no official's key" in out, out)
        register(terminal, "op-1", "operator")
        register(terminal, "ae-1", "officer")
        number = terminal.file("asha", "--site", "S-tx-1", "--text", "dark")
        _, err = act(terminal, "acknowledge", number, exits=2)
        check("has no official's key" in err, err)
        put(terminal, "patna-west", "op-9", "west")
        _, err = act(terminal, "acknowledge", number, exits=2)
        check("no such key; it has:" in err and "--area patna-west --official op-9" in err, err)
        put(terminal, AREA, "op-1", "op-1")
        out, err = act(terminal, "acknowledge", number)
        check("now: acknowledged" in out and '"by":"op-1"' in err, (out, err))
        put(terminal, AREA, "ae-1", "ae-1")
        _, err = act(terminal, "assign", number, "--to", "ae-1", exits=2)
        check("several keys" in err and f"--key keyring:{terminal.public('op-1')}" in err and f"--official ae-1 --key keyring:{terminal.public('ae-1')}" in err
              and "patna-west" not in err, err)
        act(terminal, "assign", number, "--to", "ae-1", "--official", "op-1")
        out, _ = terminal.ask("complaint", "resolve", number, "--key", f"keyring:{terminal.public('ae-1')[:60]}", "--yes", "--note", "fuse replaced")
        check("resolved" in out, out)
        _, err = act(terminal, "confirm", number, exits=2)
        check("officials don't do this" in err, err)
        _, err = terminal.ask("complaint", "file", "--area", AREA, "--category", "no-supply", "--site", "S-tx-1", "--text", "x", "--key", "keyring:", "--yes", exits=2)
        check("a citizen's is a file" in err, err)
        check_verbs(terminal, number)
        check_locked(terminal, number)


def check_verbs(terminal, number):
    """The other verbs of officials."""
    out, _ = terminal.ask("complaint", "show", number, "--key", "keyring:", "--official", "ae-1")
    check("said: dark" in out, out)
    terminal.ask("complaint", "erase", number, "--key", "keyring:", "--official", "ae-1", "--step", "1", "--reason", "a name", "--yes")
    terminal.ask("notice", "set", "--area", AREA, "--key", "keyring:", "--official", "op-1", "--about", "estimate", "--start", "2030-01-01", "--end", "2030-01-02",
                 "--note", "crew is there", "--yes")
    out, _ = terminal.run("official", "keys", "--json")
    equal([(row["official"], row["area"], row["key"], row["locked"]) for row in json.loads(out)["keys"]],
          [("ae-1", AREA, terminal.public("ae-1"), False), ("op-1", AREA, terminal.public("op-1"), False), ("op-9", "patna-west", terminal.public("west"), False)], "the keys")


def check_locked(terminal, number):
    """What is there can be listed; signing asks, and where nobody can answer it says that it stays locked."""
    pt_keyring.lock()
    out, _ = terminal.run("official", "keys")
    check(out.count("locked") == 3, out)
    _, err = act(terminal, "comment", number, "--official", "ae-1", "--note", "seen", exits=1)
    check("The keyring is locked; the desktop asks you" in err and "locked" in err.splitlines()[-1], err)

@case
def test_no_bus():
    """Where there is no desktop it says so, and a file still signs."""
    with stack_in_folder(chain=False) as stack:
        terminal = Terminal(stack, AREA)
        bus = os.environ.pop("DBUS_SESSION_BUS_ADDRESS")
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nonexistent/bus"
        try:
            _, err = terminal.run("official", "keys", exits=1)
        finally:
            os.environ["DBUS_SESSION_BUS_ADDRESS"] = bus
        check("The keyring does not answer" in err, err)


def inside():
    """This program again, with a session bus and folders of its own and no display."""
    with tempfile.TemporaryDirectory(prefix="powertrack-keyring-") as folder:
        own = {"HOME": folder, "PT_INSIDE": folder}
        for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            own[name] = os.path.join(folder, name.lower())
            os.makedirs(own[name], mode=0o700)
        environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
        return subprocess.run(["dbus-run-session", "--", sys.executable, *sys.argv], env={**environment, **own}, check=False).returncode


if __name__ == "__main__":
    if "PT_INSIDE" in os.environ:
        main()
    else:
        sys.exit(inside())
