#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A want that passes: no descriptors, for a while. The daemon says so, loses nothing, and goes on by itself."""
import http.client
import json
import os
import resource
import urllib.parse

from pt_attack import amount
from pt_case import PATIENCE, case, check, equal, main, stack_in_folder
from pt_world import World, wait_until


class Open:
    """A connection that was made before and stays: nobody gets a new one when there are no descriptors."""

    def __init__(self, stack):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(stack.url).netloc, timeout=PATIENCE)

    def ask(self, path, data=None):
        """(status, answer)"""
        self.connection.request("POST" if data else "GET", "/api/v1" + path, data, {"Content-Type": "application/x-ndjson"} if data else {})
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())

    def send(self, line):
        """Whether the report was taken; else it has to be sent again."""
        status, answer = self.ask("/reports", line)
        if status == 200:
            errors = [row["error"] for row in answer["rejected"]]
            check(errors in ([], ["busy"]), f"an answer: {answer}")
            return not errors
        check(status == 503 and answer["type"] in ("busy", "retry"), f"status {status}: {answer}")
        return False


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def limit_descriptors(pid, most):
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]))


def wanting(way, pid):
    """What the daemon says while it wants; what it had open for a moment when it was counted is taken away too."""
    limit_descriptors(pid, descriptors(pid))
    row = way.ask("/status")[1]
    return row if row.get("state") == "attention" else None


def logged(stack, words):
    with open(stack.log_file("powertrackd"), encoding="utf-8") as file:
        return [line for line in file if words in line]


@case
def test_no_descriptors():
    """None left, then a few: reports wait or are taken, batches wait, and nobody has to start it again."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1s")
        stack.start_daemon()
        world, pid = World(stack, "test-east"), stack.children["powertrackd"].pid
        world.register("tx-1")
        world.say("tx-1")
        way, before = Open(stack), resource.prlimit(pid, resource.RLIMIT_NOFILE)[0]
        waiting = [world.report("tx-1") for _ in range(amount(30, 1000))]
        for spare in (0, 1, 2, 3):
            way.ask("/status")
            limit_descriptors(pid, descriptors(pid) + spare)
            waiting = [line for line in waiting if not way.send(line)] + [world.report("tx-1")]
            if spare == 0:
                status = wait_until("it says what is wanting", lambda: wanting(way, pid))
                check(status["cause"] in ("store", "intake", "sealing") and "log" in status["detail"], f"what everybody hears: {status}")
            limit_descriptors(pid, before)
        waiting = wait_until("what waited is taken", lambda: not [line for line in waiting if not way.send(line)])
        wait_until("all is sealed and well", lambda: (row := way.ask("/status")[1])["state"] == "ok" and row["pending"] == 0)
        log = logged(stack, "Too many open files")
        begun, over = ([line for line in log if words in line] for words in ("WARNING", "It is over"))
        check(begun and len(begun) == len(over), f"each is told once, and its end once: {log[:9]}")
        equal(stack.stop("powertrackd"), 0, "its exit code: it never had to be started again")


if __name__ == "__main__":
    main()
