#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""More than the daemon can take in, for long: memory is bounded, the others are served, nothing acknowledged is lost, and afterwards all is as before.

`make soak` is the form of ten minutes; it prints what it saw as one JSON line.
"""
import json
import os
import signal
import subprocess
import sys
import threading
import time

from pt_attack import LONG, amount
from pt_case import case, check, equal, main, stack_in_folder
from pt_raw import Raw, post
from pt_world import World, resident_kib, wait_until

from pt_stack import http, program_path

SECONDS = amount(8, 600)
DEVICES, LINES, QUEUE, FLOODS = 200, 1000, 10000, amount(24, 64)
MEMORY_MIB = 64 + 128 + 64  # what the configuration gives to bodies and answers, and what is on its way
STEADY = 100  # reports a second of those who keep to their share


def metric(stack, name):
    _, text = http(stack.url + "/metrics")
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.decode().splitlines() if line.startswith(name))


class Flood:
    """Clients, each with an address of its own, that hand in bodies of a thousand reports without a pause, and pay no heed to Retry-After."""

    def __init__(self, stack, bodies, count):
        self.stack, self.bodies, self.stopped = stack, bodies, threading.Event()
        self.taken, self.busy = [0] * count, [0] * count
        self.threads = [threading.Thread(target=self.run, args=(number,)) for number in range(count)]

    def run(self, number):
        requests = [post(f"Content-Length: {len(body)}\r\n", body).replace(b"application/json", b"application/x-ndjson") for body in self.bodies]
        while not self.stopped.is_set():
            with Raw(self.stack, source=f"127.0.1.{number + 1}") as connection:
                for turn in range(1000):
                    if self.stopped.is_set() or not connection.send(requests[(number + turn) % len(requests)]):
                        break
                    answer = self.answer(connection)
                    self.taken[number] += answer.startswith(b"HTTP/1.1 200")
                    self.busy[number] += answer.startswith((b"HTTP/1.1 503", b"HTTP/1.1 429"))
                    if not answer or b"Connection: close" in answer:
                        break

    @staticmethod
    def answer(connection):
        """The head and body of one answer; b"" where the daemon ended it."""
        connection.text = b""
        try:
            head = connection.read_until(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            while len(connection.text) < head.index(b"\r\n\r\n") + 4 + length:
                connection.text += connection.socket.recv(65536)
        except (AssertionError, ConnectionResetError, ValueError):
            return b""
        return connection.text

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self.threads:
            thread.join()


def steady_fleet(stack, load, reports):
    """Devices that keep to their share, in a process of their own."""
    command = [program_path(stack.build, "powertrack-fleet"), *load, "--url", stack.url, "--reports", reports, "--rate", STEADY, "--lines", 20, "--json",
               "--state", os.path.join(stack.folder, "fleet.state")]
    return subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)


def watch(stack, fleet, flood):
    """While it lasts: the most memory, KiB, and how often a citizen's question was answered."""
    pid, most, asked, until = stack.children["powertrackd"].pid, 0, 0, time.monotonic() + SECONDS
    while time.monotonic() < until or fleet.poll() is None or not (sum(flood.taken) and sum(flood.busy)):
        most = max(most, resident_kib(pid))
        equal(http(stack.url + "/api/v1/status")[0], 200, "a question beside the flood")
        asked += 1
        check(time.monotonic() < until + 300, f"the fleet ended, some bodies were taken and some were not: {sum(flood.taken)}, {sum(flood.busy)}")
        time.sleep(0.1)
    return most, asked


def flood_bodies(stack):
    """Bodies of reports that are good: each is looked at whole, however often it comes."""
    world = World(stack, "flood")
    names = [f"tx-{number}" for number in range(LINES)]
    world.register(*names)
    return [b"\n".join(world.report(name) for name in names) for _ in range(amount(3, 20))]


def nothing_lost(stack, reports):
    """Every report that the fleet was told of is durable, by the daemon's own word after it was killed."""
    stack.children["powertrackd"].send_signal(signal.SIGKILL)
    stack.children["powertrackd"].wait()
    stack.start_daemon()
    held = [stack.get(f"/devices/steady/load-{number + 1:06}/held") for number in range(DEVICES)]
    equal(sum(one["highest"] - len(one["missing"]) for one in held), reports, "reports that are durable")


@case
def test_flood():
    """Clients that offer what can't be taken in, beside a fleet that keeps to its share; then SIGKILL, and all that was acknowledged is there."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(intake_queue_lines=QUEUE)
        stack.start_daemon()
        load = ["load", "--area", "steady", "--devices", DEVICES]
        devices = os.path.join(stack.folder, "devices.csv")
        stack.fleet(*load, "--list", devices)
        bodies = flood_bodies(stack)
        stack.register_areas("steady")
        stack.register_devices(devices)
        before, reports = resident_kib(stack.children["powertrackd"].pid), STEADY * SECONDS // DEVICES * DEVICES
        with Flood(stack, bodies, FLOODS) as flood:
            begun = time.monotonic()
            fleet = steady_fleet(stack, load, reports)
            most, asked = watch(stack, fleet, flood)
            lasted = time.monotonic() - begun
        ended = time.monotonic()
        wait_until("nothing is on its way any more", lambda: metric(stack, "powertrack_queue_lines") == 0)
        after = time.monotonic() - ended
        result = json.loads(fleet.communicate()[0].strip().splitlines()[-1])
        equal((result["accepted"] + result["duplicate"], result["rejected"]), (reports, 0), f"reports of the fleet: {result}")
        grown = (most - before) / 1024
        check(grown < MEMORY_MIB, f"it grew by {grown:.0f} MiB")
        nothing_lost(stack, reports)
        taken, busy = sum(flood.taken) * LINES / lasted, sum(flood.busy) * LINES / lasted
        said = {"offered_per_s": round(taken + busy), "taken_per_s": round(taken), "seconds": round(lasted), "grown_mib": round(grown, 1), "budget_mib": MEMORY_MIB,
                "questions": asked, "quiet_after_s": round(after, 2), "fleet_ack_ms_p99": result["ack_ms_p99"], "fleet": reports}
        print("# " + json.dumps(said), file=sys.stderr, flush=True)
        check(not LONG or after <= 10, f"all was as before only after {after:.1f} s")


if __name__ == "__main__":
    main()
