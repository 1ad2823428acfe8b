#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The control room: what people see is true, and can be reached. A real window (Xvfb, AT-SPI) on a real daemon."""
import os
import re
import subprocess
import sys

from pt_case import case, check, equal, main, stack_in_folder
from pt_files import make_map, make_places
from pt_window import Console, forget, inside, is_inside, json_server
from pt_world import World, wait_until

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
            for state, words in (("OFF", "· 7 customers$"), ("ON", "^The one site has supply.$"), ("OFF", "· 7 customers$")):
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


class Town:
    """A daemon with a few dozen sites, all of which have supply."""

    def __init__(self, stack, sites=40, **config):
        stack.write_config(batch_period="2s", map_places=None, **config)
        stack.start_daemon()
        self.world = World(stack, AREA)
        lines = [self.world.device(f"tx-{number}", customers=10 + number, lat=255500000 + number % 7 * 300000, lon=850500000 + number % 11 * 200000) for number in range(sites)]
        self.world.take("/registrations", lines)
        self.world.post(*[self.world.report(f"tx-{number}") for number in range(sites)])

    def off(self, *numbers):
        self.world.post(*[self.world.report(f"tx-{number}", "OFF") for number in numbers])

    def on(self, *numbers):
        self.world.post(*[self.world.report(f"tx-{number}") for number in numbers])


def outages(console):
    return console.wait_find("^Outages that last$", "list")


def stands_at(console, listed, down):
    """What a click so many pixels below the list's top chooses: the panel's line about it."""
    console.key("Escape")
    console.wait("no site is chosen", lambda: not console.says("^(No|Has) supply since"))
    x, y, width, _ = console.place(listed)
    console.click_at(x + width // 3, y + down)
    return console.wait("a site is chosen", lambda: next((text for text in console.texts() if re.search(rf"^area {AREA} · transformer · ", text)), None))


@case
def test_lists_begin_at_their_top():
    """Rows that come while a list loads don't hide what stands above; who has scrolled keeps their place, and is told of the rest."""
    with stack_in_folder(chain=False) as stack:
        town = Town(stack)
        for number in range(30):
            town.off(number)  # each weighs more than the one before: they come in at the top
        with Console("--url", stack.url) as console:
            console.resize(1100, 640)
            console.wait_says("^Outages  30$")
            listed = outages(console)
            console.wait("its rows", lambda: console.find("^S-tx-29, ", "list item", listed))
            equal(stands_at(console, listed, 20), f"area {AREA} · transformer · 39 customers", "the weightiest is on top")
            console.key("Escape")
            town.off(30, 31)
            console.wait("what came later", lambda: console.find("^S-tx-31, ", "list item", listed))
            equal(stands_at(console, listed, 20), f"area {AREA} · transformer · 41 customers", "what came later is on top")
            check(not console.says("new above"), "nothing is above")
            x, y, width, height = console.place(listed)
            console.xdotool("mousemove", "--window", console.window_id(), str(x + width // 2), str(y + height // 2), "click", "--repeat", "8", "5")
            held = stands_at(console, listed, 200)
            check(held != stands_at(console, listed, 20), "other rows are elsewhere")
            town.off(35)
            console.wait_says("^1 new above$")
            town.off(34, 36)
            console.wait_says("^3 new above$")
            equal(stands_at(console, listed, 200), held, "what was in sight keeps its place")
            console.press_button("^3 new above$")
            equal(stands_at(console, listed, 20), f"area {AREA} · transformer · 46 customers", "the button goes to the top")
            check(not console.says("new above"), "all of it is seen")


@case
def test_batches_begin_at_the_newest():
    """Anchoring opens at its newest batch, and stays there while more come; its rows say what they are."""
    areas = [f"area-{number:02}" for number in range(12)]
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="2s", map_places=None)
        stack.start_daemon()
        world = World(stack, *areas)
        for area in areas:
            world.register("tx-1", area=area)
        batches_grow(stack, world, areas, 1)
        batches_grow(stack, world, areas, 2)
        with Console("--url", stack.url) as console:
            console.resize(1100, 640)
            console.wait_says("^Live · ")
            console.key("ctrl+3")
            for number in (2, 3):
                if number == 3:
                    batches_grow(stack, world, areas, 3)
                newest = stack.get("/batches?limit=1")["batches"][0]
                console.wait_find(f"^area {newest['area']}, batch {number}: published, ", "table row")
                x, y, _, _ = console.place(console.find("^Batches, newest first$"))
                console.click_at(x + 100, y + 48)
                chosen = console.wait("a chosen row", lambda: next((node for node in console.find_all("^area ", "table row") if node.get_state_set().contains(console.atspi.StateType.SELECTED)), None))
                check(console.text(chosen).startswith(f"area {newest['area']}, batch {number}: "), f"the newest is on top: {console.text(chosen)}")


def batches_grow(stack, world, areas, number):
    world.post(*[world.report("tx-1", area=area) for area in areas])
    wait_until("each area's batch", lambda: all(len(stack.get(f"/batches?area={area}")["batches"]) >= number for area in areas))


def names_of(console, pattern):
    """What the rows begin with, in the order that they are shown in."""
    return [console.text(node).split(",")[0] for node in console.find_all(pattern, "list item")]


@case
def test_panes():
    """F6 goes to what one means in a pane; what has the focus says what it is."""
    with stack_in_folder(chain=False) as stack:
        town = Town(stack)
        with Console("--url", stack.url) as console:
            console.wait_says("^All 40 sites have supply.$")
            town.off(3, 4, 5)
            console.wait_says("^Outages  3$")
            console.wait("the log", lambda: console.find("S-tx-5, area", "list item"))
            console.wait("the list in its order", lambda: names_of(console, "without supply for")[:1] == ["S-tx-5"])
            console.key("ctrl+f")
            for role, name in (("list item", "^S-tx-5, .*without supply for "), (None, "^Map of all sites$"), ("list item", "off: S-tx-"), ("list item", "^S-tx-5, ")):
                console.key("F6")
                console.wait(f"the focus is on {name}", lambda role=role, name=name: is_focused(console, role, name))
            console.key("Down")
            console.wait_says("^No supply since ")
            console.key("shift+F6")
            console.wait("the focus is in the panel", lambda: is_focused(console, "push button", "^(Verify|Save proof…|Close the site)$"))
            for name in ("^Order of the list: by customers$", "^Area: All areas$"):
                console.wait_find(name)
            console.press_button("^Close the site$")
            console.wait("the panel goes", lambda: not console.says("^No supply since "))


def is_focused(console, role, name):
    found, words = console.focused()
    return found != "" and role in (None, found) and re.search(name, words)


TOWNS = """# attribution: Those who name
place\t9000\t25.5500\t85.0500\tKankarbagh
place\t5000\t25.9000\t85.6000\tFatuha Júnior
"""


@case
def test_search():
    """A search is one: places with counts and sites with their state below the entry, by keys; numbers say that they are of a part."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="2s", map_light=make_map(stack.folder, names="apart"), map_dark=None, map_places=make_places(stack.folder, TOWNS))
        stack.start_daemon()
        world = World(stack, AREA)
        for number in range(6):
            lat, lon = ((255500000, 850500000), (259000000, 856000000))[number // 3]
            world.register(f"tx-{number}", customers=10 + number, lat=lat + number * 1000, lon=lon)
        world.post(*[world.report(f"tx-{number}", "OFF" if number in (0, 1, 4) else "ON") for number in range(6)])
        with Console("--url", stack.url) as console:
            console.wait_says("^Outages  3$")
            console.key("ctrl+f")
            console.type("kanka")
            console.wait_find("^Kankarbagh, 3 sites, 2 without supply$", "list item")
            found = [console.text(node) for node in console.find_all(rf"^S-tx-\d, (on|off) · Kankarbagh, area {AREA}$", "list item")]
            equal([text[:11] for text in found], ["S-tx-1, off", "S-tx-0, off", "S-tx-2, on "], "the sites, off before on, the weightier first")
            console.wait_says("^Outages  2 of 3$")
            console.wait_says("^2 of 3 here$")
            console.wait_says("^21$")  # their customers
            console.key("Down")
            console.wait("the first result has the focus", lambda: is_focused(console, "list item", "^Kankarbagh, 3 sites"))
            console.key("Down")
            console.wait("the second", lambda: is_focused(console, "list item", "^S-tx-1, off"))
            console.key("Up", "Return")  # the place
            console.wait("the outages there have the focus", lambda: is_focused(console, "list item", "^Kankarbagh, site S-tx-1, .*without supply"))
            console.wait_says("^2 of 3 here$")
            console.key("Escape")  # leaves the search
            console.wait_says("^Outages  3$")
            console.key("ctrl+f")
            console.type("S-tx-5")
            console.wait_find("^S-tx-5, on · Fatuha Júnior", "list item")
            console.key("Return")
            console.wait_says("^Has supply since ")
            console.wait_says(rf"^site S-tx-5 · area {AREA} · transformer · 15 customers$")
            console.key("ctrl+f")
            console.type("zzzz")
            console.wait_says("^Nothing found. Try a town, or the number of a site.$")
            console.key("Escape")
            console.wait("the words are gone", lambda: not console.says("^Nothing found"))


@case
def test_feeders():
    """What hangs on one feeder stands together below a heading that counts it; panel, rows and search know it."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="2s", map_places=None)
        stack.start_daemon()
        world = World(stack, AREA)
        for number, feeder in enumerate(("F-20", "F-10", "F-20", None, "F-10", "F-20")):
            world.register(f"tx-{number}", customers=10 + number, lat=255500000 + number * 30000, feeder=feeder)
        world.post(*[world.report(f"tx-{number}", "OFF") for number in range(5)])
        with Console("--url", stack.url) as console:
            console.resize(1280, 800)
            console.wait_says("^Outages  5$")
            console.press(console.wait_find("^Order of the list: by customers$"))
            console.wait_says("^by feeder$")
            console.key("Down", "Down", "Down", "Return")
            console.wait_find("^Order of the list: by feeder$")
            for heading in ("^Feeder F-10: 2 sites, 25 customers$", "^Feeder F-20: 2 sites, 22 customers$", "^No feeder named: 1 site, 13 customers$"):
                console.wait_says(heading)
            console.wait("their order", lambda: [console.text(node).split(",")[0] for node in console.find_all("without supply", "list item")] == ["S-tx-4", "S-tx-1", "S-tx-2", "S-tx-0", "S-tx-3"])
            world.say("tx-5", "OFF")
            console.wait_says("^Feeder F-20: 3 sites, 37 customers$")
            console.wait_says(rf"^area {AREA} · feeder F-20$")
            choose(console, "^S-tx-5, ")
            console.wait_says(rf"^area {AREA} · transformer · 15 customers · feeder F-20$")
            console.key("ctrl+f")
            console.type("F-10")
            console.wait_says("^Outages  2 of 6$")


def choose(console, name):
    """A row of the list of outages."""
    console.click(console.wait_find(name, "list item"))


@case
def test_chosen_site_is_in_sight():
    """In a narrow window list, map and panel have no room beside each other: a chosen site is seen all the same, and leaves by a button."""
    with stack_in_folder(chain=False) as stack:
        town = Town(stack)
        town.off(*range(20))
        for width in (1280, 950, 720):
            with Console("--url", stack.url) as console:
                console.wait_says("^Outages  20$")
                console.resize(width, 640)
                console.wait("rows", lambda: console.find("^S-tx-19, ", "list item"))
                console.key("Down")
                console.wait_says("^No supply since ")
                console.wait(f"the map is not covered at {width}", lambda: uncovered(console))
                console.press_button("^Close the site$")
                console.wait("the list is there", lambda: console.find("^S-tx-19, ", "list item"))


def uncovered(console):
    """The whole map is beside the panel, not beneath it; the map keeps what is chosen within it."""
    map_x, _, map_width, _ = console.place(console.find("^Map of all sites$"))
    panel_x = console.place(console.find("^Close the site$", "push button"))[0]
    return map_x + map_width <= panel_x


if __name__ == "__main__":
    if is_inside():
        os.chdir(os.environ["PT_INSIDE"])  # where the console's dialogs begin
        main()
    sys.exit(inside(os.path.abspath(__file__), *sys.argv[1:]))
