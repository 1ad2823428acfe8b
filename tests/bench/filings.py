# SPDX-License-Identifier: Apache-2.0
"""Complaints filed at a steady rate, by processes that have prepared all of it before: how long from each post to its receipt."""
import http.client
import json
import multiprocessing
import secrets
import threading
import time
import urllib.parse

from pt_formats import dump, encode64, point_of, sha256, sign
from pt_people import new_key, work
from pt_stack import now_ms

THREADS = 16  # connections of a process


class Way:
    """A connection that stays."""

    def __init__(self, url):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=300)

    def post(self, path, body):
        self.connection.request("POST", "/api/v1" + path, body, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        return answer.status, answer.read()


def prepare(way, area, site):
    """One filing with a key of its own."""
    key, place = new_key(), {"site": site}
    ticket = json.loads(way.post("/complaints/tickets", dump({"area": area, "category": "no-supply", **place}))[1])
    private = dump({"contact": "", "photos": [], "salt": secrets.token_hex(16), "text": "dark since six"}).decode()
    entry = sign({"action": "file", "area": area, "by": "citizen", "category": "no-supply", "complaint": ticket["complaint"], "key": encode64(point_of(key)), "kind": "action", "n": 1,
                  "note_hash": sha256(private.encode()).hex(), "prev": "0" * 64, "ts": now_ms(), **place}, key)
    return json.dumps({"entry": entry.decode(), "private": private, "ticket": ticket["ticket"], "nonce": work(ticket["ticket"], ticket["bits"])}).encode()


def post_at(url, path, bodies, begin, pace, times):
    """Each at its moment, however long the one before took; @times gets seconds from that moment to the answer."""
    way = Way(url)
    for number, body in enumerate(bodies):
        due = begin + number * pace
        time.sleep(max(0, due - time.monotonic()))
        status, answer = way.post(path, body)
        if status not in (200, 201):
            raise RuntimeError(f"{path}: {status} {answer[:300]}")
        times.append(time.monotonic() - due)


def post_all(url, path, bodies, rate):
    """All of this process at @rate a second."""
    times, begin, pace = [], time.monotonic() + 0.2, THREADS / rate
    threads = [threading.Thread(target=post_at, args=(url, path, bodies[number::THREADS], begin + number * pace / THREADS, pace, times)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def process(url, area, sites, count, rate, reports, pipe):
    way = Way(url)
    bodies = [prepare(way, area, sites[number % len(sites)]) for number in range(count)]
    pipe.send("ready")
    pipe.recv()
    pipe.send(post_all(url, "/complaints", bodies, rate))
    pipe.recv()
    pipe.send(post_all(url, "/reports", reports, rate))


def measure(url, area, sites, count, rate, reports, processes):
    """(milliseconds of each filing, of each report): the same clients at the same rate."""
    pipes, running = [], []
    for number in range(processes):
        mine, theirs = multiprocessing.Pipe()
        running.append(multiprocessing.Process(target=process, args=(url, area, sites, count // processes, rate / processes, reports[number::processes], theirs)))
        running[-1].start()
        pipes.append(mine)
    for pipe in pipes:
        pipe.recv()
    found = []
    for _ in range(2):
        for pipe in pipes:
            pipe.send("go")
        found.append(sorted(1000 * one for pipe in pipes for one in pipe.recv()))
    for one in running:
        one.join()
    return found
