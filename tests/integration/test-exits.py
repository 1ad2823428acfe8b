#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What each verb of complaints, receipts, profiles and officials ends with, against a real daemon: 0 when it was done, 1 when it was not, 2 when it was
asked wrongly, 3 where a check could not look at everything."""
import os
import re

from pt_case import SOURCE, case, equal, main, stack_in_folder
from pt_stack import free_port
from pt_terminal import Terminal
from pt_world import World

AREA = "test-east"
PROFILE = os.path.join(SOURCE, "data", "profiles", "telangana-town.json")
NOUNS = ("complaint", "official", "profile", "receipt")
NOBODYS = "1234567894"  # a good number that no complaint has


def verbs():
    """Those that the program knows, as (noun, verb)."""
    with open(os.path.join(SOURCE, "cli", "online.c"), encoding="utf-8") as file:
        return {found for found in re.findall(r'\{ "([a-z]+)", "([a-z]+)", pt_', file.read()) if found[0] in NOUNS}


class Exits:
    def __init__(self, stack):
        self.stack, self.terminal, self.seen = stack, Terminal(stack, AREA), {}
        self.nowhere = f"http://127.0.0.1:{free_port()}"

    def path(self, name):
        return os.path.join(self.stack.folder, name)

    def key(self, name):
        return ("--key", self.terminal.key(name))

    def office(self, name):
        return ("--official", name, *self.key(name))

    def expect(self, exits, noun, verb, *arguments, url=True):
        self.terminal.run(noun, verb, *arguments, *(["--url", self.stack.url] if url else []), exits=exits)
        self.seen.setdefault((noun, verb), set()).add(exits)

    def each(self, noun, verb, *arguments, refused=None):
        """Done, then of a complaint that there is none of (or as @refused says), then by a daemon that is not there, then with an option that there is none of."""
        self.expect(0, noun, verb, *arguments)
        self.expect(1, noun, verb, *(refused if refused is not None else (NOBODYS, *arguments[1:])))
        self.terminal.run(noun, verb, *arguments, "--url", self.nowhere, exits=1)
        self.expect(2, noun, verb, *arguments, "--nonsense")

    def officials(self):
        authority = ("--authority-key", self.stack.authority_key)

        def office(name, role, key):
            return ("--official", name, "--area", AREA, "--name", f"Office of {name}", "--role", role, "--key", key, *authority)

        other = ("--authority-key", self.terminal.key("stranger"))
        wrong = (*office("op-9", "operator", self.terminal.public("op-9"))[:-2], *other)
        self.each("official", "register", *office("op-1", "operator", self.terminal.public("op-1")), refused=wrong)
        for name, role in (("ae-1", "officer"), ("ae-2", "officer"), ("ae-9", "officer")):
            self.expect(0, "official", "register", *office(name, role, self.terminal.public(name)))
        self.each("official", "show", "op-1", refused=("nobody",))
        self.each("official", "list", "--area", AREA, refused=("--area", "nowhere"))
        self.each("official", "revoke", "--official", "ae-9", "--area", AREA, *authority, refused=("--official", "nobody", "--area", AREA, *authority))

    def profiles(self):
        authority = ("--area", AREA, "--authority-key", self.stack.authority_key, "--yes")
        self.expect(1, "profile", "show", "--area", AREA)  # there is none yet
        self.each("profile", "set", PROFILE, *authority, refused=(PROFILE, "--area", "nowhere", *authority[2:]))
        self.each("profile", "show", "--area", AREA, refused=("--area", "nowhere"))
        with open(self.path("none.json"), "w", encoding="utf-8") as file:
            file.write("{}")
        for exits, arguments in ((0, [PROFILE]), (1, [self.path("none.json")]), (2, []), (3, [self.path("nowhere.json")])):
            self.expect(exits, "profile", "check", *arguments, url=False)

    def file(self, name, *more):
        return self.terminal.file(name, "--site", "S-tx-1", "--text", "dark since six", *more)

    def acts(self):
        number, other = self.file("asha", "--receipt", self.path("receipt.json")), self.file("bala")
        what = ("--area", AREA, "--category", "no-supply", "--text", "x", *self.key("asha"), "--yes")
        self.each("complaint", "file", *what, "--site", "S-tx-1", refused=(*what, "--site", "nowhere"))
        self.each("complaint", "list", "--area", AREA, refused=("--area", "nowhere"))
        self.each("complaint", "show", number)
        self.each("complaint", "join", number, *self.key("chand"), "--yes")
        for verb, name, more in (("comment", "op-1", ("--note", "x")), ("acknowledge", "op-1", ()), ("assign", "op-1", ("--to", "ae-1")),
                                 ("reject", "ae-1", ("--note", "x")), ("approve", "ae-2", ()), ("unresolve", "ae-1", ("--note", "x")),
                                 ("resolve", "ae-1", ("--note", "x"))):
            self.each("complaint", verb, number, *self.office(name), *more, "--yes")
        self.expect(1, "complaint", "acknowledge", number, *self.office("op-1"), "--yes")  # it is not open
        for verb, more in (("confirm", ()), ("reopen", ("--text", "x"))):
            self.each("complaint", verb, number, *self.key("asha"), *more, "--yes")
        self.expect(1, "complaint", "confirm", number, *self.key("asha"), "--yes")  # nobody resolved it again
        self.each("complaint", "duplicate", other, *self.office("ae-1"), "--of", number, "--note", "x", "--yes")
        self.each("complaint", "withdraw", number, *self.key("asha"), "--yes")
        return number

    def words(self, number):
        reason = ("--step", "1", "--reason", "a name")
        for verb in ("hide", "unhide"):
            self.each("complaint", verb, number, *reason, *self.office("op-1"))
        self.each("complaint", "erase", number, *reason, *self.office("ae-1"), "--yes")
        self.expect(1, "complaint", "erase", number, "--step", "99", "--reason", "x", *self.office("ae-1"), "--yes")

    def files(self, number):
        self.stack.wait_settled()
        for verb in ("proof", "dossier"):
            self.each("complaint", verb, number, "--out", self.path(f"{verb}.json"))
        chain = ("--rpc", self.stack.rpc_url, "--contract", self.stack.contract, "--gateway", self.stack.url, "--confirmations", "0")
        receipt = self.path("receipt.json")
        for exits, arguments in ((0, [receipt, *chain]), (1, [receipt, "--service-key", self.terminal.public("stranger")]), (2, []), (3, [receipt]),
                                 (3, [receipt, "--rpc", self.nowhere, *chain[2:]])):
            self.expect(exits, "receipt", "check", *arguments, url=False)


@case
def test_exits():
    with stack_in_folder() as stack:
        stack.write_config(batch_period="5s")
        stack.start_daemon()
        exits = Exits(stack)
        World(stack, AREA).register("tx-1")
        exits.officials()
        exits.profiles()
        number = exits.acts()
        exits.words(number)
        exits.files(number)
        # Keys of the keyring are asked for in the keyring's own tests.
        equal(verbs() - set(exits.seen), {("official", "keys")}, "verbs that were not asked")
        checks = {("profile", "check"), ("receipt", "check")}
        equal({name: ends for name, ends in exits.seen.items() if ends != ({0, 1, 2, 3} if name in checks else {0, 1, 2})}, {}, "what verbs ended with")


if __name__ == "__main__":
    main()
