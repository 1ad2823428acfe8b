#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""For run.py: a console on URL, walked by AT-SPI as a screen reader's user would wait for it.

Says "ready" when it is live and its first outage is chosen, where there is one; then, for each line of standard input, walks NODES
nodes and prints {"nodes": ..., "seconds": ...}.
"""
import json
import os
import sys
import time

sys.dont_write_bytecode = True
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(SOURCE, "tests", "integration"), os.path.join(SOURCE, "tools")]

from pt_window import Console, inside, is_inside  # noqa: E402


def walk(console, most):
    """What a reader asks of each node: role, name, states, children. What goes while it is looked at is passed over."""
    from gi.repository import GLib

    root = console.window()
    root.clear_cache()
    stack, nodes = [root], 0
    while stack and nodes < most:
        node = stack.pop()
        nodes += 1
        try:
            node.get_role_name()
            console.text(node)
            node.get_state_set()
            stack.extend(node.get_child_at_index(number) for number in reversed(range(min(node.get_child_count(), most))))
        except (GLib.Error, AttributeError):
            continue
    return nodes


def main(url, most):
    with Console("--url", url) as console:
        console.wait_says(r"^Live · ")
        print("ready", flush=True)
        for line in sys.stdin:
            if line.strip() == "choose":
                console.key("Down")
                continue
            begun = time.monotonic()
            nodes = walk(console, most)
            print(json.dumps({"nodes": nodes, "seconds": time.monotonic() - begun}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])) if is_inside() else inside(os.path.abspath(__file__), *sys.argv[1:]))
