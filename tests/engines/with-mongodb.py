#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a program beside a server that speaks MongoDB's protocol, whose address it finds in PT_MONGODB_URI.

Usage: with-mongodb.py ferretdb|mongo-java-server PROGRAM [ARGUMENT...]

The server that MONGODB_URI names, where there is one; else one that is started here on a folder of its own.
"""
import os
import subprocess
import sys
import tempfile

from engine import SKIP, start_mongodb


def run(uri, program):
    return subprocess.run(program, env=dict(os.environ, PT_MONGODB_URI=uri), check=False).returncode


def start(name, folder):
    """A skip is said in TAP, whose programs end with 0."""
    try:
        return start_mongodb(name, folder)
    except SystemExit as end:
        sys.exit(0 if end.code == SKIP else end.code)


def main():
    given = os.environ.get("MONGODB_URI")
    if given:
        sys.exit(run(given.rstrip("/"), sys.argv[2:]))
    with tempfile.TemporaryDirectory(prefix="pt-mongodb-") as folder:
        server, uri = start(sys.argv[1], folder)
        try:
            code = run(uri, sys.argv[2:])
        finally:
            server.terminate()
            server.wait()
    sys.exit(code)


main()
