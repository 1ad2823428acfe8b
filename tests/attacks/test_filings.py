#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ten thousand complaints from one address: refused before anything is done for them, and the rest of the daemon does not notice."""
import http.client
import json
import secrets
import threading
import urllib.parse

from pt_attack import amount
from pt_case import PATIENCE, case, check, equal, main, stack_in_folder
from pt_people import People, work
from pt_world import World, resident_kib

AREA = "test-east"


class Client:
    """A connection from an address of its own on this machine."""

    def __init__(self, stack, source, **headers):
        self.headers = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(stack.url).netloc, timeout=PATIENCE, source_address=(source, 0))

    def post(self, path, value):
        """(status, headers, answer)"""
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.connection.request("POST", "/api/v1" + path, body, self.headers)
        answer = self.connection.getresponse()
        return answer.status, answer.headers, json.loads(answer.read())


def filed(people, client, who):
    """One complaint from ticket to receipt, by this client."""
    status, _, ticket = client.post("/complaints/tickets", {"area": AREA, "category": "no-supply", "site": "S-tx-1"})
    equal(status, 200, f"a ticket: {ticket}")
    equal(ticket["bits"], 16, "what others do makes it no dearer")
    private = people.private("dark")
    entry = people.entry(ticket["complaint"], "file", "citizen", {"site": "S-tx-1"}, private=private, key=who, category="no-supply")
    status, _, answer = client.post("/complaints", {"entry": entry.decode(), "private": private, "ticket": ticket["ticket"], "nonce": work(ticket["ticket"], ticket["bits"])})
    equal(status, 201, f"filed: {answer}")
    return answer


def flood(stack, body, count, statuses, source="127.0.0.9", **headers):
    client = Client(stack, source, **headers)
    for number in range(count):
        path = ("/complaints/tickets", "/complaints", "/actions", "/sessions/challenge", "/complaints/desk")[number % 5]
        status, head, answer = client.post(path, body[path])
        check(status != 429 or (int(head["Retry-After"]) >= 1 and answer["type"] == "too-many"), f"it is told when: {answer}")
        statuses.append(status)


def bodies(people):
    """Well-formed ones, so that nothing but the limit refuses them cheaply."""
    place = {"site": "S-tx-1"}
    private = people.private("x" * 8000)
    entry = people.entry("1234567894", "file", "citizen", place, private=private, key="mallory", category="no-supply").decode()
    envelope = {"entry": entry, "private": private, "ticket": secrets.token_urlsafe(200), "nonce": "1"}
    return {"/complaints/tickets": {"area": AREA, "category": "no-supply", **place}, "/complaints": envelope,
            "/actions": {**envelope, "entry": people.entry("1234567894", "comment", "citizen", place, n=2, private=private, key="mallory").decode()},
            "/sessions/challenge": {"area": AREA, "official": "op-1"}, "/complaints/desk": {"area": AREA, "category": "no-supply", "text": "x", **place}}


@case
def test_one_address():
    """It gets what one may have; others file, and reports are taken, while it goes on."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1d", http_proxies="")
        stack.start_daemon()
        world = World(stack, AREA)
        world.register("tx-1")
        people, statuses = People(world), []
        body, before = bodies(people), resident_kib(stack.children["powertrackd"].pid)
        threads = [threading.Thread(target=flood, args=(stack, body, amount(500, 2500), statuses)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in range(5):
            filed(people, Client(stack, f"127.0.0.{20 + number}"), f"who-{number}")
            world.say("tx-1", "OFF" if number % 2 == 0 else "ON")
        for thread in threads:
            thread.join()
        equal(len(statuses), 4 * amount(500, 2500), "each was answered")
        taken = len(statuses) - statuses.count(429)
        print(f"# {taken} of {len(statuses)} were looked at", flush=True)
        check(statuses.count(429) > len(statuses) // 2, f"most are refused by their address: {taken} were not")
        check(set(statuses) <= {200, 400, 401, 429}, f"nothing was taken: {set(statuses)}")
        equal(len(stack.get("/complaints")["complaints"]), 5, "five complaints, of those who worked for them")
        grown = (resident_kib(stack.children["powertrackd"].pid) - before) / 1024
        check(grown < 64, f"grown by {grown:.0f} MiB")
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_behind_a_proxy():
    """The address is the one that the proxy saw, whatever the client says before; all of an IPv6 network are one."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1d", complaints_address_per_minute=3)
        stack.start_daemon()
        people = People(World(stack, AREA))
        people.world.register("tx-1")
        ask = {"area": AREA, "category": "no-supply", "site": "S-tx-1"}

        def asked(forwarded):
            return Client(stack, "127.0.0.1", **({"X_Forwarded_For": forwarded} if forwarded else {})).post("/complaints/tickets", ask)[0]

        equal([asked(f"198.51.100.{number}, 203.0.113.9") for number in range(5)], [200, 200, 200, 429, 429], "one address, whatever it says of itself")
        equal([asked(f"2001:db8:0:1::{number}") for number in range(1, 6)], [200, 200, 200, 429, 429], "one network")
        equal([asked("2001:db8:0:2::1"), asked("203.0.113.10")], [200, 200], "others")
        equal([asked(None) for _ in range(5)], [200] * 5, "a program on this machine")


@case
def test_one_key_and_place():
    """A key, a place and an area have their bounds too, whatever the addresses; who only joins is not kept from it by a place's."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1d", complaints_key_per_hour=2, complaints_site_per_hour=3, complaints_area_per_minute=1000, complaints_work_bits=4)
        stack.start_daemon()
        people = People(World(stack, AREA))
        people.world.register("tx-1", "tx-2")

        def file(who, site):
            ticket = people.ticket(category="no-supply", site=site)
            private = people.private("dark")
            entry = people.entry(ticket["complaint"], "file", "citizen", {"site": site}, private=private, key=who, category="no-supply")
            people.places[ticket["complaint"]] = {"site": site}
            return ticket["complaint"], stack.post("/complaints", json.dumps({"entry": entry.decode(), "private": private, "ticket": ticket["ticket"],
                                                                             "nonce": work(ticket["ticket"], ticket["bits"])}).encode(), "application/json")

        equal([file("asha", "S-tx-1")[1][0] for _ in range(3)], [201, 201, 429], "one key")
        number, (status, answer) = file("bala", "S-tx-1")
        equal((status, file("carol", "S-tx-1")[1][0]), (201, 429), f"one place: {answer}")
        equal(file("carol", "S-tx-2")[1][0], 201, "another place")
        people.act(number, "join", "citizen", key="dora")


if __name__ == "__main__":
    main()
