#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page of complaints as an official has it: a real window, a real keyring in a session bus of its own, and an office that may lie or be faster."""
import contextlib
import json
import os
import re
import stat
import subprocess
import sys

import pt_keyring
from pt_case import case, check, equal, main, stack_in_folder
from pt_formats import sign
from pt_office import Office, key_text, new_key, office_server
from pt_people import People, make_png
from pt_window import Console, forget, inside, is_inside
from pt_world import World

from pt_stack import now_ms

AREA = "patna-east"
MINUTE = 60_000


@contextlib.contextmanager
def bench():
    """A daemon with six sites, three of them off, and complaints of each kind; yields (office, address, the other officer's key)."""
    forget()
    with stack_in_folder(chain=False) as stack:
        stack.write_config(map_places=None)
        stack.start_daemon()
        world, now = World(stack, AREA), now_ms()
        world.register(*[f"tx-{number}" for number in range(6)], ts=now - 3 * 86_400_000)
        world.post(*[world.report(f"tx-{number}", "ON", ts=now - 2 * 86_400_000) for number in range(6)])
        office = Office(AREA, world.authority)
        for number in (0, 1, 5):
            office.off[f"S-tx-{number}"] = now - 87 * MINUTE
            world.say(f"tx-{number}", "OFF", ts=now - 87 * MINUTE)
        other = new_key()
        office.register("ae-2", key_text(other), "officer", "Executive Engineer, Patna East")
        fill(office, other)
        with office_server(office, stack.url) as url:
            yield office, url, other


def fill(office, other):
    over = office.file("2611081740", "no-supply", "No supply", {"site": "S-tx-0"}, 132, resolve_min=60, place="Kankarbagh", joined=13)
    office.act(over, "assign", "ae-2", other, to="patna-office", minutes_ago=100)
    known = office.file("2611082213", "no-supply", "No supply", {"site": "S-tx-1"}, 78, place="Rajendra Nagar", feeder="F-07", joined=5,
                        text="Transformer near the school sparked, then all dark.")
    office.act(known, "acknowledge", "ae-2", other, note="crew called", minutes_ago=46)
    office.file("2611082637", "low-voltage", "Low voltage", {"site": "S-tx-2"}, 38, resolve_min=600, place="Boring Road")
    office.file("2611082900", "damaged-pole", "Damaged pole", {"lat": 256000000, "lon": 852000000}, 55, acknowledge_min=240, resolve_min=480, place="Patna City")
    against = office.file("2611080374", "no-supply", "No supply", {"site": "S-tx-5"}, 300, place="Kumhrar")
    office.act(against, "resolve", "ae-2", other, note="done", minutes_ago=1)


def show_page(console):
    console.wait_says(r"^Live · ")
    console.wait_says(r"^Complaints  \d+$")
    console.key("ctrl+2")
    console.wait_says("^closed against the evidence$")


def rows(console):
    """What the rows of the queue say, in order."""
    def look():
        listed = console.find("^Complaints$", "list")
        return [console.text(listed.get_child_at_index(number)) for number in range(listed.get_child_count())] if listed else []

    return console.look(look)


def pick(console, name):
    def choose():
        listed = console.wait("its row", lambda: any(name in row for row in rows(console)) and console.find("^Complaints$", "list"))
        listed.get_selection_iface().clear_selection()  # several may be chosen there
        console.select(listed, next(number for number, row in enumerate(rows(console)) if name in row))

    console.look(choose)


def enabled(console, name):
    return console.wait(f"“{name}” can be pressed", lambda: next((node for node in console.find_all(f"^{name}$", "push button") if console.enabled(node)), None))


def register(people, official, key):
    """What the authority does with the line that the window of keys shows."""
    entry = {"area": people.area, "kind": "official", "key": key, "name": "Assistant Engineer, Patna East", "official": official, "role": "officer", "status": "active",
             "ts": people.now()}
    people.world.take("/registrations", [sign(entry, people.world.authority)])


@case
def test_final():
    """All of it real: a citizen files, an official's key is made here and registered, she reads the words and resolves, and it is seen final."""
    forget()
    pt_keyring.unlock()
    with stack_in_folder() as stack:
        stack.write_config(batch_period="2s", chain_public_rpc=stack.rpc_url, chain_confirmations=1, map_places=None)
        stack.start_daemon()
        world = World(stack, AREA)
        world.register("tx-1")
        world.say("tx-1", "ON")
        people = People(world)
        with Console("--url", stack.url) as console:
            console.wait_says(r"^Live · ")
            number, _ = people.file("asha", site="S-tx-1", text="Dark since six.")
            shown = f"{number[:4]} {number[4:7]} {number[7:]}"
            console.wait_says(rf"^S-tx-1, {shown} · No supply$")  # the log
            show_page(console)
            pick(console, "S-tx-1")
            console.wait_says("^No supply, S-tx-1$")
            console.wait_says("^Words and photos are seen by officials of this area alone")
            register(people, "officer-9", make_key(console, "officer-9"))
            log_in(console)
            console.wait_says("^“Dark since six.”$")
            world.say("tx-1", "ON")  # so that the devices support it
            console.key("alt+a")
            console.press(enabled(console, "Sign: Acknowledge"))
            console.wait_says(r"^Acknowledged by Assistant Engineer, Patna East \(officer-9\)$")
            begin_resolve(console)
            console.press_button("^Fuse replaced$")
            console.press(enabled(console, "Sign: Resolve"))
            console.wait_says(r"^Resolved by Assistant Engineer, Patna East \(officer-9\)$")
            console.wait_says("^“Fuse replaced”$")
            console.wait_says("^the devices say on$")
            console.wait_says("^resolved · not confirmed")
            row = people.about(number)
            equal((row["state"], row["n"], row["chain"][2]["note"]), ("resolved", 3, "Fuse replaced"), "what the daemon has")
            console.wait("all three steps are final", lambda: len([text for text in console.texts() if re.match(r"✓ signature checked here · the daemon says: final in block", text)]) == 3)


@contextlib.contextmanager
def real_daemon():
    """A daemon that has heard of one site without supply, and the people of its area."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(map_places=None)
        stack.start_daemon()
        world = World(stack, AREA)
        world.register("tx-1")
        world.say("tx-1", "OFF")
        yield stack, People(world)


@case
def test_words():
    """A citizen's words and photo, from the daemon that took them to the window of an official who logs in, and of nobody else."""
    forget()
    with real_daemon() as (stack, people):
        people.file("asha", site="S-tx-1", text="The pole before our door burns.", photos=[make_png(600, 400)])
        keep_key(people.keys["ae-1"], "ae-1", chosen=False)
        with Console("--url", stack.url) as console:
            show_page(console)
            pick(console, "S-tx-1")
            console.wait_says("^Words and photos are seen by officials of this area alone")
            check(not console.find("^Photo ", "image"), "no photo for who is not logged in")
            log_in(console)
            console.wait_says("^“The pole before our door burns.”$")
            photo = console.wait_find("^Photo 1 of 1$", "image")
            console.wait("the red of the photo", lambda: near(console.colour(photo), (200, 40, 40)))


def ask_words(console, button, reason, response):
    """One of the buttons below words: its reason is written and it is done; what was shown to be signed, if anything."""
    console.press(enabled(console, button))
    console.enter(console.wait("the reason", lambda: console.find("^Reason ", "text")), reason)
    go = enabled(console, response)
    shown = next((text for text in console.texts() if text.startswith("powertrack action v1\n")), None)
    console.press(go)
    return shown


@case
def test_moderation():
    """Words are hidden by an operator and shown again and erased by an officer: each with its reason, and of the last with the comment that was shown."""
    forget()
    with real_daemon() as (stack, people):
        number, _ = people.file("asha", site="S-tx-1", text="My neighbour did it.", photos=[make_png(600, 400)])
        keep_key(people.keys["op-1"], "op-1")
        with Console("--url", stack.url) as console:
            show_page(console)
            pick(console, "S-tx-1")
            console.wait_says("^“My neighbour did it.”$")
            check(not console.find("^Erase…$", "push button"), "an operator erases nothing")
            ask_words(console, "Hide…", "names a neighbour", "_?Hide( Hide)?")
            console.wait_says(r"^These words are hidden by moderation\. By Office of op-1 \(op-1\), .*: “names a neighbour”$")
            check(not console.says("My neighbour did it") and not console.find("^Photo ", "image"), "words and photo are out of sight")
        keep_key(people.keys["ae-1"], "ae-1")
        with Console("--url", stack.url) as console:
            show_page(console)
            pick(console, "S-tx-1")
            console.wait_says(r"^These words are hidden by moderation\. By Office of op-1 ")
            ask_words(console, "Show again…", "it is no name", "_?Show again( Show again)?")
            console.wait_says("^“My neighbour did it.”$")
            erase(console, people, number)


def erase(console, people, number):
    console.press(enabled(console, "Erase…"))
    go = console.wait_find("^_?Erase for ever( Erase for ever)?$", "push button")
    check(not console.enabled(go), "not without a reason")
    console.key("Escape")
    console.wait("it is given up", lambda: not console.find("^Reason ", "text"))
    console.press(enabled(console, "Erase…"))
    people.act(number, "acknowledge", "ae-2", note="crew called")  # somebody is faster
    console.enter(console.wait("the reason", lambda: console.find("^Reason ", "text")), "asked for by who wrote it")
    console.press(enabled(console, "_?Erase for ever( Erase for ever)?"))
    console.wait_says("^Somebody was faster: Acknowledged by Office of ae-2 at ")
    equal(console.content(console.find("^Reason ", "text")), "asked for by who wrote it", "the reason is kept")
    shown = console.wait("the exact thing", lambda: next((text for text in console.texts() if text.startswith("powertrack action v1\n")), None))
    console.press(enabled(console, "_?Erase for ever( Erase for ever)?"))
    console.wait_says(r"^These words were erased; their hash stays in the log\. By Office of ae-1 \(ae-1\), .*: “asked for by who wrote it”$")
    console.wait_says("^“The private part of step 1 is erased: asked for by who wrote it”$")
    check(not console.find("^(Hide|Erase|Show again)…$", "push button"), "nothing is left to be done")
    entry = json.loads(people.about(number)["chain"][-1]["entry"])
    equal(json.loads(shown.split("\n", 1)[1]), {name: value for name, value in entry.items() if name not in ("sig", "received")}, "what was shown is what was signed")


@case
def test_sealed():
    """A key comes from a sealed file, after a wrong passphrase that is said, and leaves into one that opens with the passphrase that was chosen."""
    from cryptography.hazmat.primitives import serialization

    forget()
    pt_keyring.unlock()
    pt_keyring.empty()
    key, folder = new_key(), os.environ["HOME"]
    path, out = os.path.join(folder, "sealed.pem"), os.path.join(folder, f"{AREA}-officer-1.key.pem")
    with open(path, "wb") as file:
        file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"a long one")))
    with Console("--url", "http://127.0.0.1:1") as console:
        console.key("F10")
        console.press(console.wait_find("^Keys…$", "menu item"))
        console.press_button("^Import…$")
        console.wait("the dialog of files", lambda: len(console.windows()) == 3)
        console.type(path)
        console.key("Return")
        console.enter(console.wait("the area", lambda: console.find("^Area$", "text")), AREA)
        console.enter(console.find("^Official's id$", "text"), "officer-1")
        give_passphrase(console, "wrong")
        console.press(enabled(console, "_?Import( Import)?"))
        console.wait_says("^No key of the right kind opens with this passphrase.$")
        equal([console.content(console.find(name, "text")) for name in ("^Area$", "^Official's id$")], [AREA, "officer-1"], "what was written")
        give_passphrase(console, "a long one")
        console.press(enabled(console, "_?Import( Import)?"))
        console.wait_says("^officer-1$")
        console.wait_says(f" --key {key_text(key)} ")
        console.press(enabled(console, "Export…"))
        give_passphrase(console, "quite another")
        check(not console.enabled(console.wait_find("^_?Export…( Export…)?$", "push button")), "the passphrase is asked for twice")
        give_passphrase(console, "quite another", "^The same passphrase again$")
        console.press(next(node for node in console.find_all("^_?Export…( Export…)?$", "push button") if console.enabled(node)))
        console.wait("the dialog that saves", lambda: console.find("^_?Save( Save)?$", "push button"))
        console.key("ctrl+a")
        console.type(out)
        console.key("Return")
        console.wait("the file", lambda: os.path.exists(out))
        opened = console.wait("the whole of it", lambda: sealed_key(out, b"quite another"))
        equal(key_text(opened), key_text(key), "the key")
        check(sealed_key(out, b"a long one") is None and sealed_key(out, None) is None, "with no other passphrase, and not without")
        equal(stat.filemode(os.stat(out).st_mode), "-rw-------", "who may read it")


def give_passphrase(console, text, name="^Passphrase$"):
    console.enter(console.wait("the passphrase", lambda: console.find(name, "password text") or console.find(name, "text")), text)


def sealed_key(path, passphrase):
    from cryptography.hazmat.primitives import serialization

    with open(path, "rb") as file:
        data = file.read()
    try:
        return serialization.load_pem_private_key(data, passphrase)
    except (ValueError, TypeError):
        return None


def near(colour, wanted):
    """JPEG is not exact."""
    return len(colour) == 3 and all(abs(is_so - should_be) <= 12 for is_so, should_be in zip(colour, wanted))


@case
def test_queue():
    """Numbers, order, chips and search; what is chosen there is chosen on the map, and back."""
    with bench() as (office, url, other), Console("--url", url) as console:
        show_page(console)
        console.wait("four are open", lambda: len(rows(console)) == 4)
        equal([row.split(",")[0] for row in rows(console)], ["Kankarbagh", "Boring Road", "Rajendra Nagar", "Patna City"], "by clock")
        check(re.search("1 h 12 min over", rows(console)[0]) and re.search("min left", rows(console)[1]), f"clocks: {rows(console)}")
        console.wait_says(r"^Closed today: 0 confirmed by people, 0 by devices, 0 unconfirmed, [01] against the evidence$")
        console.press_button("^1 closed against the evidence$")
        console.wait("that one alone", lambda: len(rows(console)) == 1 and "Kumhrar" in rows(console)[0])
        console.press_button("^Open  4$")
        console.key("ctrl+f")
        console.type("2611 082-213")
        console.wait("its number finds it", lambda: len(rows(console)) == 1 and "Rajendra" in rows(console)[0])
        console.key("Down")
        console.wait("Down is in the queue", lambda: "Rajendra" in console.focused()[1])
        console.key("ctrl+f")
        console.wait("back in the search", lambda: "Rajendra" not in console.focused()[1])
        console.key("Return")
        console.wait("Return is in the queue too", lambda: "Rajendra" in console.focused()[1])
        console.key("ctrl+f")
        console.key("Escape")
        console.wait("all again", lambda: len(rows(console)) == 4)
        pick(console, "Rajendra Nagar")
        console.wait_says("^No supply, Rajendra Nagar$")
        console.wait_says("^S-tx-1: off since ")
        console.wait_says("^Part of the outage that lasts since ")
        console.wait_says(r"^✓ 5 signatures checked here · ")
        console.wait_says("^Words and photos are seen by officials of this area alone")
        check(not console.says("school sparked"), "nobody else reads the words")
        console.press_button("^Show its site on the map$")
        console.wait_says("^Complaints here$")
        here = console.wait_find("^Complaints here$", "list")
        check(any("2611 082 213" in text for text in console.texts(here)), f"the site's complaint: {console.texts(here)}")
        console.wait_says("^1 complaint$")  # in the list of outages
        office.act(office.complaints["2611082637"], "acknowledge", "ae-2", other, note="looking")
        console.wait_says("^Boring Road, S-tx-2, 2611 082 637 · Low voltage$")  # the log
        console.key("ctrl+2")
        console.wait("its state", lambda: any("Boring Road" in row and "acknowledged" in row for row in rows(console)))


def make_key(console, official):
    """Through the window of keys; its public key."""
    console.key("F10")
    console.press(console.wait_find("^Keys…$", "menu item"))
    console.press_button("^New key…$")
    console.wait_says("^It is made on this computer")
    console.enter(console.wait("the area", lambda: console.find("^Area$", "text")), AREA)
    console.enter(console.wait("the id", lambda: console.find("^Official's id$", "text")), official)
    console.press(enabled(console, "_?Make it( Make it)?"))
    console.wait_says(f"^{official}$")
    said = console.wait("the request", lambda: next((text for text in console.texts() if text.startswith("powertrack official register ")), None))
    console.key("Escape")
    return re.search(r"--key (\S+) ", said)[1]


def log_in(console):
    console.click(console.wait_find("^Key: ", "push button"))
    console.wait_says(f"^area {AREA}$")
    console.key("Return")


def note(console):
    return console.content(console.wait_find(r"^Note \(public\)$", "text"))


def begin_resolve(console):
    enabled(console, "Resolve…")  # the complaint is there, and who acts is logged in
    console.key("alt+r")
    console.wait_says("^This will be signed with your key$")


@case
def test_resolve():
    """A key is made and registered, words are read, a note is needed, and what was shown is what was signed."""
    with bench() as (office, url, _), Console("--url", url) as console:
        pt_keyring.unlock()
        pt_keyring.empty()  # of what the cases before left
        show_page(console)
        key = make_key(console, "officer-1")
        pick(console, "Boring Road")
        console.wait_says("^Choose your key above to act")
        log_in(console)
        console.wait_says("^official: nobody registered it in this area.$")
        office.register("officer-1", key, "officer", "Assistant Engineer, Patna East")
        log_in(console)
        console.wait_says(r"^Mine  0$")
        pick(console, "Rajendra Nagar")
        console.wait_says("^“Transformer near the school sparked, then all dark.”$")
        begin_resolve(console)
        console.wait_says("^The device of this site says: off. For this category the area does not ask the devices: .*any of the 6 people may reopen it.$")
        office.promise("power", [])
        console.key("Escape")
        begin_resolve(console)  # asks anew
        console.wait_says("^The device of this site says: off, and for this category the area lets the devices decide. .*any of the 6 people may reopen it.$")
        console.wait_says("^Write a note: everybody sees why.$")
        console.type("Fuse of T-0042 replaced.")
        shown = console.wait("the exact thing", lambda: next((text for text in console.texts() if text.startswith("powertrack action v1\n") and "T-0042 replaced." in text), None))
        console.press(enabled(console, "Sign and resolve anyway"))
        console.wait_says("^resolved · against the evidence$")
        console.wait_says("^Resolved by Assistant Engineer, Patna East \\(officer-1\\)$")
        console.wait_says("^“Fuse of T-0042 replaced.”$")
        equal(len(office.taken), 1, "acts taken")
        signed = {name: value for name, value in json.loads(office.taken[0]).items() if name != "sig"}
        equal(json.loads(shown.split("\n", 1)[1]), signed, "what was shown is what was signed")
        enabled(console, "Open again…")


def keep_key(key, official, chosen=True):
    """Into the keyring; and it is chosen from the last time."""
    from cryptography.hazmat.primitives import serialization

    pt_keyring.unlock()
    pt_keyring.empty()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    pt_keyring.put(AREA, official, key_text(key), pem)
    if not chosen:
        return
    config = os.path.join(os.environ["XDG_CONFIG_HOME"], "powertrack", "console.ini")
    os.makedirs(os.path.dirname(config), exist_ok=True)
    with open(config, "w", encoding="utf-8") as file:
        file.write(f"[keys]\nchosen={key_text(key)}\n")


def with_key(office, role="officer"):
    """An official's key that is in the keyring already, and registered."""
    key = new_key()
    keep_key(key, "officer-1")
    office.register("officer-1", key_text(key), role, "Assistant Engineer, Patna East")


@case
def test_faster():
    """Somebody resolves it at the same moment: said, with what they did; the note stays, and nothing of ours was taken."""
    with bench() as (office, url, other):
        with_key(office)
        complaint = office.complaints["2611082213"]
        with Console("--url", url) as console:
            show_page(console)
            console.wait_says("^Mine  0$")
            pick(console, "Rajendra Nagar")
            begin_resolve(console)
            console.type("Line tested.")
            office.before = lambda: office.act(complaint, "resolve", "ae-2", other, note="crew did it")
            console.press(enabled(console, "Sign and resolve anyway"))
            console.wait_says("^Somebody was faster: Resolved by Executive Engineer, Patna East at ")
            console.wait_says("^This can't be done any more. What you wrote stays here.$")
            equal((note(console), office.taken), ("Line tested.", []), "the note, and what was taken")
            console.press(enabled(console, "Open again…"))
            enabled(console, "Sign: Open again")
            equal(note(console), "Line tested.", "the note of another act")


@case
def test_two():
    """A reject that a second officer has to approve says so before it is signed, and afterwards for whose approval it waits."""
    with bench() as (office, url, other):
        with_key(office)
        with Console("--url", url) as console:
            show_page(console)
            console.wait_says("^Mine  0$")
            pick(console, "Rajendra Nagar")
            enabled(console, "Reject…")
            console.key("alt+j")
            console.wait_says("^One signature is enough in this area: it is rejected at once.")
            office.promise("power", ["reject"])
            console.key("Escape")
            console.key("alt+j")
            console.wait_says("^This area asks for two: once you have signed it waits")
            console.press_button("^Supply was never off$")
            console.press(enabled(console, "Sign: Reject"))
            console.wait_says(" · waits for the approval of another officer than officer-1")
            check(not console.find("^Approve the rejection…$", "push button"), "not by herself")
            office.act(office.complaints["2611082637"], "reject", "ae-2", other, note="in the house")
            pick(console, "Boring Road")
            console.wait_says(" · waits for the approval of another officer than ae-2")
            enabled(console, "Approve the rejection…")


@case
def test_many():
    """Several at once are acknowledged, each with a signature of its own."""
    with bench() as (office, url, _):
        with_key(office)
        with Console("--url", url) as console:
            show_page(console)
            console.wait_says("^Mine  0$")
            pick(console, "Boring Road")
            console.wait_says("^Low voltage, Boring Road$")
            console.key("ctrl+a")
            console.wait_says("^4 complaints chosen$")
            console.press(enabled(console, "Acknowledge…"))
            console.press(enabled(console, "Sign for 2 complaints"))
            console.wait("both are acknowledged", lambda: len(office.taken) == 2)
            equal(sorted(json.loads(entry)["complaint"] for entry in office.taken), ["2611082637", "2611082900"], "which ones")
            console.wait("both rows say so", lambda: sum("acknowledged" in row for row in rows(console)) == 3)


def prompt():
    """The window in which the desktop asks for the keyring's password; None: it doesn't."""
    found = subprocess.run(["xdotool", "search", "--onlyvisible", "--class", "gcr-prompter"], stdout=subprocess.PIPE, text=True, check=False).stdout.split()
    return found[-1] if found else None


def answer_prompt(console, *keys):
    window = console.wait("the desktop asks", prompt)
    console.xdotool("windowfocus", "--sync", window, "key", "--delay", "50", *keys)
    console.wait("it has its answer", lambda: prompt() is None)


@case
def test_locked():
    """The keyring is locked in between, and whoever is asked says no: nothing is signed, the note stays; then it is opened and the act signed."""
    with bench() as (office, url, _):
        with_key(office)
        with Console("--url", url) as console:
            show_page(console)
            console.wait_says("^Mine  0$")
            pick(console, "Rajendra Nagar")
            begin_resolve(console)
            console.type("Line tested.")
            pt_keyring.lock()
            console.press(enabled(console, "Sign and resolve anyway"))
            answer_prompt(console, "Escape")
            console.wait_says("^The keyring gave no key: it stays locked")
            equal((note(console), office.taken), ("Line tested.", []), "the note, and what was taken")
            console.press(enabled(console, "Sign and resolve anyway"))
            answer_prompt(console, *pt_keyring.PASSWORD, "Return")
            console.wait_says("^resolved · against the evidence$")
            equal(json.loads(office.taken[0])["note"], "Line tested.", "the note")


@case
def test_lies():
    """A note that was altered after it was signed, and a step that was left out: each is shown for what it is."""
    with bench() as (office, url, other):
        altered, cut = office.complaints["2611082213"], office.complaints["2611082637"]
        altered.chain[-1]["entry"] = altered.chain[-1]["entry"].replace("crew called", "crew sent!!")
        office.act(cut, "acknowledge", "ae-2", other, note="one")
        office.act(cut, "comment", "ae-2", other, note="two")
        office.act(cut, "comment", "ae-2", other, note="three")
        del cut.chain[2]
        with Console("--url", url) as console:
            show_page(console)
            pick(console, "Rajendra Nagar")
            console.wait_says("^✗ the signature does not hold · ")
            console.wait_says("^1 step of this complaint does not hold")
            pick(console, "Boring Road")
            console.wait_says("^✗ does not follow the step before it · ")


@case
def test_false_acts():
    """A resolve by a wrong role, one by a key that the authority never registered, a citizen's reopen by another key: each is told from what is true."""
    with bench() as (office, url, other):
        operator, stranger, citizen = new_key(), new_key(), new_key()
        office.register("op-1", key_text(operator), "operator", "Control Room, Patna East")
        office.register("ae-3", key_text(stranger), "officer", "Assistant Engineer, Nowhere")
        office.officials["ae-3"]["registrations"] = [office.registration("ae-3", stranger)]
        role, unknown, forged = (office.complaints[number] for number in ("2611082213", "2611082637", "2611080374"))
        office.act(role, "resolve", "op-1", operator, note="done")
        office.act(unknown, "resolve", "ae-3", stranger, note="done")
        entry = sign(forged.draft("reopen", "citizen", now_ms(), key=key_text(citizen)), citizen)
        forged.add(entry, key_text(citizen), now_ms())
        with Console("--url", url) as console:
            show_page(console)
            console.press_button("^All")
            pick(console, "Rajendra Nagar")
            console.wait_says("^✗ wrong role: its signer may not do this · ")
            console.wait_says("^1 step of this complaint does not hold")
            console.wait_says("^✓ signature checked here · ")  # the acknowledgement
            pick(console, "Boring Road")
            console.wait_says("^✗ not signed by a registered official · ")
            pick(console, "Kumhrar")
            console.wait_says("^✗ not signed by who filed or joined the complaint · ")


@case
def test_dropped():
    """A complaint that was shown and then denied, and one whose last step was taken back: neither is just not there."""
    with bench() as (office, url, other):
        with_key(office)
        with Console("--url", url) as console:
            show_page(console)
            console.wait_says("^Mine  0$")
            pick(console, "Boring Road")
            console.wait_says("^Low voltage, Boring Road$")
            console.press(enabled(console, "Acknowledge…"))
            console.press(enabled(console, "Sign: Acknowledge"))
            console.wait_says(r"^Acknowledged by Assistant Engineer, Patna East \(officer-1\)$")
            pick(console, "Rajendra Nagar")
            console.wait_says("^No supply, Rajendra Nagar$")
            office.gone.add("2611082637")
            del office.complaints["2611082213"].chain[-1]
            pick(console, "Boring Road")
            console.wait_says("^The daemon takes back what it showed$")
            console.wait_says("^This complaint was dropped: at .* with 2 steps, .* It had taken step 2 from you")
            pick(console, "Rajendra Nagar")
            console.wait_says("^This complaint was rewritten: at .* with 7 steps")


if __name__ == "__main__":
    if is_inside():
        main()
    else:
        sys.exit(inside(*sys.argv))
