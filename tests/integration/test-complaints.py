#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the daemon shows of complaints: lists, steps, clocks, evidence, outages, proofs and events."""
import json

from pt_case import case, check, equal, main, stack_in_folder
from pt_formats import decode64, dump, leaf_hash, load_pem, parse_entry, point_of, public_key, sign, verify
from pt_people import HOUR_MS, MINUTE_MS, PROFILE, People
from pt_stream import Stream
from pt_world import World, ask, refused, wait_until

AREA, OTHER = "test-east", "test-west"


def rows(stack, query=""):
    return stack.get("/complaints" + query)["complaints"]


def numbers(stack, query=""):
    return [row["complaint"] for row in rows(stack, query)]


def counts(stack, query=""):
    return stack.get("/complaints" + query)["counts"]


def is_row(complaint, **members):
    """An event that tells the complaint with these members; None: without it."""
    return lambda name, data: (name == "complaint" and data["complaint"] == complaint
                               and all(data.get(member) == value for member, value in members.items()))


@case
def test_life():
    """One complaint from an outage to its end, against the evidence first; a restart changes nothing."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1d")
        stack.start_daemon()
        world = World(stack, AREA, OTHER)
        world.register("tx-1", "tx-2", feeder="F-1")
        world.say("tx-1")
        world.say("tx-1", "OFF")
        world.say("tx-2")
        people, stream = People(world), Stream(stack).welcomed()
        number, answer = people.file("asha", site="S-tx-1")
        row, = rows(stack)
        since = stack.get("/outages")["outages"][0]["start"]
        equal({name: row.get(name) for name in ("area", "complaint", "category", "title", "site", "feeder", "state", "n", "people", "confirmed", "reopened", "by",
                                                "overdue", "outage_since", "supply_back_at", "closed", "evidence", "assigned")},
              {"area": AREA, "complaint": number, "category": "no-supply", "title": PROFILE["categories"][0]["title"], "site": "S-tx-1", "feeder": "F-1",
               "state": "open", "n": 1, "people": 1, "confirmed": 0, "reopened": 0, "by": "citizen", "overdue": False, "outage_since": since,
               "supply_back_at": None, "closed": None, "evidence": None, "assigned": None}, "the row")
        equal((row["acknowledge_by"] - row["filed_at"], row["resolve_by"] - row["filed_at"]), (HOUR_MS, 4 * HOUR_MS), "its limits")
        equal({name: value for name, value in stream.wait_for(is_row(number)).items() if name != "overdue"},
              {name: value for name, value in row.items() if name != "overdue"}, "what is told of it")
        about = people.about(number)
        equal({name: value for name, value in about.items() if name not in ("chain", "outage")}, row, "the complaint has its row's members")
        equal(about["outage"], stack.get("/outages?open=true")["outages"][0], "its outage")
        equal(answer["complaint"], about, "what the filing answers")
        check_steps(people, about)
        people.act(number, "acknowledge", "op-1", note="seen")
        people.act(number, "assign", "op-1", to="ae-1")
        equal(numbers(stack, "?assigned=ae-1&state=assigned"), [number], "assigned to an officer")
        people.act(number, "join", "citizen", key="bala", text="me too")
        people.act(number, "resolve", "ae-1", note="fuse replaced")
        row, = rows(stack, "?closed=against")
        equal((row["evidence"], row["closed"], row.get("later"), row["people"], row["state"]), ("contradicted", "against", None, 2, "resolved"), "against the evidence")
        stream.wait_for(is_row(number, state="resolved", closed="against"))
        equal(counts(stack), {"open": 0, "overdue": 0, "due_hour": 0, "against": 1, "closed": {"citizen": 0, "devices": 0, "unconfirmed": 0, "against": 1}}, "counts")
        people.act(number, "reopen", "citizen", key="asha", text="still dark")
        row, = rows(stack, "?state=all-open")
        equal((row["reopened"], row.get("assigned"), row.get("closed"), row["resolve_by"] - row["filed_at"]), (1, None, None, 4 * HOUR_MS), "reopened")
        world.say("tx-1", "ON")
        row = stream.wait_for(lambda name, data: name == "complaint" and "supply_back_at" in data)
        equal((row["complaint"], row.get("outage_since"), row["supply_back_at"]), (number, None, stack.get("/outages")["outages"][0]["end"]), "supply is back")
        people.act(number, "resolve", "ae-1", note="line repaired")
        row, = rows(stack)
        equal((row["evidence"], row["later"], row["closed"]), ("supported", "pending", "unconfirmed"), "it has to hold first")
        people.act(number, "confirm", "citizen", key="bala")
        equal((rows(stack)[0]["confirmed"], rows(stack)[0]["state"]), (1, "resolved"), "one of those who joined confirms")
        people.act(number, "confirm", "citizen", key="asha")
        row, = rows(stack, "?closed=citizen")
        equal((row["state"], row["closed"]), ("confirmed", "citizen"), "her complaint, her word")
        before = people.about(number)
        check_steps(people, before)
        equal([(step["action"], step.get("evidence")) for step in before["chain"]],
              [("file", None), ("acknowledge", None), ("assign", None), ("join", None), ("resolve", "contradicted"), ("reopen", None), ("resolve", "supported"),
               ("confirm", None), ("confirm", None)], "its steps")
        stream.close()
        stack.stop("powertrackd")
        stack.start_daemon()
        equal(people.about(number), before, "after a restart")
        equal(stack.status()["complaints"], counts(stack), "the status has the same numbers")


def check_steps(people, about):
    """Each step names the one before, and is signed by who it says."""
    prev = "0" * 64
    for number, step in enumerate(about["chain"], 1):
        entry = parse_entry(step["entry"].encode())
        equal((step["n"], entry["n"], entry["prev"]), (number, number, prev), "its place in the chain")
        equal({name: step[name] for name in ("action", "by", "received", "ts", "leaf")},
              {**{name: entry[name] for name in ("action", "by", "received", "ts")}, "leaf": leaf_hash(step["entry"].encode()).hex()}, "what is shown of it")
        for name in ("note", "note_hash", "to", "of", "category"):
            equal(step.get(name), entry.get(name) or None, f"its {name}")
        if step["by"] == "citizen":
            equal(step["key"], entry["key"], "the citizen's key")
        else:
            equal((step["name"], step["role"]), (f"Office of {step['by']}", "operator" if step["by"] == "op-1" else "officer"), "whose office it is")
        verify(entry, public_key(decode64(step["key"], 65)))
        check("private" not in step, "nothing private without a session")
        prev = step["leaf"]


@case
def test_clocks():
    """A stepped clock: a limit runs out in its last millisecond's wake, and is told."""
    with stack_in_folder(chain=False) as stack:
        now = 1_764_000_000_000
        stack.write_config(clock_source="stepped", clock_origin_ms=now)
        stack.start_daemon()
        world = World(stack, AREA)
        world.register("tx-1", ts=now)
        people, stream = People(world), Stream(stack).welcomed()
        number, _ = people.file("asha", site="S-tx-1")
        other, _ = people.file("bala", category="voltage", lat=255900000, lon=851300000)
        equal(numbers(stack, "?sort=clock"), [number, other], "whose limit runs out first")
        equal((counts(stack)["due_hour"], counts(stack)["overdue"]), (1, 0), "due within the hour")
        step_to(stack, now + HOUR_MS)
        equal((numbers(stack, "?overdue=true"), counts(stack)["due_hour"]), ([], 1), "in the limit's last millisecond")
        step_to(stack, now + HOUR_MS + 1)
        equal(numbers(stack, "?overdue=true"), [number], "one millisecond later")
        equal(stream.wait_for(is_row(number, overdue=True))["state"], "open", "it is told")
        metrics = ask(stack, "/metrics")[2].decode()
        for line in ('powertrack_complaints{state="open"} 2', "powertrack_complaints_overdue 1", 'powertrack_complaints_closed{how="against"} 0'):
            check(line + "\n" in metrics, f"{line} in {metrics}")
        people.act(number, "acknowledge", "op-1")
        equal((numbers(stack, "?overdue=true"), counts(stack)["overdue"]), ([], 0), "acknowledged late, and not overdue any more")
        step_to(stack, now + 4 * HOUR_MS + 1)
        stream.wait_for(is_row(number, overdue=True, state="acknowledged"))
        stack.stop("powertrackd")
        stack.start_daemon()
        equal(numbers(stack, "?overdue=true"), [number], "after a restart")
        people.act(number, "resolve", "ae-1", note="done")
        equal((rows(stack, "?state=resolved")[0]["overdue"], counts(stack)["closed"]["unconfirmed"]), (False, 1), "late, and nobody said whether it is so")


@case
def test_held():
    """Devices say that supply is back; whether it held is told when an hour is over, of one resolve that it did and of one that it did not."""
    with stack_in_folder(chain=False) as stack:
        now = 1_764_000_000_000
        stack.write_config(clock_source="stepped", clock_origin_ms=now)
        stack.start_daemon()
        world = World(stack, AREA)
        world.register("tx-1", "tx-2", ts=now)
        people, stream = People(world), Stream(stack).welcomed()
        made = [people.file(f"who-{number}", site=f"S-tx-{number}")[0] for number in (1, 2)]
        step_to(stack, now + MINUTE_MS)
        world.post(*[world.report(f"tx-{number}", ts=now + MINUTE_MS) for number in (1, 2)])
        for number in made:
            people.act(number, "resolve", "ae-1", note="done")
        equal({(row["evidence"], row["later"], row["closed"]) for row in rows(stack)}, {("supported", "pending", "unconfirmed")}, "supported, and not yet held")
        step_to(stack, now + 30 * MINUTE_MS)
        world.say("tx-2", "OFF", ts=now + 30 * MINUTE_MS)
        stream.wait_for(is_row(made[1], later="fell-again", closed="against"))
        step_to(stack, now + 61 * MINUTE_MS)
        world.say("tx-1", "ON", ts=now + 61 * MINUTE_MS)
        stream.wait_for(is_row(made[0], later="held", closed="devices"))
        after = [people.about(number) for number in made]
        equal([about["chain"][1]["later"] for about in after], ["held", "fell-again"], "their steps say so too")
        equal(counts(stack)["closed"], {"citizen": 0, "devices": 1, "unconfirmed": 0, "against": 1}, "counted apart")
        stack.stop("powertrackd")
        stack.start_daemon()
        equal([people.about(number) for number in made], after, "after a restart")


def step_to(stack, now):
    with open(stack.token, encoding="ascii") as token:
        status, answer = stack.post("/clock", dump({"now": now}), "application/json", {"Authorization": "Bearer " + token.read().strip()})
    equal((status, answer.get("now")), (200, now), "the clock")


@case
def test_lists():
    """Filters, pages and what is refused; a number is found as it is spoken."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1d")
        stack.start_daemon()
        world = World(stack, AREA, OTHER)
        world.register("tx-1", "tx-2")
        people = People(world)
        made = [people.file(f"who-{number}", site=f"S-tx-{number % 2 + 1}", category=("no-supply", "voltage")[number // 4])[0] for number in range(8)]
        equal(numbers(stack, "?sort=filed&order=asc"), made, "as they were filed")
        equal(numbers(stack, "?sort=filed"), made[::-1], "newest first")
        equal(numbers(stack, "?sort=filed&order=asc&site=S-tx-1"), made[::2], "of a site")
        equal(numbers(stack, "?sort=filed&order=asc&category=voltage&q=s-tx-2"), made[5::2], "of a category and with words")
        equal(numbers(stack, f"?area={OTHER}"), [], "not another area's")
        spoken = f"{made[3][:4]} {made[3][4:7]} {made[3][7:]}".replace(" ", "%20")
        equal(numbers(stack, f"?q={spoken}"), [made[3]], "as it is spoken")
        equal(stack.get(f"/complaints/{spoken}")["complaint"], made[3], "by its number alone")
        equal(stack.get(f"/complaints/{made[3]}"), people.about(made[3]), "the same")
        found = [row["complaint"] for row in stack.pages("/complaints?limit=3&sort=people&q=S-tx", "complaints")]
        equal(sorted(found), sorted(made), "page after page, each once")
        equal(counts(stack, "?state=confirmed&category=voltage")["open"], 4, "counts of the question, whatever the state")
        for query in ("state=lost", "state=", "closed=resolved", "overdue=false", "sort=age", "order=up", "q=" + "x" * 201, "cursor=1", "limit=0", "limit=1001",
                      "site=a%20b", "format=xml"):
            refused(stack, f"/api/v1/complaints?{query}", 400, "malformed")
        refused(stack, "/api/v1/complaints?area=none", 404, "unknown-area")
        refused(stack, f"/api/v1/complaints/{AREA}/1000000000", 404, "not-found")
        refused(stack, f"/api/v1/complaints/none/{made[0]}", 404, "unknown-area")
        refused(stack, "/api/v1/complaints/1000000000", 404, "not-found")
        refused(stack, f"/api/v1/complaints/{AREA}/{made[0]}?from=0", 400, "malformed")
        equal([step["n"] for step in stack.get(f"/complaints/{AREA}/{made[0]}?from=2")["chain"]], [], "from a later step on")
        check_profile(stack, people)
        check_notices(stack, people)


def check_profile(stack, people):
    profile = stack.get(f"/profiles/{AREA}")
    equal((profile["area"], profile["document"], profile["profile"]), (AREA, dump(PROFILE).decode(), PROFILE), "the profile in force")
    entry = parse_entry(profile["entry"].encode())
    equal((entry["document"], entry["ts"]), (profile["document"], profile["ts"]), "and its entry")
    verify(entry, public_key(point_of(people.world.authority)))
    refused(stack, f"/api/v1/profiles/{OTHER}", 404, "not-found")
    refused(stack, "/api/v1/profiles/none", 404, "unknown-area")


def check_notices(stack, people):
    notice = people.announce("N-1", "S-tx-1", 3 * HOUR_MS)
    row, = stack.get("/notices")["notices"]
    equal({name: row[name] for name in ("area", "notice", "n", "about", "scope", "target", "start", "end", "by", "note", "announced")},
          {**{name: notice[name] for name in ("area", "notice", "n", "about", "scope", "target", "start", "end", "by", "note")}, "announced": True}, "what is announced")
    people.world.take("/notices", [sign({**notice, "n": 2, "prev": row["leaf"], "end": notice["end"] + 1, "ts": people.now()}, people.keys["op-1"])])
    equal([(row["n"], row["end"]) for row in stack.get("/notices")["notices"]], [(2, notice["end"] + 1)], "what follows it names its leaf")
    equal([len(stack.get(f"/notices?{query}")["notices"]) for query in (f"area={AREA}", f"area={OTHER}", "site=S-tx-1", "site=S-tx-2")], [1, 0, 1, 0], "where")
    refused(stack, "/api/v1/notices?site=nowhere", 404, "not-found")


@case
def test_proofs():
    """Steps get their places in the log, proofs that hold, and the receipts that were given."""
    with stack_in_folder() as stack:
        stack.write_config(batch_period="1s", chain_confirmations=1)
        stack.start_daemon()
        world = World(stack, AREA)
        world.register("tx-1")
        people = People(world)
        number, answer = people.file("asha", site="S-tx-1")
        path = f"/api/v1/complaints/{AREA}/{number}"
        equal(stack.get(f"/complaints/{AREA}/{number}/receipt"), answer["receipt"], "the receipt that was given")
        people.act(number, "acknowledge", "op-1")

        def final():
            chain = people.about(number)["chain"]
            return all(step.get("batch_state") == "final" for step in chain) and chain

        for step in wait_until("both are final", final):
            status, _, body = ask(stack, f"{path}/proof?n={step['n']}")
            equal(status, 200, f"a proof: {body[:200]}")
            bundle = json.loads(body)
            equal((bundle["entry"], bundle["index"], bundle["batch"], bundle["chain"]["block"]),
                  (step["entry"], step["index"], step["batch"], step["block"]), "the step and its proof say the same")
            kept = stack.key_file(f"proof-{step['n']}.json")
            with open(kept, "wb") as file:
                file.write(body)
            stack.verify(kept)
        proofs = stack.get(f"/complaints/{AREA}/{number}/proof")
        equal((proofs["format"], proofs["complaint"], [json.loads(bundle["entry"])["n"] for bundle in proofs["proofs"]], proofs["waiting"]),
              ("powertrack-complaint-proof-1", number, [1, 2], []), "all of them")
        refused(stack, f"{path}/proof?n=3", 404, "not-found")
        refused(stack, f"{path}/receipt?n=3", 404, "not-found")
        check(stack.get(f"/complaints/{AREA}/{number}/receipt?n=2") != answer["receipt"], "each step has its own")


@case
def test_not_anchored():
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1d")
        stack.start_daemon()
        world = World(stack, AREA)
        world.register("tx-1")
        number, _ = People(world, profile=None).file("asha", category="anything", site="S-tx-1")
        for query in ("", "?n=1"):
            refused(stack, f"/api/v1/complaints/{AREA}/{number}/proof{query}", 409, "not-anchored")
        equal([rows(stack)[0].get(name) for name in ("title", "acknowledge_by", "resolve_by")], [None] * 3, "nothing is promised without a profile")
        equal(load_pem(stack.authority_key).curve.name, "secp256r1", "its authority")


if __name__ == "__main__":
    main()
