#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A complaint's life from a terminal: keys, officials and a profile, then filed, resolved against the evidence, reopened, resolved and
confirmed; and what a citizen and an ombudsman hold at the end, checked with and without the chain."""
import json
import os
import re
import struct
import zlib

from pt_case import SOURCE, case, check, equal, main, stack_in_folder
from pt_terminal import Terminal
from pt_world import World, wait_until

AREA = "test-east"
HOUR_MS = 3_600_000
PROFILE = os.path.join(SOURCE, "data", "profiles", "telangana-town.json")


def png(width=8, height=8):
    """A small red picture."""
    def part(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + b"\xff\0\0" * width for _ in range(height))
    return (b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + part(b"IDAT", zlib.compress(rows))
            + part(b"IEND", b""))


def settle(terminal):
    """Officials of the area and its profile."""
    stack = terminal.stack
    for name, role in (("op-1", "operator"), ("op-2", "operator"), ("ae-1", "officer"), ("ae-2", "officer")):
        terminal.ask("official", "register", "--official", name, "--area", AREA, "--name", f"Office of {name}", "--role", role, "--key", terminal.public(name),
                     "--authority-key", stack.authority_key)
    out, _ = terminal.ask("official", "show", "ae-1")
    check(terminal.public("ae-1") in out and "officer" in out, out)
    terminal.ask("profile", "set", PROFILE, "--area", AREA, "--authority-key", stack.authority_key, "--yes")
    out, _ = terminal.ask("profile", "set", PROFILE, "--area", AREA, "--authority-key", stack.authority_key)
    check("already" in out, out)
    out, _ = terminal.ask("profile", "show", "--area", AREA, "--document")
    with open(PROFILE, encoding="utf-8") as file:
        equal(out, file.read() + "\n", "the profile in force")


def live(terminal, world, path):
    """One complaint from its file to its end; its number."""
    number = terminal.file("asha", "--site", "S-tx-1", "--text", "dark since six", "--contact", "98350", "--receipt", path("receipt.json"), "--private",
                           path("private.json"), "--photo", path("photo.png"))
    out, _ = terminal.ask("complaint", "list", "--state", "all-open")
    check(number in out and "left" in out and "S-tx-1" in out, out)
    out, err = terminal.ask("complaint", "file", "--area", AREA, "--category", "no-supply", "--site", "S-tx-1", "--text", "me too", "--key",
                            terminal.key("bala"), exits=2)
    check("The outage is known since" in err and f"complaint join {number.replace(' ', '')}" in err, err)
    terminal.act("join", number, "bala", official=False)
    terminal.act("acknowledge", number, "op-1")
    terminal.act("resolve", number, "op-1", "--note", "x", exits=1)
    terminal.act("assign", number, "op-1", "--to", "ae-2")
    terminal.act("assign", number, "ae-1", "--to", "op-2")  # who never acts
    out, err = terminal.act("resolve", number, "ae-1", "--note", "fuse replaced", "--receipt", path("resolve.json"))
    check("AGAINST THE EVIDENCE" in err and "resolved, against the evidence" in out, (out, err))
    terminal.act("reopen", number, "asha", "--text", "still dark", official=False)
    world.say("tx-1", "ON")
    terminal.act("resolve", number, "ae-2", "--note", "line repaired")
    out, _ = terminal.act("confirm", number, "asha", official=False)
    check("confirmed by the citizen" in out, out)
    return number


@case
def test_life():
    with stack_in_folder() as stack:
        stack.write_config(batch_period="5s")
        stack.start_daemon()
        world, terminal = World(stack, AREA), Terminal(stack, AREA)

        def path(name):
            return os.path.join(stack.folder, name)

        with open(path("photo.png"), "wb") as file:
            file.write(png())
        world.register("tx-1")
        world.say("tx-1")
        world.say("tx-1", "OFF")
        settle(terminal)
        number = live(terminal, world, path)
        # What is promised later is not what was promised then; the dossier has both.
        terminal.ask("profile", "set", PROFILE.replace("-town", "-rural"), "--area", AREA, "--authority-key", stack.authority_key, "--yes")
        check_shown(terminal, number)
        stack.wait_settled()
        check_receipts(terminal, path)
        check_dossier(terminal, number, path)


def check_shown(terminal, number):
    out, _ = terminal.ask("complaint", "show", number)
    check("98350" not in out and "dark since six" not in out, "what was said in confidence is not public")
    out, _ = terminal.ask("complaint", "show", number, "--official", "ae-1", "--key", terminal.key("ae-1"))
    check("said: dark since six" in out and "contact: 98350" in out and "1 photo" in out, out)
    folder = os.path.join(terminal.stack.folder, "photos")
    terminal.ask("complaint", "show", number, "--official", "ae-1", "--key", terminal.key("ae-1"), "--photos", folder)
    name, = os.listdir(folder)
    with open(os.path.join(folder, name), "rb") as file:
        check(re.fullmatch("[0-9a-f]{64}", name) and file.read(4) in (b"\x89PNG", b"\xff\xd8\xff\xe0", b"RIFF"), f"the picture {name}")
    _, err = terminal.ask("complaint", "show", number, "--official", "ae-1", "--key", terminal.key("asha"), exits=1)
    check(err, "another key is no official's")
    check_hidden(terminal, number)
    terminal.act("erase", number, "ae-1", "--step", "1", "--reason", "a name was in it")
    out, _ = terminal.ask("complaint", "show", number, "--official", "ae-1", "--key", terminal.key("ae-1"))
    check("dark since six" not in out and "its hash stays" in out and "a name was in it" in out, out)


def check_hidden(terminal, number):
    """Officials see that something is hidden, not what; a citizen hides nothing."""
    ask = ("--step", "1", "--reason", "a name was in it", "--official", "op-1", "--key")
    out, _ = terminal.ask("complaint", "hide", number, *ask, terminal.key("op-1"))
    check("officials see that it is" in out, out)
    out, _ = terminal.ask("complaint", "show", number, "--official", "ae-1", "--key", terminal.key("ae-1"))
    check("dark since six" not in out and "hidden by op-1 (Office of op-1): a name was in it" in out, out)
    for name, seen in (("ae-1", True), ("op-1", True), ("op-2", False)):  # an officer; who hid it; another
        out, _ = terminal.ask("complaint", "show", number, "--hidden", "--official", name, "--key", terminal.key(name))
        equal("said: dark since six" in out, seen, f"hidden words, asked for by {name}")
        check("hidden by op-1" in out, out)
    terminal.ask("complaint", "show", number, "--hidden", exits=2)
    terminal.ask("complaint", "unhide", number, *ask, terminal.key("asha"), exits=1)
    out, _ = terminal.ask("complaint", "unhide", number, *ask, terminal.key("op-1"), "--json")
    equal(json.loads(out)["hidden"], False, "what the daemon says")
    out, _ = terminal.ask("complaint", "show", number, "--official", "ae-1", "--key", terminal.key("ae-1"))
    check("dark since six" in out, out)
    terminal.ask("complaint", "hide", number, "--key", terminal.key("op-1"), exits=2)


@case
def test_desk():
    """An operator files for somebody who telephones; its number is all that is needed to ask. And who the officials are."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1d")
        stack.start_daemon()
        world, terminal = World(stack, AREA), Terminal(stack, AREA)
        world.register("tx-1")
        out, _ = terminal.ask("official", "list")
        check("No official" in out, out)
        settle(terminal)
        out, _ = terminal.ask("official", "list", "--area", AREA)
        equal([line.split()[0] for line in out.splitlines()[1:]], ["op-1", "op-2", "ae-1", "ae-2"], "in the order in which they were registered")
        out, _ = terminal.ask("official", "list", "--limit", "3")
        check("ae-1" in out and "ae-2" not in out and "There are more" in out, out)
        out, _ = terminal.ask("official", "list", "--all", "--json")
        equal([row["role"] for row in json.loads(out)["officials"]], ["operator", "operator", "officer", "officer"], "roles")
        terminal.ask("official", "list", "--area", "nowhere", exits=1)
        what = ("--area", AREA, "--category", "no-supply", "--site", "S-tx-1", "--text", "dark since six", "--contact", "98350")
        receipt = os.path.join(stack.folder, "receipt.json")
        out, _ = terminal.ask("complaint", "file", "--for", "telephone", *what, "--official", "op-1", "--key", terminal.key("op-1"), "--receipt", receipt)
        number = re.search(r"number ([0-9 ]{12});", out).group(1)
        check(os.path.getsize(receipt) > 100, "the receipt is kept")
        out, _ = terminal.ask("complaint", "show", number, "--official", "ae-1", "--key", terminal.key("ae-1"))
        check("said: dark since six" in out and "telephone: 98350" in out, out)
        check_desk_acts(terminal, number)
        for wrong in (("--for", "pigeon"), ("--for", "desk", "--photo", "x"), ("--for", "desk", "--ts", "1")):
            terminal.ask("complaint", "file", *wrong, *what, "--official", "op-1", "--key", terminal.key("op-1"), exits=2)
        terminal.ask("complaint", "file", "--for", "desk", *what, "--key", terminal.key("op-1"), exits=2)
        terminal.ask("complaint", "file", *what, "--official", "op-1", "--key", terminal.key("op-1"), exits=2)
        terminal.ask("complaint", "file", "--for", "desk", *what, "--official", "op-1", "--key", terminal.key("asha"), exits=1)


def check_desk_acts(terminal, number):
    """Whoever telephones joins, says more and reopens; citizens' keys and other verbs know no desk."""
    def act(verb, *more, name="op-1", exits=0):
        return terminal.act(verb, number, name, "--for", "telephone", *more, exits=exits)[0]

    act("join", "--contact", "98351")
    act("comment", exits=2)
    act("comment", "--note", "x", exits=2)
    act("comment", "--text", "the pole is down", "--photo", "x", exits=2)
    check(number in act("comment", "--text", "the pole is down"), "it is said of which complaint")
    act("reopen", exits=1)  # there is nothing to open again
    act("comment", "--text", "x", name="asha", exits=1)
    terminal.act("join", number, "op-1", exits=2)
    terminal.act("join", number, "op-1", "--for", "pigeon", exits=2)
    terminal.act("confirm", number, "op-1", "--for", "desk", exits=2)
    terminal.act("resolve", number, "ae-1", "--note", "mended")
    check("open" in act("reopen", "--text", "dark again"), "it is open again")
    out, _ = terminal.ask("complaint", "show", number, "--official", "ae-1", "--key", terminal.key("ae-1"))
    for said in ("telephone: 98351", "said: the pole is down", "said: dark again"):
        check(said in out, out)


@case
def test_notices():
    """A shutdown is announced for a feeder, put off, and withdrawn; an auditor announces nothing."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1d")
        stack.start_daemon()
        world, terminal = World(stack, AREA), Terminal(stack, AREA)
        world.register("tx-1", feeder="F-1")
        settle(terminal)
        now = stack.status()["now"]

        def announce(*more, name="op-1", exits=0):
            return terminal.ask("notice", "set", *more, "--area", AREA, "--official", name, "--key", terminal.key(name), "--yes", exits=exits)[0]

        out = announce("--about", "shutdown", "--feeder", "F-1", "--start", str(now + 3 * HOUR_MS), "--end", str(now + 4 * HOUR_MS), "--note", "new poles")
        notice = re.fullmatch(r"Notice (\S+) stands\n", out).group(1)
        out, _ = terminal.ask("notice", "list", "--site", "S-tx-1")
        check(notice in out and "feeder F-1" in out and "shutdown, at short notice" in out and "new poles" in out, out)
        announce(notice, "--start", str(now + 2 * HOUR_MS), name="ae-1", exits=1)  # earlier than was said
        announce(notice, "--start", str(now + 3 * HOUR_MS + 1), "--end", str(now + 5 * HOUR_MS), name="ae-1")
        row, = stack.get("/notices")["notices"]
        equal((row["n"], row["by"], row["note"], row["start"] - now), (2, "ae-1", "new poles", 3 * HOUR_MS + 1), "changed by another")
        announce("--about", "estimate", "--start", str(now + HOUR_MS), "--end", str(now + 2 * HOUR_MS), "--note", "crew is there")
        terminal.ask("notice", "withdraw", notice, "--area", AREA, "--official", "op-1", "--key", terminal.key("op-1"), "--yes")
        out, _ = terminal.ask("notice", "list")
        check(notice not in out and "supply is expected back" in out and "the whole area" in out, out)
        terminal.ask("notice", "withdraw", notice, "--area", AREA, "--official", "op-1", "--key", terminal.key("op-1"), "--yes", exits=1)


def chain_of(stack):
    return ["--rpc", stack.rpc_url, "--contract", stack.contract]


def check_receipts(terminal, path):
    stack = terminal.stack
    gateway = [*chain_of(stack), "--gateway", stack.url]
    out, _ = terminal.run("receipt", "check", path("receipt.json"), path("resolve.json"), *gateway, "--confirmations", "0", "--json")
    equal([row["promise"] for row in json.loads(out)["receipts"]], ["kept", "kept"], "both promises")
    out, _ = terminal.run("audit", *gateway, "--receipt", path("receipt.json"), "--confirmations", "0", "--json")
    equal(json.loads(out)["receipts"][0]["promise"], "kept", "beside the audit")
    batch = json.loads(out)["receipts"][0]["batch"]
    entries = stack.get(f"/batches?area={AREA}")["batches"]
    cid = next(row["cid"] for row in entries if row["batch"] == batch)
    status, body = stack_file(stack, cid)
    equal(status, 200, "the batch file")
    with open(path("batch.json"), "wb") as file:
        file.write(body)
    service = json.loads(terminal.run("chain", "area", AREA, *chain_of(stack), "--json")[0])["service_key"]
    root = json.loads(terminal.run("chain", "area", AREA, str(batch), *chain_of(stack), "--json")[0])["root"]
    terminal.run("receipt", "check", path("receipt.json"), "--batch-file", path("batch.json"), "--service-key", service, "--root", root)


def stack_file(stack, cid):
    from pt_stack import http

    return http(f"{stack.url}/ipfs/{cid}")


def check_evidence(terminal, path):
    """What the device said around both resolves, found among its reports and held against the chain."""
    out, _ = terminal.run("verify", path("dossier.json"), *chain_of(terminal.stack), "--json", exits=3)
    answer = json.loads(out)
    equal([step["evidence"] for step in answer["steps"] if "evidence" in step], ["contradicted", "supported"], "of its resolves")
    equal([(row["seq"], row["power"]) for row in answer["reports"]], [(1, "ON"), (2, "OFF"), (3, "ON")], "its device's reports, on the chain")
    equal(answer["left_out"], 1, "the device said nothing after the second resolve")
    states = {row["name"]: row["state"] for row in answer["findings"]}
    equal((states.pop("evidence"), set(states.values())), ("not-checked", {"ok"}), "all but what was not said yet")


def check_dossier(terminal, number, path):
    stack = terminal.stack

    def whole():
        out, _ = terminal.ask("complaint", "dossier", number, "--out", path("dossier.json"), "--private", path("private.json"), "--json")
        return json.loads(out)["waiting"] == 0

    wait_until("all its steps are anchored", whole, pause=1)
    with open(path("dossier.json"), encoding="utf-8") as file:
        profiles = [json.loads(json.loads(text)["document"]) for text in json.load(file)["profiles"]]
    equal(sorted(profile["categories"][0]["resolve_min"] for profile in profiles), [240, 480], "the profiles over its life")
    check_evidence(terminal, path)
    out, _ = terminal.run("verify", path("dossier.json"), *chain_of(stack), exits=3)
    check("FAILED" not in out and "said: dark since six" in out and "now confirmed" in out and "tx-1 says OFF" in out, out)
    terminal.run("verify", path("dossier.json"), exits=3)
    terminal.ask("official", "revoke", "--official", "op-2", "--area", AREA, "--authority-key", stack.authority_key)
    terminal.act("comment", number, "ae-1", "--note", "read by the ombudsman")
    wait_until("the comment is anchored", whole, pause=1)
    out, _ = terminal.run("verify", path("dossier.json"), *chain_of(stack), exits=3)  # she acted, or was named, when they were active
    check("read by the ombudsman" in out and "FAILED" not in out, out)
    terminal.ask("complaint", "proof", number, "--out", path("proof.json"))
    terminal.run("verify", path("proof.json"), *chain_of(stack))
    with open(path("dossier.json"), encoding="utf-8") as file:
        text = file.read()
    with open(path("lie.json"), "w", encoding="utf-8") as file:
        file.write(text.replace("fuse replaced", "fuse mended"))
    out, _ = terminal.run("verify", path("lie.json"), *chain_of(stack), exits=1)
    check("THIS DOSSIER DOES NOT HOLD" in out, out)


if __name__ == "__main__":
    main()
