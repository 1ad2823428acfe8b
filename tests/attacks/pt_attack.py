# SPDX-License-Identifier: Apache-2.0
"""What the attacks share beside pt_case and pt_world of tests/integration: where those are, and how much to try.

In `make check` an attack is as short as shows the kind; PT_ATTACKS=long (`make attacks`) is as long as a night on the network.
A limit of time here only says that something hung: never less than ten times what it takes on a slow machine.
"""
import os
import sys

LONG = os.environ.get("PT_ATTACKS") == "long"
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))
sys.dont_write_bytecode = True


def amount(short, long):
    """How many to try."""
    return long if LONG else short
