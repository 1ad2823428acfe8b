#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the daemon at random points of a replay: nothing acknowledged is lost or doubled, and the audit passes.

Beside the fleet officials announce the works on a line and assign a citizen's complaint again and again, each time with the hash of what was stored
before and a receipt, and a client of its own posts reports one by one, writes down what was acknowledged, sends again what was not (now and
then with another signature of the same bytes) and repeats what was. PT_SEED repeats a run, PT_KILLS says how often it is killed.
"""
import collections
import http.client as http_client
import json
import os
import random
import signal
import threading
import time

from cryptography.hazmat.primitives.asymmetric import ec

from pt_audit import audit, events
from pt_case import BUILD, PATIENCE, PATIENCE_LONG, case, check, equal, main, stack_in_folder
from pt_formats import encode64, load_pem, point_of, sign
from pt_people import People
from pt_receipts import check_receipt
from pt_replay import begin, slice_csv, spawn, speed_of
from pt_world import World

from pt_stack import HOUR_MS, Failure, expected_outages, http, outage_differences, program_path, reported_outages

KILLS = int(os.environ.get("PT_KILLS", "20"))
SECONDS = 30  # how long the replay takes by itself
DEVICES = 60
AREA = "kill-test"
PLACE = {"lat": 255942345, "lon": 851374321}


class Client(threading.Thread):
    """Posts signed reports of its own devices until it is told to stop; what it began it finishes."""

    def __init__(self, stack, seed):
        super().__init__(daemon=True)
        self.people, self.complaint, self.place = None, None, {"site": "S-tx-0"}
        self.receipts, self.assigned = [], []
        self.stack, self.chance, self.ending = stack, random.Random(seed), threading.Event()
        self.keys = {f"tx-{number}": ec.generate_private_key(ec.SECP256R1()) for number in range(3)}
        self.acknowledged = collections.defaultdict(list)  # device -> [(seq, entry)]
        self.attempts, self.repeated, self.failure, self.now, self.ts = 0, 0, None, None, 0

    def simulated_now(self):
        """The daemon's time as it was last seen: it may be down just now."""
        try:
            self.now = self.stack.status()["now"]
        except (OSError, ValueError, Failure, http_client.HTTPException):
            pass
        return self.now

    def register(self):
        authority = load_pem(self.stack.authority_key)
        self.stack.register_areas(AREA)
        lines = [sign({"kind": "device", "area": AREA, "ts": self.simulated_now(), "device": name, "site": f"S-{name}", "customers": 1,
                       "key": encode64(point_of(key)), "level": "transformer", "status": "active", **PLACE}, authority)
                 for name, key in self.keys.items()]
        status, answer = self.stack.post("/registrations", b"\n".join(lines))
        equal((status, answer["accepted"]), (200, len(lines)), f"its own devices: {answer}")
        self.people = People(World(self.stack, AREA))
        self.complaint, answer = self.people.file("citizen-1", **self.place)
        self.assigned.append(answer["receipt"])

    def post(self, entry, key, path="/reports"):
        """Until there is an answer; the parsed one."""
        line = sign(entry, key)
        headers = {"Content-Type": "application/x-ndjson", "Prefer": "receipt"}
        while True:
            self.attempts += 1
            try:
                status, body = http(self.stack.url + "/api/v1" + path, line, headers, timeout=PATIENCE)
                if status == 200:
                    return json.loads(body)
                check(status == 503, f"status {status}: {body}")
            except (OSError, ValueError, EOFError):
                pass
            except Exception as error:  # http.client's own: the connection ended in the middle of an answer
                check(type(error).__module__ == "http.client", repr(error))
            time.sleep(0.02)
            if self.chance.random() < 0.3:
                line = sign(entry, key)

    def run(self):
        try:
            while not self.ending.is_set():
                self.step(self.chance.choice(sorted(self.keys)))
                self.announce()
                self.assign()
        except Exception as error:
            self.failure = error

    def step(self, name):
        done = self.acknowledged[name]
        self.ts = max(self.ts + 1, self.simulated_now() - HOUR_MS)  # the clock stands between its steps
        entry = {"kind": "report", "area": AREA, "device": name, "site": f"S-{name}", "power": self.chance.choice(["ON", "OFF"]),
                 "seq": len(done) + 1, "ts": self.ts, **PLACE}
        answer = self.post(entry, self.keys[name])
        check(answer["accepted"] + answer["duplicate"] == 1 and not answer["rejected"], f"a report of {name}: {answer}")
        done.append((entry["seq"], entry))
        if self.chance.random() < 0.2:
            self.repeated += 1
            seq, entry = self.chance.choice(done[-4096:])  # what is further behind is stale
            answer = self.post(entry, self.keys[name])
            equal(answer, {"accepted": 0, "duplicate": 1, "rejected": []}, f"what {name} had acknowledged, {seq} of {len(done)}, again")

    def announce(self):
        """What was acknowledged, or is a repetition of what was stored before the kill, has the receipt that was given."""
        entry = {"kind": "notice", "area": AREA, "ts": self.ts, "notice": "works-1", "n": len(self.receipts) + 1, "about": "shutdown", "scope": "area",
                 "prev": self.receipts[-1]["leaf"] if self.receipts else "0" * 64, "start": self.ts + HOUR_MS, "end": self.ts + 2 * HOUR_MS,
                 "by": "op-1", "note": "", "status": "active"}
        self.say(entry, "/notices", self.receipts)

    def assign(self):
        """The complaint's next entry, likewise."""
        entry = {"kind": "action", "area": AREA, "ts": self.ts, "complaint": self.complaint, "n": len(self.assigned) + 1, "action": "assign",
                 "prev": self.assigned[-1]["leaf"], "by": "op-1", "note": "", "to": self.chance.choice(["ae-1", "ae-2"]), **self.place}
        self.say(entry, "/actions", self.assigned)

    def say(self, entry, path, receipts):
        answer = self.post(entry, self.people.keys["op-1"], path)
        check(answer["accepted"] + answer["duplicate"] == 1 and len(answer["receipts"]) == 1, f"an entry of {path}: {answer}")
        receipts.append(answer["receipts"][0]["receipt"])

    def finish(self):
        self.ending.set()
        self.join(PATIENCE)
        check(not self.is_alive(), "the client's last report was answered")
        if self.failure:
            raise self.failure


def kill_and_restart(stack, chance):
    """Kills it at a random moment, now and then once more while it is starting; returns how often."""
    time.sleep(chance.uniform(0.05, 2 * SECONDS / KILLS - 1))
    stack.stop("powertrackd", signal.SIGKILL)
    again = chance.random() < 0.25
    if again:
        stack.spawn("powertrackd", [program_path(BUILD, "powertrackd"), "--config", stack.config])
        time.sleep(chance.uniform(0, 0.2))
        stack.stop("powertrackd", signal.SIGKILL)
    stack.start_daemon()
    return 1 + again


def check_log(stack, client):
    """What stands on the chain and in the batches, read by the other implementer's audit."""
    anchored = [tuple(event[1:3]) for event in events(stack.rpc_url, stack.contract) if event[0] == "anchored"]
    equal(len(anchored), len(set(anchored)), "batches that were anchored, each once")
    final = stack.status()["batches"]["final"]
    equal(final, len(anchored), "final batches")
    areas = audit(stack.rpc_url, stack.contract, stack.url)  # refuses a counter that is there twice
    # The fleet numbers its reports without a hole and ends only when all are acknowledged.
    gaps = sum(device.highest - len(device.used) for area in areas.values() for device in area.devices.values())
    equal(gaps, 0, "reports that were made and are not in the log")
    own = areas[AREA]
    for name, done in client.acknowledged.items():
        equal(own.devices[name].used, {seq for seq, _ in done}, f"what {name} had acknowledged and what the log has of it")
    _first, newest, leaf = own.notices["works-1"]
    equal((newest["n"], leaf), (len(client.receipts), client.receipts[-1]["leaf"]), "what was announced, each on the one before it")
    equal(own.complaints[client.complaint].n, len(client.assigned), "what was done about the complaint")
    equal(own.complaints[client.complaint].last, client.assigned[-1]["leaf"], "each on the one before it")
    for receipt in client.receipts + client.assigned:
        check_receipt(receipt, own.service)
    fleet = sum(area.reports for area in areas.values()) - own.reports
    print(f"# {len(anchored)} batches; {fleet} reports of the fleet, {own.reports} of the client in {client.attempts} attempts, "
          f"{client.repeated} repeated; "
          f"{len(client.receipts)} notices, {len(client.assigned)} actions", flush=True)
    return fleet


def told_by_fleet(stack):
    with open(stack.log_file("powertrack-fleet"), encoding="utf-8") as file:
        return json.loads([line for line in file if line.startswith("{")][-1])


@case
def test_twenty_kills():
    seed = int(os.environ.get("PT_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"# PT_SEED={seed}", flush=True)
    chance = random.Random(seed)
    with stack_in_folder() as stack:
        path = slice_csv(stack.folder, DEVICES)
        stack.write_config(complaints_address_per_minute=0)
        begin(stack, path)
        client = Client(stack, seed)
        client.register()
        client.start()
        fleet, kills = spawn(stack, path, speed_of(path, SECONDS)), 0
        while kills < KILLS:
            kills += kill_and_restart(stack, chance)
        equal(fleet.wait(PATIENCE_LONG), 0, "the fleet's exit code: all its reports were acknowledged in the end")
        client.finish()
        stack.end_window()
        stack.wait_settled()
        reported = reported_outages(stack)
        equal(outage_differences(expected_outages(path), {name: rows for name, rows in reported.items() if name not in client.keys}), [],
              "outages")
        check(stack.audit()["holds"], "the audit")
        told = told_by_fleet(stack)
        equal((told["acknowledged"], told["rejected"]), (told["reports"], {}), "the fleet's reports")
        equal(check_log(stack, client), told["reports"], "the fleet's reports in the log")


if __name__ == "__main__":
    main()
