#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The control room as an operator has it: a real window (Xvfb, AT-SPI) on a real daemon and a real chain."""
import json
import os
import re
import subprocess
import sys
import time

from pt_case import PATIENCE, case, check, equal, main, stack_in_folder
from pt_files import make_map, make_places
from pt_window import Console, forget, html_server, inside, is_inside, json_server
from pt_world import World, ask, wait_until

from pt_stack import free_port, now_ms, program_path

AREA = "test-east"
SITES = 12
OTHER_CONTRACT = "0x" + "11" * 20


class Room:
    """A daemon with a chain, a dozen sites that have supply, and what was measured."""

    def __init__(self, stack):
        self.stack = stack
        stack.write_config(batch_period="2s", chain_public_rpc=stack.rpc_url, chain_confirmations=1, map_places=None)
        stack.start_daemon()
        self.world = World(stack, AREA)
        for number in range(SITES):
            self.world.register(f"tx-{number}", customers=10 + number, lat=255942345 + number * 40000, lon=851374321 + number * 60000)
        self.world.post(*[self.world.report(f"tx-{number}", "ON") for number in range(SITES)])

    def off(self, number):
        self.world.say(f"tx-{number}", "OFF")

    def anchored(self, number):
        """The site's newest report is in a final batch; its row."""
        target = f"/sites/S-tx-{number}/reports?area={AREA}"
        return wait_until("the report is anchored", lambda: next((row for row in self.stack.get(target)["reports"][:1] if row["state"] == "final"), None))


def choose(console, name):
    """A row of the list of outages, by what it says."""
    def look():
        listed = console.wait_find("^Outages that last$", "list")
        for number in range(listed.get_child_count()):
            if console.find(name, root=listed.get_child_at_index(number)) is not None:
                console.select(listed, number)
                return
        check(False, f"{name} is in the list: {console.texts(listed)}")

    console.look(look)


def enabled(console, name):
    return console.wait(f"“{name}” can be pressed", lambda: next((node for node in console.find_all(f"^{name}$", "push button") if console.enabled(node)), None))


@case
def test_outage_to_proof():
    """An outage appears, is chosen, verified and saved; the daemon goes and comes back."""
    with stack_in_folder() as stack:
        room = Room(stack)
        with Console("--url", stack.url) as console:
            console.wait_says(r"^Live · ")
            console.wait_says("^All 12 sites have supply.$")
            outage_appears(room, console)
            verify_and_save(room, console)
            daemon_leaves(room, console)


def outage_appears(room, console):
    window = console.window()
    room.off(3)
    acknowledged = time.monotonic()
    console.wait("the outage", lambda: console.find(r"^S-tx-3$", root=window), pause=0)
    seconds = time.monotonic() - acknowledged
    print(f"# an outage was in the window {seconds * 1000:.0f} ms after its acknowledgement (a walk through the window's tree included)")
    console.wait_says(r"^Outages  1$")
    console.wait_says(rf"^S-tx-3, area {AREA} · 13 customers$")  # the log


def contents(path):
    with open(path, "rb") as file:
        return file.read()


def verify_and_save(room, console):
    choose(console, "^S-tx-3$")
    console.wait_says(rf"^area {AREA} · transformer · 13 customers$")
    console.wait_says("^No supply since ")
    console.wait_says(r"counter 2 · ")
    row = room.anchored(3)
    console.wait_says(rf"counter {row['seq']} · .*final")  # of what is final it offers the newest, and it may hear of this one later than we do
    console.press(enabled(console, "Verify"))
    console.wait_says("^Verified here: this report is what the device signed")
    check(not console.says("^Not checked"), f"every step was checked: {console.texts()}")
    path = save_proof(console)
    status, _, body = ask(room.stack, f"/api/v1/proof?device=tx-3&seq={row['seq']}&area={AREA}")
    equal(status, 200, "the daemon's answer")
    console.wait("what was saved is the daemon's answer", lambda: contents(path) == body)  # the file is there before it is written
    equal(os.path.basename(path), f"{AREA}-tx-3-{row['seq']}.powertrack-proof.json", "its name")
    room.stack.verify(path)
    room.off(3)  # a newer report comes, and is anchored: what was verified stays in sight
    console.wait_says(r"counter 3 · ")
    room.anchored(3)
    console.wait_says(r"counter 3 · .*final")
    console.wait_says("^Verified here: this report is what the device signed")
    reports = console.wait_find("^Last reports$", "list")
    console.select(reports, 0)  # another one is asked about: what was found stays below
    console.wait_says("^Not checked yet. ")
    console.wait_says(r"^Checked at \S+: the report “off” of \S+. Verified here: this report is what the device signed")
    console.press(enabled(console, "Verify"))
    console.wait_says("^Verified here: this report is what the device signed")


def save_proof(console):
    folder = os.environ["HOME"]
    console.press(enabled(console, "Save proof…"))
    console.press(console.wait("the dialog's button", lambda: next((node for node in console.find_all("^_?Save( Save)?$", "push button") if console.enabled(node)), None)))

    def saved():
        return [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names if name.endswith(".powertrack-proof.json")]

    # The sentence that says so stays for five seconds, which a walk through a busy window's tree may miss.
    console.wait("the saved proof", saved)
    equal(len(saved()), 1, f"files saved below {folder}")
    return saved()[0]


def daemon_leaves(room, console):
    room.stack.stop("powertrackd")
    console.wait_says("^Stale · last heard ")
    console.wait_says("^Last heard .* ago. The line to ")
    console.wait_says("^As it was .* ago$")
    console.wait_says("^S-tx-3$")
    room.stack.start_daemon()
    console.key("ctrl+r")
    console.wait_says("^Live · ")
    room.world.say("tx-3", "ON")
    console.wait_says("^All 12 sites have supply.$")
    room.off(5)
    console.wait_says("^S-tx-5$")


@case
def test_other_contract():
    """A daemon that names another contract than the one that is trusted changes nothing by itself, and is told."""
    with stack_in_folder() as stack:
        Room(stack)
        config = os.path.join(os.environ["XDG_CONFIG_HOME"], "powertrack", "console.ini")
        os.makedirs(os.path.dirname(config), exist_ok=True)
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"[chain]\ncontract={OTHER_CONTRACT}\nchain-id=31337\nfrom-block=0\n")
        try:
            with Console("--url", stack.url) as console:
                console.wait_says(r"^Live · ")
                console.wait_says(f"^This daemon names contract {stack.contract}; the one that you trust is {OTHER_CONTRACT}")
                enabled(console, "Connections…")
        finally:
            with open(config, encoding="utf-8") as file:
                kept = file.read()
            os.unlink(config)
        check(OTHER_CONTRACT in kept and stack.contract.lower() not in kept.lower(), f"what is trusted stays: {kept}")


@case
def test_keys():
    """Everything without a mouse: find, choose, verify, leave, pages, shortcuts."""
    with stack_in_folder() as stack:
        room = Room(stack)
        room.off(7)
        room.anchored(7)
        with Console("--url", stack.url) as console:
            console.wait_says("^S-tx-7$")
            console.key("ctrl+f")
            console.type("S-tx-9")
            console.key("Return")
            console.wait_says("^Has supply since ")
            console.wait_says("^S-tx-7$")  # who found what they searched for sees all again
            console.key("Escape")  # leaves the site
            console.wait("the panel goes", lambda: not console.says("^Has supply since "))
            console.key("Down")
            console.wait_says("^No supply since ")
            enabled(console, "Verify")
            console.key("ctrl+Return")
            console.wait_says("^Verified here: ")
            unnamed(console)
            panes = set()
            for _ in range(4):
                before = console.focused()
                console.key("F6")
                panes.add(console.wait("the focus moves", lambda before=before: (now := console.focused()) != before and now[0]))
            check(len(panes) >= 3, f"F6 goes round: {panes}")
            console.key("ctrl+3")
            console.wait_says(rf"^{AREA}$")
            console.wait_says("^Chain 31337 · contract 0x")
            console.key("ctrl+1", "ctrl+question")
            console.wait_says("^Verify the chosen report$")


def unnamed(console):
    """Whatever can be pressed says what it does."""
    def look():
        for node in console.walk():
            if node.get_role_name() in ("push button", "toggle button", "combo box", "entry"):
                said = [console.text(node), console.text(node.get_parent())]  # a drop-down's button is in what has the name
                check(any(words and not words.startswith("Gtk") for words in said), f"a {node.get_role_name()} without a name at {console.place(node)}: {said}")

    console.look(look)


TOWNS = """# attribution: Those who name
place\t9000\t25.5943\t85.1375\tKankarbagh
place\t5000\t25.6350\t85.1980\tFatuha Júnior
"""


@case
def test_places():
    """A daemon with a list of places: their names in list, panel and log; a search finds sites by them, accents or not."""
    with stack_in_folder(chain=False) as stack:
        places = make_places(stack.folder, TOWNS)
        stack.write_config(map_light=make_map(stack.folder, names="apart"), map_dark=None, map_places=places)
        stack.start_daemon()
        world = World(stack, AREA)
        for number, (lat, lon) in enumerate(((255942345, 851374321), (256350000, 851980000))):
            world.register(f"tx-{number}", customers=10 + number, lat=lat, lon=lon)
        world.post(*[world.report(f"tx-{number}", "ON") for number in range(2)])
        named = {row["site"]: row["place"] for row in map(json.loads, ask(stack, "/api/v1/sites?format=ndjson")[2].splitlines())}
        equal(named, {"S-tx-0": "Kankarbagh", "S-tx-1": "Fatuha Júnior"}, "what sites are near to")
        with Console("--url", stack.url) as console:
            console.wait_says("^All 2 sites have supply.$")
            for number in range(2):
                world.say(f"tx-{number}", "OFF")
            console.wait_says("^Kankarbagh$")
            console.wait_says(rf"^S-tx-0 · area {AREA}$")
            console.wait_says(rf"^Kankarbagh, site S-tx-0, area {AREA}, without supply for ")
            console.wait_says(rf"^Fatuha Júnior, site S-tx-1, area {AREA} · 11 customers$")  # the log of events
            choose(console, "^Fatuha Júnior$")
            console.wait_says(rf"^site S-tx-1 · area {AREA} · transformer · 11 customers$")
            console.wait("heading in list and panel", lambda: len(list(console.find_all("^Fatuha Júnior$", "label"))) == 2)
            console.key("ctrl+f")
            console.type("kankar")
            console.wait("only that one is listed", lambda: not console.says(rf"^S-tx-1 · area {AREA}$"))
            check(console.says(rf"^S-tx-0 · area {AREA}$"), "what matches stays")
            console.key("Return")
            console.wait_says(rf"^site S-tx-0 · area {AREA} · transformer · 10 customers$")
            console.key("ctrl+f")
            console.type("junior")
            console.key("Return")
            console.wait_says(rf"^site S-tx-1 · area {AREA} · transformer · 11 customers$")
            world.say("tx-0", "ON")
            console.wait_says(rf"^Kankarbagh, site S-tx-0, area {AREA}, after ")


@case
def test_known_from():
    """A device that is two days old with fifty reports: of the last seven days five are not known, and the bar's words say so."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(map_places=None)
        stack.start_daemon()
        world, now = World(stack, AREA), now_ms()
        world.register("tx-1", ts=now - 30 * 86_400_000)
        begun = now - 2 * 86_400_000
        world.post(*[world.report("tx-1", "ON", ts=begun + number * 60_000) for number in range(50)])
        world.say("tx-1", "OFF", ts=now - 60_000)
        with Console("--url", stack.url) as console:
            console.wait_says("^S-tx-1$")
            choose(console, "^S-tx-1$")
            console.wait_says(r"^1 interruption in the last seven days, \d+ min in all\. Not known: (5 d 0 h|4 d 23 h)\.$")


@case
def test_files_without_daemon():
    """A bundle, a tampered one, a batch file, nonsense and nothing at all: no daemon anywhere."""
    with stack_in_folder() as stack:
        room = Room(stack)
        room.off(1)
        row = room.anchored(1)
        _, _, bundle = ask(stack, f"/api/v1/proof?device=tx-1&seq={row['seq']}&area={AREA}")
        _, _, batch = ask(stack, "/ipfs/" + stack.get(f"/batches/{AREA}/{row['batch']}")["cid"])
        stack.stop("powertrackd")
        files = {}
        for name, data in {"true": bundle, "tampered": bundle.replace(b"OFF", b"ON"), "batch": batch, "cut": batch[:-40], "nonsense": b"\0\xff{", "empty": b""}.items():
            files[name] = os.path.join(stack.folder, f"{name}.json")
            with open(files[name], "wb") as file:
                file.write(data)
        check(bundle != bundle.replace(b"OFF", b"ON"), "the report was turned round")
        with_chain(stack, files)
        with Console(files["tampered"], "--rpc", stack.rpc_url) as console:
            console.wait_says("^Refused: this proof does not hold. Something was changed.$")
            check(not console.says("^Verified here"), "it is shown as verified")
        no_proofs(files)
        with Console(files["batch"]) as console:
            console.wait_says("^It says: this is a part of the public record$")
            console.wait_says("^Nothing here is wrong, but not everything could be checked.$")
        with Console(os.path.join(stack.folder, "none.json")) as console:
            console.wait_says("^This file could not be read.$")
        with Console(stack.folder) as console:
            console.wait_says("^It is no file but a folder or a device.$")


def no_proofs(files):
    """A wrong attachment is no forgery: nobody is accused, nothing is said of steps that could not begin, another file can be chosen."""
    for name, words in (("cut", "^This is no whole batch file.$"), ("nonsense", "^This is no proof file.$"), ("empty", "^This is no proof file.$")):
        with Console(files[name]) as console:
            console.wait_says(words)
            said = console.texts()
            check(not [text for text in said if re.search("Refused|Something was changed|Not checked|Verified", text)], f"{name}: {said}")
            console.wait_says("Choose another file.$")
    with Console(files["nonsense"]) as console:
        console.press_button("^Choose another file…$")
        console.wait("the dialog", lambda: len(console.windows()) == 2)
        console.type(files["true"])
        console.key("Return")
        console.wait_says("^It says: supply was off at ")
        check(not console.says("^This is no proof file.$"), "the file before is forgotten")


@case
def test_log():
    """Many that go off at once are one line; steps of batches are hidden, and counted, until they are asked for."""
    with stack_in_folder() as stack:
        room = Room(stack)
        with Console("--url", stack.url) as console:
            console.wait_says(r"^Live · ")
            room.world.post(*[room.world.report(f"tx-{number}", "OFF") for number in range(8)])
            console.wait_says(rf"^8 sites, area {AREA} · 108 customers$")
            room.world.say("tx-0", "ON")
            console.wait_says(rf"^S-tx-0, area {AREA}, after .* · 10 customers$")
            hides = console.wait_find(r"^\d+ lines? of anchoring hidden$")
            step = rf"^area {AREA}(, batch \d+|: \d+ batches), \d+ entr.* · block "
            check(not console.says(step), "steps of batches are hidden")
            console.press(hides)
            console.wait_says(step)
            console.press_button("^Power$")
            console.wait_find(r"^\d+ lines? of power hidden$")
            console.wait("what is off is hidden", lambda: not console.says(r"^8 sites, "))
            check(console.says(step), "and what is not hidden stays")


LETTERS = ("Sans 11", "Sans 20")
GROWS = ("^S-tx-3$", f"^area {AREA}$", "^Last 7 days$", "^No supply since ", "^1$")


@case
def test_large_letters():
    """Headings, rows, tiles and captions grow with the reader's letters; legend and attribution do not lie on each other."""
    settings = os.path.join(os.environ["XDG_CONFIG_HOME"], "gtk-4.0", "settings.ini")
    os.makedirs(os.path.dirname(settings), exist_ok=True)
    with stack_in_folder() as stack:
        room = Room(stack)
        room.off(3)
        heights = []
        for letters in LETTERS:
            with open(settings, "w", encoding="utf-8") as file:
                file.write(f"[Settings]\ngtk-font-name={letters}\n")
            with Console("--url", stack.url) as console:
                console.resize(1024, 640)
                console.wait_says("^S-tx-3$")
                legend, said = (console.place(console.wait_find(words)) for words in ("^What the symbols mean$", "^Natural Earth"))
                check(said[1] >= legend[1] + legend[3] or said[0] >= legend[0] + legend[2], f"legend {legend} and attribution {said} lie apart")
                console.resize(1500, 900)
                choose(console, "^S-tx-3$")
                console.wait_says("^No supply since ")
                heights.append([console.place(console.wait_find(words, "label"))[3] for words in GROWS])
    os.unlink(settings)
    for words, usual, large in zip(GROWS, *heights):
        check(large > 1.4 * usual, f"{words} grows with the letters: {usual} to {large} pixels")


@case
def test_drop():
    """Files are dragged from another program's window and let fall on the console: a window for each."""
    folder = os.environ["PT_INSIDE"]
    names = [os.path.join(folder, name) for name in ("first.json", "second of two.json")]
    for name in names:
        with open(name, "wb") as file:
            file.write(b"{}")
    with Console("--url", f"http://127.0.0.1:{free_port()}") as console:
        console.resize(1200, 800)
        manager = subprocess.Popen([os.path.join(os.environ["PT_BUILD_DIR"], "tests", "app", "drag-source"), *names])
        try:
            found = subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--pid", str(manager.pid)], stdout=subprocess.PIPE, text=True, check=True, timeout=PATIENCE)
            console.xdotool("windowmove", "--sync", found.stdout.split()[-1], "1300", "100")
            console.drag((1400, 200), (600, 400), held=lambda: console.wait_says("^Let go to check what you hold$"))
            for name in names:
                title = "^" + os.path.basename(name) + "$"
                console.wait(f"a window of {name}", lambda title=title: any(console.find(title, root=window) for window in console.windows()))
            console.wait("the words are gone", lambda: not console.says("^Let go to check what you hold$"))
        finally:
            manager.terminate()
            manager.wait(PATIENCE)


def with_chain(stack, files):
    with Console(files["true"]) as console:
        console.wait_says("^It says: supply was off at ")
        console.wait_says("^Nothing here is wrong, but not everything could be checked.$")
        console.wait_says("^Not checked: ")
        for title, text in (("Chain endpoint (RPC address)", stack.rpc_url), ("Contract (number of the chain:0x…)", f"31337:{stack.contract}")):
            asked = next(node for node in console.find_all() if console.text(node) == title and node.get_editable_text_iface() is not None)
            console.enter(asked, text)
        console.press_button("Check again")
        console.wait_says("^The record's root is the one on the blockchain.$")


@case
def test_not_a_daemon():
    """Nobody on the bus, nothing at the address, and something else than a daemon."""
    forget()
    with Console() as console:
        console.wait_says("^Looking for a daemon…$")
        console.wait_says("Waiting for a daemon to come to this computer's bus.")
        console.wait_says("^No daemon yet$")
    with Console("--url", f"http://127.0.0.1:{free_port()}") as console:
        console.wait_says("^No connection to http://127.0.0.1:")
    with html_server() as url, Console("--url", url) as console:
        console.wait_says("^Not understood$")
        console.wait_says("is no daemon that this console understands")
    address = f"http://127.0.0.1:{free_port()}"
    with Console(address) as console:  # among the files, as one types it
        console.wait_says(f"^No connection to {address}")
    with Console("--url", "no address at all") as console:
        console.wait_says("^No connection to http://no address at all. ")


@case
def test_other_version():
    """A daemon whose version is another one: said in words, nothing shown as if it were understood."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        status = stack.get("/status")
        status["version"] = "9.0.0"
        with json_server(status) as url, Console("--url", url) as console:
            console.wait_says("^Not understood$")
            console.wait_says("The daemon's version is 9.0.0, this console's is ")


@case
def test_connections():
    """A wrong address is mended in the window; the menu's other windows open and close."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        World(stack, AREA).register("tx-1")
        with Console("--url", f"http://127.0.0.1:{free_port()}") as console:
            console.wait_says("^No connection to http://127.0.0.1:")
            console.key("F10", "Down", "Return")  # the menu's second
            row = console.wait("the entry", lambda: next((node for node in console.find_all(r"^Daemon \(http://host:port\)$") if node.get_editable_text_iface()), None))
            console.enter(row, stack.url)
            console.press(console.wait_find("^(_?Use ?)+$", "push button"))
            console.wait_says("^Live · ")
            check(not console.says("^No connection"), "the other window has gone")
            console.key("F10", "Up", "Return")  # the menu's last: about
            console.wait_says("^The Power Tracker authors$")
            console.key("Escape")
            console.key("ctrl+o")
            console.wait_says("^Check files$")
            console.key("Escape")
            console.wait_says("^Live · ")
    forget()


@case
def test_command_line():
    program = program_path(os.environ["PT_BUILD_DIR"], "powertrack-console")
    done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=PATIENCE, check=False)
    equal((done.returncode, done.stdout.split()[0]), (0, "powertrack-console"), "--version")
    done = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=PATIENCE, check=False)
    equal(done.returncode, 0, "--help")
    for option in ("--url", "--rpc", "FILE"):
        check(option in done.stdout, f"--help tells of {option}")
    done = subprocess.run([program, "--wrong"], capture_output=True, text=True, timeout=PATIENCE, check=False)
    check(done.returncode != 0 and "--wrong" in done.stderr, "an unknown option is refused")


@case
def test_remembers():
    """Size and address come back with the next start; a spoilt file does no harm."""
    config = forget()
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        with Console("--url", stack.url) as console:
            console.wait_says("^Live · ")
            console.key("ctrl+w")
            equal(console.child.wait(PATIENCE), 0, "its exit code")
        with open(config, encoding="utf-8") as file:
            check(f"daemon={stack.url}" in file.read(), "the address is remembered")
        with Console() as console:
            console.wait_says("^Live · ")
        for text in ("", "[window\nwidth=", "[window]\nwidth=-5\nheight=99999999999\nscheme=pink\n"):
            with open(config, "w", encoding="utf-8") as file:
                file.write(text)
            with Console("--url", stack.url) as console:
                console.wait_says("^Live · ")
        os.unlink(config)


if __name__ == "__main__":
    if is_inside():
        os.chdir(os.environ["PT_INSIDE"])  # where the console's dialogs begin
        main()
    sys.exit(inside(os.path.abspath(__file__), *sys.argv[1:]))
