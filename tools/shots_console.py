#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The control room's pictures, for tools/shots.py: URL, RPC, FOLDER, a tampered proof, and a site
(none: the first of the list). Runs itself again below a display.

Keys and the clock only: during a storm thousands of things change a second, and nobody has to hear of each.
"""
import os
import subprocess
import sys
import time

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(ROOT, "tests", "integration"), os.path.join(ROOT, "tools")]

from pt_window import inside, is_inside  # noqa: E402

from pt_stack import Failure, program_path  # noqa: E402

SETTINGS = "[window]\nscheme={scheme}\nwidth={width}\nheight={height}\n"


class Room:
    """The control room in a window of its own."""

    def __init__(self, folder, *arguments, scheme="light", size=(1440, 900), env=None):
        config = os.path.join(os.environ["XDG_CONFIG_HOME"], "powertrack")
        os.makedirs(config, exist_ok=True)
        with open(os.path.join(config, "console.ini"), "w", encoding="utf-8") as file:
            file.write(SETTINGS.format(scheme=scheme, width=size[0], height=size[1]))
        self.folder = folder
        program = program_path(os.environ["PT_BUILD_DIR"], "powertrack-console")
        self.child = subprocess.Popen([program, *arguments], env={**os.environ, "GTK_A11Y": "none", **(env or {})}, stderr=subprocess.DEVNULL)

    def __enter__(self):
        until = time.monotonic() + 20
        while not self.window():
            if self.child.poll() is not None or time.monotonic() > until:
                raise Failure("the console did not open a window")
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait(10)

    def window(self):
        command = ["xdotool", "search", "--onlyvisible", "--pid", str(self.child.pid), "--name", "."]
        found = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout.split()
        return found[-1] if found else None

    def keys(self, *names, wait=1.0):
        # Without a window manager nobody else gives it the keys.
        subprocess.run(["xdotool", "windowfocus", "--sync", self.window()], check=False)
        for name in names:
            subprocess.run(["xdotool", "key", "--clearmodifiers", name], check=False)
            time.sleep(0.3)
        time.sleep(wait)

    def write(self, text):
        subprocess.run(["xdotool", "type", text], check=False)
        time.sleep(1)

    def shot(self, name):
        subprocess.run(["import", "-window", self.window(), os.path.join(self.folder, f"{name}.png")], check=True)


def series(folder, name, url, rpc, site, **more):
    with Room(folder, "--url", url, "--rpc", rpc, **more) as room:
        time.sleep(7)
        room.shot(name)
        if site:
            room.keys("ctrl+f", wait=0)
            room.write(site)
            room.keys("Return", wait=6)
        else:
            room.keys("Down", wait=6)
        room.keys("ctrl+Return", wait=4)
        room.shot(f"{name}-verified")
        room.keys("ctrl+3", wait=2)
        room.shot(f"{name}-anchoring")


def complaint(folder, name, url, rpc, **more):
    """The page of complaints with one of the first chosen."""
    with Room(folder, "--url", url, "--rpc", rpc, **more) as room:
        time.sleep(7)
        room.keys("ctrl+2", wait=3)
        room.keys("Down", wait=5)
        room.shot(name)


def main(url, rpc, folder, bundle, site):
    series(folder, "console-light", url, rpc, site)
    series(folder, "console-dark", url, rpc, site, scheme="dark")
    series(folder, "console-hindi", url, rpc, site, env={"LANGUAGE": "hi", "LC_ALL": "C.UTF-8", "TEXTDOMAINDIR": os.path.join(os.environ["PT_BUILD_DIR"], "po")})
    complaint(folder, "console-complaint", url, rpc)
    complaint(folder, "console-complaint-dark", url, rpc, scheme="dark")
    with Room(folder, "--url", url, "--rpc", rpc, size=(1024, 640)) as room:
        time.sleep(7)
        room.shot("console-1024")
    with Room(folder, bundle, "--rpc", rpc) as room:
        time.sleep(4)
        room.shot("console-tampered")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if is_inside() else inside(os.path.abspath(__file__), *sys.argv[1:]))
