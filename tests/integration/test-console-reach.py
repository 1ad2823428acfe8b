#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The control room: what people see is true, and can be reached. A real window (Xvfb, AT-SPI) on a real daemon."""
import os
import re
import subprocess
import sys

from pt_case import case, check, equal, main, stack_in_folder
from pt_window import Console, forget, inside, is_inside, json_server
from pt_world import World

from pt_stack import free_port

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
            console.wait_says("^Live · ")
            bus.go()
            for state, words in (("OFF", "^7 customers$"), ("ON", "^The one site has supply.$"), ("OFF", "^7 customers$")):
                world.say("tx-1", state)
                console.wait_says(words)
            console.key("ctrl+question")
            console.wait_says("^Verify the chosen report$")
    forget()
    with private_bus() as bus, Console(env=bus.env) as console:
        console.wait_says("^Looking for a daemon…$")
        bus.go()
        console.key("ctrl+question")
        console.wait_says("^Verify the chosen report$")


NUMBERS = r"^(sites? without supply|customers?|sites? silent)$"


def no_number(console):
    """Nothing is known: no zero stands anywhere, and nothing is said of sites or of what happened."""
    said = console.texts()
    check(not [text for text in said if re.search(NUMBERS + r"|^\d[\d,]*$|have supply|has happened|background is not", text)], f"no number of what nobody knows: {said}")


@case
def test_nothing_known():
    """Nobody answers: what is missing, why, and an entry for another address instead of zeroes; with it everything is there."""
    forget()
    with Console() as console:
        console.wait_says("^No daemon yet$")
        console.wait_says("^Waiting for a daemon to come to this computer's bus.$")
        no_number(console)
    address = f"http://127.0.0.1:{free_port()}"
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        World(stack, AREA).register("tx-1", customers=7)
        with Console("--url", address) as console:
            console.wait_says(f"^No connection to {address}. ")
            equal(console.texts().count("Looking for a daemon…"), 0, "it knows the address")
            no_number(console)
            entry = console.wait("the entry", lambda: next((node for node in console.find_all("^The daemon's address") if node.get_editable_text_iface()), None))
            equal(Console.content(entry), address, "what was tried")
            console.key("ctrl+a")  # the entry has the focus
            console.type(stack.url)
            console.key("Return")
            console.wait_says("^Live · ")
            console.wait_says("^sites without supply$")
            check(not console.says("^No connection"), "all of the page has gone")
        with Console("--url", address) as console:
            entry = console.wait("the entry", lambda: next((node for node in console.find_all("^The daemon's address") if node.get_editable_text_iface()), None))
            console.enter(entry, stack.url)
            console.press_button("^Connect$")
            console.wait_says("^Live · ")
    forget()


@case
def test_other_versions():
    """Another version's daemon: both versions are named and which to update, even where it calls its members otherwise."""
    for version, words in (("9.0.0", "update this console"), ("0.0.1", "update the daemon")):
        with json_server({"version": version, "groups": {}}) as url, Console("--url", url) as console:
            console.wait_says(rf"The daemon's version is {version}, this console's is [\d.]+: {words}\.$")
            no_number(console)


if __name__ == "__main__":
    if is_inside():
        os.chdir(os.environ["PT_INSIDE"])  # where the console's dialogs begin
        main()
    sys.exit(inside(os.path.abspath(__file__), *sys.argv[1:]))
