#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The control room: what people see is true, and can be reached. A real window (Xvfb, AT-SPI) on a real daemon."""
import os
import subprocess
import sys

from pt_case import case, main, stack_in_folder
from pt_window import Console, forget, inside, is_inside
from pt_world import World

AREA = "test-east"


class private_bus:  # pylint: disable=invalid-name
    """A session bus of the console's own, that can go; its accessible things stay on the bus where the test looks."""

    def __enter__(self):
        command = ["gdbus", "call", "--session", "-d", "org.a11y.Bus", "-o", "/org/a11y/bus", "-m", "org.a11y.Bus.GetAddress"]
        accessible = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split("'")[1]
        # pylint: disable-next=consider-using-with
        self.child = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address"], stdout=subprocess.PIPE, text=True)
        self.env = {"DBUS_SESSION_BUS_ADDRESS": self.child.stdout.readline().strip(), "AT_SPI_BUS_ADDRESS": accessible}
        return self

    def go(self):
        self.child.kill()
        self.child.wait()

    def __exit__(self, *_):
        self.go()
        self.child.stdout.close()


@case
def test_session_bus_goes():
    """The session bus ends: the control room goes on showing what happens, whether it was given an address or looks on the bus."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        world = World(stack, AREA)
        world.register("tx-1", customers=7)
        with private_bus() as bus, Console("--url", stack.url, env=bus.env) as console:
            console.wait_says("^Live · ", 60)
            bus.go()
            for state, words in (("OFF", "^7 customers$"), ("ON", "^The one site has supply.$"), ("OFF", "^7 customers$")):
                world.say("tx-1", state)
                console.wait_says(words, 60)
            console.key("ctrl+question")
            console.wait_says("^Verify the chosen report$", 60)
    forget()
    with private_bus() as bus, Console(env=bus.env) as console:
        console.wait_says("^Looking for a daemon…$", 60)
        bus.go()
        console.key("ctrl+question")
        console.wait_says("^Verify the chosen report$", 60)


if __name__ == "__main__":
    if is_inside():
        os.chdir(os.environ["PT_INSIDE"])  # where the console's dialogs begin
        main()
    sys.exit(inside(os.path.abspath(__file__), *sys.argv[1:]))
