#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Devices that are moved, revoked and exchanged while their power is off: what happened stays where it did, and nobody is off for ever."""
import json

from cryptography.hazmat.primitives.asymmetric import ec
from pt_attack import amount
from pt_case import case, check, equal, main, stack_in_folder
from pt_formats import encode64, point_of, sign
from pt_world import PLACE, World, ask, wait_until

from pt_stack import now_ms


class Fleet(World):
    """Devices with a key and a place each, which both may change."""

    def __init__(self, stack, area):
        super().__init__(stack, area)
        self.device_keys = {}

    def enrol(self, name, site, status="active", key=None, lat=PLACE["lat"], customers=3, feeder=None):
        """Registers the device; the daemon's answer."""
        self.device_keys[name] = key or self.device_keys.get(name) or ec.generate_private_key(ec.SECP256R1())
        self.places[self.areas[0], name] = {"site": site, "lat": lat, "lon": PLACE["lon"]}
        entry = json.loads(self.device(name, status=status, customers=customers, ts=self.later()))
        del entry["sig"]
        if feeder:
            entry["feeder"] = feeder
        status, answer = self.stack.post("/registrations", sign({**entry, "key": encode64(point_of(self.device_keys[name]))}, self.authority))
        equal((status, answer["accepted"]), (200, 1), f"the registration of {name}: {answer}")
        return answer

    def later(self):
        """A registration is newer than those before."""
        before = getattr(self, "newest", 0)
        self.newest = wait_until("a millisecond later", lambda: now_ms() > before and now_ms())
        return self.newest

    def line(self, name, power, seq, ts=None):
        entry = {"kind": "report", "area": self.areas[0], "device": name, "power": power, "seq": seq, "ts": ts or now_ms(), **self.places[self.areas[0], name]}
        return sign(entry, self.device_keys[name])

    def tell(self, name, power, seq, ts=None):
        self.post(self.line(name, power, seq, ts))

    def slug(self, name, power, seq):
        status, answer = self.stack.post("/reports", self.line(name, power, seq))
        return answer["rejected"][0]["error"] if status == 200 and answer["rejected"] else None


def sites_of(stack, query):
    return [(row["site"], row["customers"], row["ended_by"]) for row in stack.get(f"/outages?{query}")["outages"]]


def restarted(stack):
    check(stack.stop("powertrackd") == 0, "it ends in peace")
    stack.start_daemon()


@case
def test_moved():
    """What happened at the old site stays there, in each interface; the new one has none of it."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="2s")
        stack.start_daemon()
        fleet = Fleet(stack, "test-east")
        fleet.enrol("mv-1", "S-old")
        fleet.tell("mv-1", "OFF", 1, now_ms() - 60000)
        fleet.tell("mv-1", "ON", 2, now_ms() - 30000)
        fleet.enrol("mv-1", "S-new", lat=-PLACE["lat"], customers=900)
        for text in ("at once", "after a restart"):
            for query in ("", "site=S-old", "device=mv-1", "site=S-old&device=mv-1", f"from={now_ms() - 3600000}&site=S-old"):
                equal(sites_of(stack, query), [("S-old", 3, "report")], f"{text}: /outages?{query}")
            equal(sites_of(stack, "site=S-new"), [], f"{text}: outages of the new site")
            old, new = (stack.get(f"/sites/{site}")["properties"] for site in ("S-old", "S-new"))
            equal((old["state"], old["customers"], old["devices"]), ("unknown", 3, []), f"{text}: the old site")
            equal((new["state"], new["customers"], new["since"], new["last_report"]), ("unknown", 900, None, None), f"{text}: the new site")
            equal([row["seq"] for row in stack.get("/sites/S-old/reports")["reports"]], [2, 1], f"{text}: its reports")
            equal(stack.get("/sites/S-new/reports")["reports"], [], f"{text}: the new site's reports")
            status = stack.status()
            equal((status["sites_on"], status["sites_off"], status["outages_open"]), (0, 0, 0), f"{text}: the counts")
            listed = {row["properties"]["site"]: row["properties"]["state"] for row in stack.get("/sites")["features"]}
            equal(listed, {"S-old": "unknown", "S-new": "unknown"}, f"{text}: the list")
            restarted(stack)
        fleet.tell("mv-1", "OFF", 3)
        equal(sites_of(stack, "site=S-new"), [("S-new", 900, None)], "one of its own")
        fleet.enrol("mv-1", "S-old")
        equal(sites_of(stack, "device=mv-1"), [("S-old", 3, "report"), ("S-new", 900, "moved")], "moved back while it was off")
        fleet.tell("mv-1", "ON", 4)
        equal([row["seq"] for row in stack.get("/sites/S-old/reports")["reports"]], [4, 2, 1], "reports of both times")
        equal(stack.get("/sites/S-old")["properties"]["state"], "on", "who is back")
        equal(ask(stack, "/api/v1/sites/S-none")[0], 404, "a site that never was")
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_fed_by_another_line():
    """An outage stays with the line that fed its site when it began; site, device and list say the present one, or nothing."""
    with stack_in_folder() as stack:
        stack.write_config(batch_period="2s", chain_confirmations=1)
        stack.start_daemon()
        fleet = Fleet(stack, "test-east")
        fleet.enrol("fd-1", "S-1")
        fleet.tell("fd-1", "OFF", 1, now_ms() - 60000)
        fleet.tell("fd-1", "ON", 2, now_ms() - 50000)
        fleet.enrol("fd-1", "S-1", feeder="F-1")
        fleet.tell("fd-1", "OFF", 3, now_ms() - 40000)
        fleet.enrol("fd-1", "S-1", feeder="F-2")
        fleet.enrol("fd-2", "S-2")
        for text in ("at once", "after a restart"):
            outages = stack.get("/outages")["outages"]
            equal([(row.get("feeder"), row["ended_by"]) for row in outages], [(None, "report"), ("F-1", None)], f"{text}: its outages; the newer one lasts")
            one, = stack.get("/devices?device=fd-1")["devices"]
            site = stack.get("/sites/S-1")["properties"]
            equal((one["feeder"], site["feeder"], site["devices"][0]["feeder"]), ("F-2",) * 3, f"{text}: the device and its site")
            rows = [json.loads(line) for line in ask(stack, "/api/v1/sites?format=ndjson")[2].splitlines()]
            for name, listed in (("list", [row["properties"] for row in stack.get("/sites")["features"]]), ("rows", rows)):
                equal({row["site"]: row.get("feeder") for row in listed}, {"S-1": "F-2", "S-2": None}, f"{text}: the {name}")
            check("feeder" not in stack.get("/sites/S-2")["properties"] and "feeder" not in stack.get("/devices?device=fd-2")["devices"][0], "none is said")
            restarted(stack)
        fleet.tell("fd-1", "ON", 4)
        equal([row.get("feeder") for row in stack.get("/outages")["outages"]], [None, "F-1"], "it ended")
        stack.wait_settled()
        equal(stack.audit()["holds"], True, "the audit")
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_revoked_while_off():
    """The outage is not followed any further, the site neither off nor on, whatever comes in between."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="2s")
        stack.start_daemon()
        fleet = Fleet(stack, "test-east")
        for turn in range(amount(2, 10)):
            off, on = f"off-{turn}", f"on-{turn}"
            for name, power in ((off, "OFF"), (on, "ON")):
                fleet.enrol(name, f"S-{name}")
                fleet.tell(name, power, 1)
            equal(stack.status()["outages_open"], 1, "one lasts")
            if turn % 2:
                restarted(stack)
            revoked = now_ms()
            for name in (off, on):
                fleet.enrol(name, f"S-{name}", status="revoked")
            for text in ("at once", "after a restart"):
                outage, = stack.get(f"/outages?device={off}")["outages"]
                equal((outage["ended_by"], outage["end_seq"], outage["end"] >= revoked), ("revoked", None, True), f"{text}: not followed further")
                equal(stack.get("/outages?open=true")["outages"], [], f"{text}: none lasts")
                equal([stack.get(f"/sites/S-{name}")["properties"]["state"] for name in (off, on)], ["unknown"] * 2, f"{text}: their states")
                status = stack.status()
                equal((status["sites_off"], status["sites_on"], status["outages_open"]), (0, 0, 0), f"{text}: the counts")
                restarted(stack)
            check("after" in stack.powertrack("outages", "--url", stack.url), "the command line does not say when it ended")
        fleet.enrol(off, f"S-{off}")
        equal(stack.get(f"/sites/S-{off}")["properties"]["state"], "unknown", "active again, and silent so far")
        fleet.tell(off, "OFF", 2)
        equal([row["ended_by"] for row in stack.get(f"/outages?device={off}")["outages"]], ["revoked", None], "a new one, and not the old one on")
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_exchanged():
    """New hardware counts on above the old: it is told with what, fills no gap, and is not taken for a copied key. The audit says the same."""
    with stack_in_folder() as stack:
        stack.write_config(batch_period="2s", chain_confirmations=1)
        stack.start_daemon()
        fleet = Fleet(stack, "test-east")
        check("begin" not in fleet.enrol("tx-1", "S-1"), "the first hardware begins with 1")
        fleet.post(*[fleet.line("tx-1", "ON", seq) for seq in (*range(1, 21), 30)])
        first, second = fleet.device_keys["tx-1"], ec.generate_private_key(ec.SECP256R1())
        equal(fleet.enrol("tx-1", "S-1", key=second)["begin"], [{"line": 1, "first_seq": 31}], "what the answer tells")
        for text in ("at once", "after a restart"):
            device, = stack.get("/sites/S-1")["properties"]["devices"]
            equal((device["first_seq"], device["missing"]), (31, 9), f"{text}: what its site tells")
            equal([fleet.slug("tx-1", "OFF", seq) for seq in (1, 2, 21, 29, 30)], ["stale-seq"] * 5, f"{text}: counters of the old hardware")
            equal((stack.get("/sites/S-1")["properties"]["state"], stack.get("/outages")["outages"]), ("on", []), f"{text}: nothing came of them")
            restarted(stack)
        evidence = ask(stack, "/api/v1/evidence")
        if evidence[0] == 200:
            equal(json.loads(evidence[2])["evidence"], [], "nobody is said to have copied a key")
        fleet.tell("tx-1", "OFF", 33)
        fleet.tell("tx-1", "OFF", 31)
        equal(stack.get("/sites/S-1")["properties"]["state"], "off", "what the new hardware says")
        check("begin" not in fleet.enrol("tx-1", "S-1", key=first), "a key that comes back goes on where it was")
        fleet.tell("tx-1", "ON", 25)
        fleet.tell("tx-1", "ON", 34)
        equal(stack.get("/sites/S-1")["properties"]["state"], "on", "and its highest counter says how it is")
        stack.wait_settled()
        equal(stack.audit()["holds"], True, "the audit")
        equal(stack.stop("powertrackd"), 0, "its exit code")


if __name__ == "__main__":
    main()
