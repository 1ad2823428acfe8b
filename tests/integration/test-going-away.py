#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The chain, the blocks' folder and the disk going away in mid-run: batches are delayed, nothing acknowledged is lost or doubled."""
import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from pt_audit import audit, events
from pt_case import ANVIL, PATIENCE, Skip, case, check, equal, main, stack_in_folder
from pt_world import World, wait_until

from pt_stack import CHAIN_ID, Failure, http, rpc

AREAS = ("test-east", "test-west")
DEVICES = 4


class Client(threading.Thread):
    """Posts one report after the other, alternating devices, and writes down what was acknowledged."""

    def __init__(self, world, pause=0.01):
        super().__init__(daemon=True)
        self.world, self.pause, self.ending = world, pause, threading.Event()
        self.acknowledged = {area: {name: set() for name in names()} for area in world.areas}
        self.statuses, self.failure, self.count = {}, None, 0

    def run(self):
        try:
            while not self.ending.wait(self.pause):
                self.step()
        except Exception as error:
            self.failure = error

    def step(self):
        """One report, until it is taken."""
        number, self.count = self.count, self.count + 1
        area, name = AREAS[number % 2], names()[number // 2 % DEVICES]
        line = self.world.report(name, "OFF" if number // 20 % 2 else "ON", area)
        while not self.ending.is_set():
            try:
                status, body = http(self.world.stack.url + "/api/v1/reports", line, {"Content-Type": "application/json"}, timeout=PATIENCE)
            except OSError:  # nobody listens: it is started again
                time.sleep(0.05)
                continue
            self.statuses[status] = self.statuses.get(status, 0) + 1
            answer = json.loads(body)
            if status == 200 and not answer["rejected"]:
                check(answer["accepted"] + answer["duplicate"] == 1, f"an answer: {answer}")
                self.acknowledged[area][name].add(json.loads(line)["seq"])
                return
            check(status == 503 and answer.get("type") in ("busy", "retry"), f"status {status}: {answer}")
            time.sleep(0.05)

    def total(self):
        return sum(len(used) for area in self.acknowledged.values() for used in area.values())

    def goes_on(self):
        """Waits until more is acknowledged."""
        before = self.total()
        wait_until("reports are accepted", lambda: self.failure or self.total() >= before + 5)
        if self.failure:
            raise self.failure

    def finish(self):
        self.ending.set()
        self.join(PATIENCE)
        check(not self.is_alive(), "the client's last report was answered")
        if self.failure:
            raise self.failure


def names():
    return [f"tx-{number}" for number in range(DEVICES)]


def start_chain(stack):
    """A chain that writes its state down every second, as other tests' do not."""
    command = [ANVIL, "--host", "127.0.0.1", "--port", str(stack.rpc_port), "--chain-id", str(CHAIN_ID), "--hardfork", "prague", "--quiet",
               "--block-time", "1", "--state", chain_state(stack), "--state-interval", "1"]
    stack.spawn("anvil", command)
    stack.wait_for("anvil", lambda: int(rpc(stack.rpc_url, "eth_chainId"), 16) == CHAIN_ID)


def chain_state(stack):
    return os.path.join(stack.folder, "chain.json")


def begin(stack, **settings):
    """A daemon with devices in two areas and a client that posts."""
    stack.write_config(batch_period="1s", chain_poll_ms=200, **settings)
    stack.start_daemon()
    world = World(stack, *AREAS)
    for area in AREAS:
        world.register(*names(), area=area)
    client = Client(world)
    client.start()
    return client


def final(stack):
    return stack.status()["batches"]["final"]


def sealed_at_all(stack):
    return sum(stack.status()["batches"].values())


def wait_attention(stack, *words):
    """Until the status says that something waits; it says what in a sentence."""
    status = wait_until("attention", lambda: (row := stack.status())["state"] == "attention" and row)
    check(len(status["detail"]) > 15 and all(word in status["detail"] for word in words), f"the sentence: {status['detail']!r}")
    return status


def check_end(stack, client):
    """All final, anchored once each, the audits hold, and the log has exactly what was acknowledged."""
    client.finish()
    stack.wait_settled()
    wait_until("all is well again", lambda: stack.status()["state"] == "ok")
    anchored = [tuple(event[1:3]) for event in events(stack.rpc_url, stack.contract) if event[0] == "anchored"]
    for area in AREAS:
        own = [number for name, number in anchored if name == area]
        equal(own, list(range(1, len(own) + 1)), f"batches of {area} in the order in which they were anchored, each once")
    equal(len(anchored), final(stack), "batches")
    check(stack.audit()["holds"], "the audit")
    log = audit(stack.rpc_url, stack.contract, stack.url)
    for area, devices in client.acknowledged.items():
        for name, used in devices.items():
            # One that was not answered when the client ended may be there or not.
            missing, more = used - log[area].devices[name].used, log[area].devices[name].used - used
            check(not missing and len(more) <= 1, f"{name} of {area}: missing {sorted(missing)[:9]}, not acknowledged {sorted(more)[:9]}")
    equal(stack.stop("powertrackd"), 0, "the daemon's exit code")
    print(f"# {client.total()} reports, {len(anchored)} batches, answers {client.statuses}", flush=True)


@case
def test_chain_stands_still():
    with stack_in_folder() as stack:
        client = begin(stack)
        wait_until("a final batch", lambda: final(stack) > 1)
        anvil = stack.children["anvil"]
        anvil.send_signal(signal.SIGSTOP)
        try:
            wait_attention(stack)
            client.goes_on()
            done, rows = final(stack), sealed_at_all(stack)
            wait_until("sealing goes on", lambda: sealed_at_all(stack) > rows + 3)
            equal(final(stack), done, "final batches meanwhile")
        finally:
            anvil.send_signal(signal.SIGCONT)
        wait_until("batches become final", lambda: final(stack) > done + 3)
        check_end(stack, client)


@case
def test_chain_is_killed():
    """Three times; what it had not written down yet is lost with it: blocks, and transactions on their way."""
    with stack_in_folder(chain=False) as stack:
        start_chain(stack)
        stack.deploy()
        client = begin(stack, chain_confirmations=5)
        for _ in range(3):
            done = final(stack)
            wait_until("a final batch", lambda: final(stack) > done)
            written = os.stat(chain_state(stack)).st_mtime
            wait_until("the chain writes its state down", lambda: os.stat(chain_state(stack)).st_mtime > written, pause=0.01)
            time.sleep(0.4)  # and begins the next second
            stack.stop("anvil", signal.SIGKILL)
            wait_attention(stack)
            client.goes_on()
            start_chain(stack)
            done = final(stack)
            # It remembers no state of blocks before its start; that must not hold up the rest.
            wait_until("batches become final soon", lambda: final(stack) > done)
        check_end(stack, client)


@case
def test_blocks_folder():
    with stack_in_folder() as stack:
        client = begin(stack)
        wait_until("a final batch", lambda: final(stack) > 1)
        blocks = os.path.join(stack.state, "blocks")
        os.rename(blocks, blocks + ".away")
        try:
            time.sleep(0.5)
            rows = sealed_at_all(stack)
            equal(wait_attention(stack, "Sealing is delayed")["cause"], "sealing", "what waits")
            check(blocks not in json.dumps(stack.status()), "where the blocks are is not for everybody")
            with open(stack.log_file("powertrackd"), encoding="utf-8") as log:
                check(blocks in log.read(), "it is in the log")
            client.goes_on()
            pending = stack.status()["pending"]
            wait_until("entries wait", lambda: stack.status()["pending"] > pending)
            check(sealed_at_all(stack) <= rows + len(AREAS), "nothing is sealed without a place for it")
            check(stack.alive("powertrackd"), "the daemon runs")
        finally:
            shutil.rmtree(blocks, ignore_errors=True)
            os.rename(blocks + ".away", blocks)
        check_end(stack, client)


class SmallDisk:
    """A file system of 24 MB that is full on demand."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="powertrack-disk-")
        command = ["mount", "-t", "tmpfs", "-o", "size=24m", "powertrack-test", self.folder]
        if os.geteuid() != 0 or subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode != 0:
            os.rmdir(self.folder)
            raise Skip("needs leave to mount a small file system")
        self.filler = os.path.join(self.folder, "filler")
        return self

    def fill(self):
        with open(self.filler, "ab", buffering=0) as file:
            for size in (1 << 20, 4096, 1):
                try:
                    while file.write(bytes(size)) == size:
                        pass
                except OSError as error:
                    equal(error.errno, errno.ENOSPC, "why nothing more fits")

    def empty(self):
        os.unlink(self.filler)

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.folder], check=False)
        os.rmdir(self.folder)


@case
def test_full_disk():
    with SmallDisk() as disk, stack_in_folder() as stack:
        stack.state = os.path.join(disk.folder, "state")
        client = begin(stack)
        try:
            for _ in range(2):
                done = final(stack)
                wait_until("a final batch", lambda: final(stack) > done + 1)
                refused = client.statuses.get(503, 0)
                disk.fill()
                wait_until("reports are refused", lambda: client.statuses.get(503, 0) > refused + 10)
                acknowledged = client.total()
                time.sleep(2)
                check(stack.alive("powertrackd"), "the daemon runs")
                check(client.total() <= acknowledged + 1, "nothing is acknowledged that has no place")
                wait_attention(stack)
                disk.empty()
                client.goes_on()
            check_end(stack, client)
        finally:
            stack.stop_all()


def register_on_chain(stack):
    """The areas, by another daemon of the same keys: only one with a chain can say which account will anchor."""
    own, stack.state = stack.state, os.path.join(stack.folder, "state-before")
    stack.write_config()
    stack.start_daemon()
    stack.register_areas(*AREAS)
    equal(stack.stop("powertrackd"), 0, "its exit code")
    stack.state, stack.settings = own, {}


@case
def test_chain_comes_later():
    """Without [chain] batches wait; after a start with one they go out in order."""
    with stack_in_folder() as stack:
        register_on_chain(stack)
        contract, stack.contract = stack.contract, None
        client = begin(stack)
        wait_until("batches wait", lambda: stack.status()["batches"]["published"] >= 6)
        status = stack.status()
        equal((status["batches"]["submitted"], status["batches"]["final"], status["chain"], status["state"]), (0, 0, None, "ok"), "what waits")
        client.goes_on()
        equal(stack.stop("powertrackd"), 0, "its exit code")
        stack.contract, stack.settings = contract, {}
        stack.write_config(batch_period="1s")
        stack.start_daemon()
        client.goes_on()
        check_end(stack, client)


READS = 300
PATHS = ("/status", "/sites", "/areas", "/outages", "/batches", "/sites/S-tx-1/reports?area=test-east", "/metrics", "/events")


def connect(stack):
    """A connection that the daemon has taken: it has answered once."""
    link = socket.create_connection(("127.0.0.1", stack.http_port), PATIENCE)
    link.sendall(b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n")
    answer = b""
    while not answer.endswith(b"ok\n"):
        answer += link.recv(4096)
    return link


def send(link, number, line):
    """A read, or for each tenth a report."""
    if number % 10 == 0:
        link.sendall(b"POST /api/v1/reports HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(line), line))
    else:
        link.sendall(f"GET /api/v1{PATHS[number % len(PATHS)]} HTTP/1.1\r\nHost: test\r\n\r\n".encode())


def receive(link):
    """All that comes until the daemon closes."""
    answer = b""
    while True:
        try:
            piece = link.recv(65536)
        except ConnectionResetError:
            return answer
        if not piece:
            return answer
        answer += piece


def check_whole(answer, number):
    """A complete answer, and nothing but 200 or 503; its status and body."""
    head, found, body = answer.partition(b"\r\n\r\n")
    check(found, f"request {number} is answered: {answer[:200]!r}")
    status, fields = int(head.split()[1]), head.lower()
    check(status in (200, 503), f"status of request {number}: {answer[:200]!r}")
    if b"transfer-encoding: chunked" in fields:
        check(body.endswith(b"0\r\n\r\n"), f"the stream of request {number} is brought to its end")
    else:
        length = next(int(field.split(b":")[1]) for field in fields.split(b"\r\n") if field.startswith(b"content-length:"))
        equal(len(body), length, f"bytes of answer {number}")
    return status, body


def end_in_mid_run(stack, world, seq):
    """SIGTERM with requests of every kind under way; the reports that were acknowledged, and the number of each status."""
    links = [connect(stack) for _ in range(READS)]
    lines = [world.report("tx-1", seq=seq + number) for number in range(READS)]
    for number, link in enumerate(links):
        send(link, number, lines[number])
    equal(stack.stop("powertrackd"), 0, "the exit code")
    acknowledged, statuses = [], {}
    for number, link in enumerate(links):
        with link:
            status, body = check_whole(receive(link), number)
        statuses[status] = statuses.get(status, 0) + 1
        if status == 200 and number % 10 == 0 and json.loads(body)["accepted"] == 1:
            acknowledged.append(lines[number])
    return acknowledged, statuses


@case
def test_ends_with_requests_under_way():
    """The server is the first to stop: whoever asked is answered, by parts that are still there, and what was acknowledged is kept."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1s")
        os.environ["G_DEBUG"] = "fatal-warnings"  # a critical message of a library ends the daemon then
        try:
            stack.start_daemon()
            world = World(stack, AREAS[0])
            world.register("tx-1")
            acknowledged = []
            for number in range(5):
                more, statuses = end_in_mid_run(stack, world, 1 + number * READS)
                print(f"# answers {statuses}, acknowledged {len(more)}", flush=True)
                check(statuses.get(200, 0) > 0, "some are answered")
                acknowledged += more
                stack.start_daemon()
            status, answer = stack.post("/reports", b"\n".join(acknowledged))
            equal((status, answer["duplicate"]), (200, len(acknowledged)), f"the acknowledged ones again: {str(answer)[:300]}")
        finally:
            del os.environ["G_DEBUG"]


if __name__ == "__main__":
    main()
