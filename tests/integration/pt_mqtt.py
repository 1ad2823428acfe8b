# SPDX-License-Identifier: Apache-2.0
"""What tests with brokers of both kinds share: a daemon that takes reports in through one, and a load of them."""
import json
import threading

from pt_broker import Client, check_none_rejected, seqs
from pt_formats import decode64
from pt_world import World, wait_until

from pt_stack import now_ms

AREA = "mqtt-test"
REPORTS = 3000  # of a load


def item(kind, number):
    """The head of a CBOR item in its shortest form (RFC 8949 section 3)."""
    for size, code in ((1, 24), (2, 25), (4, 26), (8, 27)):
        if number < 24:
            return bytes([kind << 5 | number])
        if number < 1 << (8 * size):
            return bytes([kind << 5 | code]) + number.to_bytes(size, "big")
    raise ValueError(number)


def compact(report):
    """docs/PROTOCOL.md section 13, of a canonical report."""
    entry = json.loads(report)
    return (item(4, 4) + item(0, entry["seq"]) + item(0, entry["ts"]) + (b"\xf5" if entry["power"] == "ON" else b"\xf4")
            + item(2, 64) + decode64(entry["sig"], 64))


def topic(device, what="report"):
    return f"powertrack/v1/{AREA}/{device}/{what}"


def begin(stack, broker, *devices, **settings):
    """@broker: a node of a cluster too, where that runs."""
    broker.start()
    broker.configure_daemon(**settings)
    stack.start_daemon()
    world = World(stack, AREA)
    world.register(*devices)
    wait_until("the daemon has subscribed", lambda: f"MQTT: reports come through 127.0.0.1:{broker.port}." in said(stack))
    return world


def said(stack):
    with open(stack.log_file("powertrackd"), encoding="utf-8") as log:
        return log.read()


def wait_well(stack):
    wait_until("the daemon is with its broker", lambda: stack.status()["cause"] != "mqtt")


def taken(stack, device):
    return stack.get(f"/devices/{AREA}/{device}/held")


def has_all(stack, device, count):
    held = taken(stack, device)
    return held["highest"] == count and not held["missing"]


class Load(threading.Thread):
    """Publishes reports of one device. @again: until the daemon has answered each."""

    def __init__(self, world, client, device, again, limit):
        super().__init__(daemon=True)
        self.client, self.device, self.again, self.limit, self.failure = client, device, again, limit, None
        self.reports = [world.report(device, "ON" if number % 2 else "OFF", ts=now_ms() - REPORTS + number) for number in range(REPORTS)]
        self.numbers = {}  # of the broker: the report's counter
        self.told = -1  # answers, when it was last asked again

    def acknowledged(self):
        """Counters of what the broker says that it has."""
        return {seq for number, seq in list(self.numbers.items()) if number in self.client.published}

    def answered(self):
        answers = self.client.answers(AREA, self.device)
        return seqs(answers, "accepted") | seqs(answers, "duplicate")

    def publish(self, seq):
        report = self.reports[seq - 1]
        payload = report if len(self.numbers) % 3 else compact(report)
        self.numbers[self.client.say(topic(self.device), payload)] = seq

    def waiting(self):
        return self.numbers.keys() - self.client.published

    def run(self):
        try:
            for seq in range(1, REPORTS + 1):
                if seq > self.limit:
                    wait_until("more may be published", lambda seq=seq: seq <= self.limit, pause=0.01)
                self.publish(seq)
                if len(self.numbers) % 50 == 0:
                    wait_until("the broker takes them", lambda: len(self.waiting()) < 1000, pause=0.01)
            wait_until("the broker has all", lambda: not self.waiting())
        except Exception as error:
            self.failure = error

    def finish(self, stack):
        self.join()
        if self.failure:
            raise self.failure
        if self.again:
            wait_until("all are answered", self.ask_again, pause=1)
        wait_until("the daemon has all", lambda: has_all(stack, self.device, REPORTS))
        check_none_rejected(self.client.answers(AREA, self.device))

    def ask_again(self):
        """What a device does: what was not answered it says again, once nothing is on its way any more. Sooner it would only lengthen the queue."""
        answered, told = self.answered(), len(self.client.answers(AREA, self.device))
        missing = [seq for seq in range(1, REPORTS + 1) if seq not in answered]
        still, self.told = told == self.told, told
        for seq in missing[:500] if still and not self.waiting() else ():
            self.publish(seq)
        return not missing


def begin_load(stack, broker, again=False, client_of=None, limit=REPORTS, **settings):
    """@client_of: another broker, with which whoever publishes is. @limit: how many are published until it is raised."""
    world = begin(stack, broker, "tx-1", **settings)
    client = Client(client_of or broker, "gateway", listens=[topic("tx-1", "answer")]).wait_ready()
    load = Load(world, client, "tx-1", again, limit)
    load.start()
    return load


def wait_half(stack, load, part):
    wait_until("some of them have come", lambda: taken(stack, load.device)["highest"] > REPORTS * part, pause=0.01)
