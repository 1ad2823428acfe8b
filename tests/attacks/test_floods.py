#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reports beyond their rates: a device with a good key, a stranger without one. The other devices do not notice."""
import http.client
import json
import urllib.parse

from pt_attack import amount
from pt_case import PATIENCE, case, check, equal, main, stack_in_folder
from pt_world import World

AREA = "test-east"
WINDOW = 4096  # what a device may have kept while it was away
OPEN = {"http_proxies": ""}  # so that the addresses of this machine are as others


def post(stack, lines, source):
    """(status, Retry-After, answer) of one body that comes from @source."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(stack.url).netloc, timeout=PATIENCE, source_address=(source, 0))
    connection.request("POST", "/api/v1/reports", b"\n".join(lines) + b"\n", {"Content-Type": "application/x-ndjson"})
    answer = connection.getresponse()
    result = answer.status, int(answer.headers["Retry-After"] or 0), json.loads(answer.read())
    connection.close()
    return result


def slugs(answer):
    return {row["error"] for row in answer["rejected"]}


def spoilt(report):
    """The same with another signature, still canonical."""
    entry = json.loads(report)
    entry["sig"] = entry["sig"][:40] + ("B" if entry["sig"][40] != "B" else "C") + entry["sig"][41:]
    return json.dumps(entry, separators=(",", ":"), sort_keys=True).encode()


def accepted(stack, report, source):
    status, _, answer = post(stack, [report], source)
    equal(status, 200, f"another device is let in: {answer}")
    equal(answer["accepted"], 1, f"another device's report: {answer}")


@case
def test_one_device():
    """It hands in all that it kept, and then so much a minute; a stranger's copies and bad signatures take nothing of that."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(intake_device_per_minute=1, intake_address_per_minute=0)
        stack.start_daemon()
        world = World(stack, AREA)
        world.register("tx-1", "tx-2")
        first = [world.report("tx-1") for _ in range(1000)]
        equal(post(stack, first, "127.0.0.2")[2]["accepted"], 1000, "the first thousand")
        for _ in range(amount(5, 50)):
            equal(post(stack, first, "127.0.0.3")[2]["duplicate"], 1000, "copies")
            equal(slugs(post(stack, [spoilt(world.report("tx-1", seq=3000))] * 1000, "127.0.0.3")[2]), {"bad-signature"}, "bad signatures")
        taken = 1000
        while taken < WINDOW:
            count = min(1000, WINDOW - taken)
            equal(post(stack, [world.report("tx-1") for _ in range(count)], "127.0.0.2")[2]["accepted"], count, "all that it kept")
            taken += count
        status, _, answer = post(stack, [world.report("tx-1") for _ in range(1000)], "127.0.0.2")
        check(status == 429 or slugs(answer) == {"too-many"}, f"a flood: {status} {answer}")
        accepted(stack, world.report("tx-2"), "127.0.0.2")


@case
def test_one_address():
    """Ten thousand lines and then 429, before a signature is looked at; from another address all goes on."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(intake_address_per_minute=1, **OPEN)
        stack.start_daemon()
        world = World(stack, AREA)
        world.register("tx-1")
        bad = spoilt(world.report("tx-1", seq=9))
        post(stack, [bad] * 10000, "127.0.0.9")
        for _ in range(amount(100, 5000)):
            status, wait, answer = post(stack, [bad] * 100, "127.0.0.9")
            if status == 200:  # one a minute
                equal(slugs(answer), {"too-many", "bad-signature"}, "what is over")
                continue
            equal((status, answer["type"]), (429, "too-many"), "a flood")
            check(1 <= wait <= 86400, f"it is told when: {wait}")
        accepted(stack, world.report("tx-1"), "127.0.0.8")
        equal(post(stack, [world.report("tx-1")], "127.0.0.9")[0], 429, "a good report from there")


if __name__ == "__main__":
    main()
