#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The control room's pictures, for tools/shots.py: URL, RPC, FOLDER, and a tampered proof. Runs itself again below a display."""
import os
import sys
import time

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "integration"))

from pt_window import Console, inside, is_inside  # noqa: E402

SETTINGS = "[window]\nscheme={scheme}\nwidth=1440\nheight=900\n"


def settings(scheme):
    folder = os.path.join(os.environ["XDG_CONFIG_HOME"], "powertrack")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "console.ini"), "w", encoding="utf-8") as file:
        file.write(SETTINGS.format(scheme=scheme))


def settle(console):
    """Tiles and fonts that are still on their way."""
    console.wait("the map", lambda: console.find("Natural Earth"), 20)
    time.sleep(3)


def choose(console, number=0):
    """The outage of that place in the list; whether its report is on the chain."""
    listed = next(node for node in console.walk() if node.get_role_name() == "list" and node.get_child_count() > 3)
    console.select(listed, number)
    time.sleep(1.5)
    button = verify_button(console)
    return button is not None and console.enabled(button)


def verify_button(console):
    """The one button that is coloured; its words are the language's."""
    names = ("Verify", "Verify again", "जाँचें", "फिर जाँचें")
    return next((node for node in console.walk() if node.get_role_name() == "push button" and console.text(node) in names), None)


def series(name, url, rpc, folder, scheme, env=None):
    settings(scheme)
    with Console("--url", url, "--rpc", rpc, env=env) as console:
        settle(console)
        console.screenshot(os.path.join(folder, f"{name}.png"))
        for number in range(8):
            if choose(console, number):
                break
        console.press(verify_button(console))
        time.sleep(4)
        console.screenshot(os.path.join(folder, f"{name}-verified.png"))
        console.key("ctrl+2")
        time.sleep(1)
        console.screenshot(os.path.join(folder, f"{name}-anchoring.png"))


def small(url, rpc, folder):
    settings("light")
    with Console("--url", url, "--rpc", rpc) as console:
        console.resize(1024, 640)
        settle(console)
        console.screenshot(os.path.join(folder, "console-1024.png"))


def tampered(path, rpc, folder):
    settings("light")
    with Console(path, "--rpc", rpc) as console:
        console.wait_says("^Refused: ", 30)
        time.sleep(1)
        console.screenshot(os.path.join(folder, "console-tampered.png"))


def main(url, rpc, folder, bundle):
    series("console-light", url, rpc, folder, "light")
    series("console-dark", url, rpc, folder, "dark")
    series("console-hindi", url, rpc, folder, "light", {"LANGUAGE": "hi", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"})
    small(url, rpc, folder)
    tampered(bundle, rpc, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if is_inside() else inside(os.path.abspath(__file__), *sys.argv[1:]))
