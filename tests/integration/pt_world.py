# SPDX-License-Identifier: Apache-2.0
"""Areas and devices whose keys are here, for the tests that post reports of their own and look at what comes of them."""
import json
import time
import urllib.error
import urllib.request

from cryptography.hazmat.primitives.asymmetric import ec

from pt_case import check, equal
from pt_formats import encode64, load_pem, point_of, sign

from pt_stack import PATIENCE, now_ms

PLACE = {"lat": 255942345, "lon": 851374321}


class World:
    """One key for all devices, a counter for each."""

    def __init__(self, stack, *areas):
        self.stack, self.authority = stack, load_pem(stack.authority_key)
        self.key, self.areas, self.places, self.seq = ec.generate_private_key(ec.SECP256R1()), areas, {}, {}
        stack.register_areas(*areas)

    def place(self, area, name, site=None, lat=PLACE["lat"], lon=PLACE["lon"]):
        """Where a device is; what is not said is as it was, else the same for all."""
        return self.places.setdefault((area, name), {"site": site or f"S-{name}", "lat": lat, "lon": lon})

    def device(self, name, area=None, status="active", customers=3, ts=None, feeder=None, **where):
        area = area or self.areas[0]
        entry = {"kind": "device", "area": area, "ts": now_ms() if ts is None else ts, "device": name, "key": encode64(point_of(self.key)), "level": "transformer",
                 "customers": customers, "status": status, **self.place(area, name, **where), **({"feeder": feeder} if feeder else {})}
        return sign(entry, self.authority)

    def register(self, *names, **more):
        self.take("/registrations", [self.device(name, **more) for name in names])

    def report(self, name, power="ON", area=None, seq=None, ts=None):
        area = area or self.areas[0]
        if seq is None:
            seq = self.seq[area, name] = self.seq.get((area, name), 0) + 1
        entry = {"kind": "report", "area": area, "device": name, "power": power, "seq": seq, "ts": now_ms() if ts is None else ts,
                 **self.place(area, name)}
        return sign(entry, self.key)

    def take(self, path, lines):
        """Posts what has to be accepted, all of it."""
        status, answer = self.stack.post(path, b"\n".join(lines))
        equal((status, answer.get("accepted")), (200, len(lines)), f"{path}: {str(answer)[:300]}")

    def post(self, *lines):
        self.take("/reports", lines)

    def say(self, name, power="ON", **more):
        self.post(self.report(name, power, **more))


def ask(stack, target, method="GET", data=None, **headers):
    """(status, headers, body) of a request; an error is an answer too."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(stack.url + target, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def refused(stack, target, status, slug, method="GET", **headers):
    """The request is answered by a problem (RFC 9457) with this slug."""
    got, head, body = ask(stack, target, method, **headers)
    equal(got, status, f"status of {method} {target}: {body[:200]}")
    equal(head["Content-Type"], "application/problem+json", f"content type of {method} {target}")
    if method != "HEAD":
        problem = json.loads(body)
        equal((problem["type"], problem["status"]), (slug, status), f"{method} {target}: {problem}")
        check(problem["detail"] and problem["title"], f"{method} {target}: a sentence")


def wait_until(what, holds, *, pause=0.1):
    """Waits until @holds () is true; its value."""
    until = time.monotonic() + PATIENCE
    while True:
        value = holds()
        if value:
            return value
        check(time.monotonic() < until, f"{what} within {PATIENCE} s")
        time.sleep(pause)


def resident_kib(pid):
    """The memory of a process that is in use."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))
