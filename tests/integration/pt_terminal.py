# SPDX-License-Identifier: Apache-2.0
"""powertrack as somebody types it, with a key file for each name."""
import os
import re
import subprocess

from pt_case import BUILD, PATIENCE_LONG, equal


class Terminal:
    """The program as somebody runs it."""

    def __init__(self, stack, area):
        self.stack, self.area, self.keys = stack, area, {}

    def key(self, name):
        if name not in self.keys:
            path = self.stack.key_file(f"{name}.pem")
            self.keys[name] = path, self.stack.powertrack("keygen", "--out", path).strip()
        return self.keys[name][0]

    def public(self, name):
        self.key(name)
        return self.keys[name][1]

    def run(self, *arguments, exits=0):
        """(what it says, what it says beside)."""
        command = [os.path.join(BUILD, "cli", "powertrack"), *arguments]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_LONG, check=False)
        equal(done.returncode, exits, f"{' '.join(arguments)}: {done.stdout[-600:]}{done.stderr[-600:]}")
        return done.stdout, done.stderr

    def ask(self, *arguments, exits=0):
        return self.run(*arguments, "--url", self.stack.url, exits=exits)

    def act(self, verb, number, name, *more, official=True, exits=0):
        return self.ask("complaint", verb, number, "--key", self.key(name), "--yes", *(["--official", name] if official else []), *more, exits=exits)

    def file(self, name, *more):
        """Its number."""
        out, _ = self.ask("complaint", "file", "--area", self.area, "--category", "no-supply", "--key", self.key(name), "--yes", *more)
        return re.search(r"number ([0-9 ]{12})\n", out).group(1)
