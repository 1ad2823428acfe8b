#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Readers never keep the writer out: who reads all sites without a pause, who reads nothing, and a town that falls silent at once."""
import gzip
import json
import os
import socket
import subprocess
import sys
import threading

from pt_attack import amount
from pt_case import PATIENCE, SOURCE, case, check, equal, main, stack_in_folder
from pt_world import World, ask, resident_kib, wait_until

from pt_stack import now_ms

AREA = "test-east"
READERS = 100
DEVICES = amount(4000, 30000)
SILENT_DEVICES = amount(25000, 60000)  # more than 4 MiB of news


def load(stack, devices, reports, *more):
    """So many devices of the fleet that reported."""
    listed = os.path.join(stack.folder, "devices.csv")
    begin = ["load", "--area", "test-load", "--devices", devices]
    stack.fleet(*begin, "--list", listed)
    stack.register_areas("test-load")
    stack.register_devices(listed)
    stack.fleet(*begin, "--url", stack.url, "--reports", reports, *more)


class Beside:
    """Clients that read an address without a pause, in a process of their own; .result once they have ended."""

    def __init__(self, stack, count, path):
        script = os.path.join(SOURCE, "tests", "integration", "pt_readers.py")
        self.process = subprocess.Popen([sys.executable, script, "127.0.0.1", str(stack.http_port), str(count), path], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        equal(self.process.stdout.readline(), "ready\n", "the readers")
        return self

    def __exit__(self, *_):
        self.result = json.loads(self.process.communicate()[0] or "{}")


@case
def test_without_pause():
    """Beside 100 who read all sites for ever each report is acknowledged, and who wrote it finds it."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        world = World(stack, AREA)
        world.register("tx-1")
        load(stack, DEVICES, DEVICES)
        slowest, begun = [], threading.Event()
        with Beside(stack, READERS, "/api/v1/sites") as readers:
            for turn in range(amount(30, 300)):
                line = world.report("tx-1", "ON" if turn % 2 else "OFF")
                answer = {}
                thread = threading.Thread(target=lambda line=line: answer.update(got=stack.post("/reports", line)), daemon=True)
                thread.start()
                thread.join(PATIENCE)
                check("got" in answer, f"report {turn} is acknowledged")
                equal(answer["got"][1]["accepted"], 1, f"report {turn}")
                wanted = "on" if turn % 2 else "off"
                equal(stack.get("/sites/S-tx-1")["properties"]["state"], wanted, "the site after its report")
                if turn % 10 == 0:
                    rows = stack.get(f"/sites?area={AREA}")["features"]
                    equal([row["properties"]["state"] for row in rows], [wanted], "the list after it")
                    equal(stack.status()["sites_off"], int(wanted == "off"), "the count after it")
        print(f"# {readers.result}", flush=True)
        equal((readers.result["cut"], readers.result["busy"]), (0, 0), "readers that were cut or sent away: they share what they read")


@case
def test_packed():
    """The list is one file for all who take gzip, and what it says is the same."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        load(stack, 1000, 1000)
        for query in ("", "?format=ndjson", "?state=on", "?state=off", "?bbox=-180,-90,180,0", "?area=test-load"):
            _, head, plain = ask(stack, "/api/v1/sites" + query)
            status, packed_head, packed = ask(stack, "/api/v1/sites" + query, Accept_Encoding="gzip")
            equal((status, packed_head["Content-Encoding"]), (200, "gzip"), query)
            check("Accept-Encoding" in head["Vary"] and "Accept-Encoding" in packed_head["Vary"], f"Vary: {head['Vary']}")
            check(head["ETag"] != packed_head["ETag"], "another representation has another name")
            equal(gzip.decompress(packed), plain, f"what is in it: {query}")
            equal(ask(stack, "/api/v1/sites" + query, If_None_Match=head["ETag"])[0], 304, "it is known")
        check(len(ask(stack, "/api/v1/sites", Accept_Encoding="gzip")[2]) * 5 < len(ask(stack, "/api/v1/sites")[2]), "it is worth it")
        status, head, packed = ask(stack, "/api/v1/outages", Accept_Encoding="gzip")
        check(json.loads(packed if head["Content-Encoding"] is None else gzip.decompress(packed)), "another list")


@case
def test_not_read():
    """60 clients that ask for all sites and read nothing hold one list among them."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        load(stack, DEVICES, DEVICES)
        size, pid = len(ask(stack, "/api/v1/sites")[2]), stack.children["powertrackd"].pid
        before, clients = resident_kib(pid), []
        for _ in range(60):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", stack.http_port))
            client.sendall(b"GET /api/v1/sites HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            clients.append(client)
        for client in clients:
            check(client.recv(12).startswith(b"HTTP/1.1 200"), "it is answered")
        grown = resident_kib(pid) - before
        print(f"# {len(clients)} lists of {size >> 10} KiB: grown by {grown} KiB", flush=True)
        check(grown * 1024 < 10 * size + (16 << 20), f"{len(clients)} who do not read cost {grown} KiB")
        equal(ask(stack, "/healthz")[0], 200, "others are answered")
        for client in clients:
            client.close()


class Follower(threading.Thread):
    """Reads the events all the time; .told is what each site was last told as."""

    def __init__(self, stack):
        super().__init__(daemon=True)
        self.told, self.largest, self.ended, self.intake = {}, 0, False, []
        self.socket = socket.create_connection(("127.0.0.1", stack.http_port), PATIENCE)
        self.socket.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        self.file = self.socket.makefile("rb")
        self.start()

    def run(self):
        name = b""
        for line in self.file:
            if line.startswith(b"event: "):
                name = line[7:].strip()
            elif line.startswith(b"data: ") and name == b"intake":
                self.intake.append({**json.loads(line[6:]), "before": self.count("silent")})
            elif line.startswith(b"data: ") and name == b"sites":
                self.largest = max(self.largest, len(line))
                self.told.update((row["site"], row["state"]) for row in json.loads(line[6:])["sites"])
        self.ended = True

    def count(self, state):
        return sum(told == state for told in list(self.told.values()))


def logged(stack):
    with open(stack.log_file("powertrackd"), encoding="utf-8") as file:
        return file.readlines()


@case
def test_all_silent():
    """All fall silent in one look: each is told once, in events of 64 KiB at most, and nobody who reads is cut."""
    with stack_in_folder(chain=False) as stack:
        stack.step_clock(now_ms() // 86_400_000 * 86_400_000)
        stack.write_config(live_silent_after="60s", batch_period="1d")
        stack.start_daemon()
        load(stack, SILENT_DEVICES, SILENT_DEVICES)
        followers = [Follower(stack) for _ in range(3)]
        with open(stack.token, encoding="ascii") as file:
            bearer = "Bearer " + file.read().strip()
        wait_until("the streams are open", lambda: all(follower.is_alive() for follower in followers))
        wait_until("all are told as on", lambda: stack.status()["sites_on"] == SILENT_DEVICES)
        status = stack.post("/clock", json.dumps({"now": stack.status()["now"] + 3_600_000}).encode(), "application/json", {"Authorization": bearer})[0]
        equal(status, 200, "the clock goes on an hour")
        for follower in followers:
            wait_until("all are told as silent", lambda follower=follower: follower.ended or follower.count("silent") == SILENT_DEVICES)
            check(not follower.ended, "the stream goes on")
            check(follower.largest <= 64 << 10, f"an event of {follower.largest} bytes")
            said = [(row["state"], row["silent"], row["of"], row["before"]) for row in follower.intake]
            equal(said, [("silent", SILENT_DEVICES, SILENT_DEVICES, 0)], "one event says that nothing arrives, before all the sites")
        status = stack.status()
        equal((status["sites_silent"], status["state"]), (SILENT_DEVICES, "attention"), "the status")
        check(status["detail"].startswith("Nothing arrives any more, from everywhere"), f"what it says: {status['detail']}")
        equal(sum("Nothing arrives" in line for line in logged(stack)), 1, "lines in the log")
        late = Follower(stack)
        wait_until("who comes later is told too", lambda: late.intake)
        stack.fleet("load", "--area", "test-load", "--devices", SILENT_DEVICES, "--url", stack.url, "--reports", SILENT_DEVICES)
        wait_until("that reports arrive again is told", lambda: followers[0].intake[-1]["state"] == "heard")
        equal(stack.status()["state"], "ok", "the state")


if __name__ == "__main__":
    main()
