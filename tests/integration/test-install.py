#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What an installation has, and that it works from where it lies: programs, completion, documents, and the type of a proof."""
import configparser
import glob
import os
import subprocess
import tempfile
import xml.etree.ElementTree

from pt_case import BUILD, SOURCE, case, check, equal, main

PROOF = "application/vnd.powertracker.proof+json"


def run(*command, **environment):
    return subprocess.run(command, env={**os.environ, **environment}, check=True, capture_output=True, text=True).stdout


def found(folder, pattern):
    paths = glob.glob(os.path.join(folder, "**", pattern), recursive=True)
    equal(len(paths), 1, f"{pattern} is installed")
    return paths[0]


@case
def test_tree():
    with tempfile.TemporaryDirectory(prefix="powertrack-install-") as folder:
        run("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", DESTDIR=folder)
        program = found(folder, "bin/powertrack")
        check("register" in run(program, "device", "register", "--help"), "a verb of the other program, from where the tree lies")
        check(run(program, "--version").strip(), "its version")
        for name in ("README.md", "LICENSE", "NEWS", "PROTOCOL.md"):
            found(folder, f"share/doc/powertrack/{name}")
        found(folder, "bash-completion/completions/powertrack")
        found(folder, "dbus-1/system.d/org.powertracker.Daemon1.conf")
        if os.path.exists(os.path.join(BUILD, "app", "powertrack-console")):
            opens_proofs(folder)


def opens_proofs(folder):
    """The proof's type is in the data base of types, the console takes it, and saves under a name that has it."""
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(found(folder, "applications/org.powertracker.Console.desktop"), encoding="utf-8")
    check(PROOF in entry["Desktop Entry"]["MimeType"].split(";"), "the console opens it")
    types = xml.etree.ElementTree.parse(found(folder, "mime/packages/org.powertracker.Console.xml")).getroot()
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    equal([kind.get("type") for kind in types.findall(f"{space}mime-type")], [PROOF], "its types")
    pattern, = (glob.get("pattern") for glob in types.iter(f"{space}glob"))
    with open(os.path.join(SOURCE, "app", "ui", "pt-site-panel.c"), encoding="utf-8") as file:
        check(pattern.lstrip("*") in file.read(), "what a saved proof is called")


if __name__ == "__main__":
    main()
