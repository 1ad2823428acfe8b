# SPDX-License-Identifier: Apache-2.0
"""The people of the demo: citizens who complain and officials who answer, each through `powertrack` as from a terminal of one's own.

Whatever they do goes through the public interface: tickets and the work for them, private parts, signed steps, receipts that are kept.
"""
import concurrent.futures
import contextlib
import csv
import json
import os
import struct
import time
import zlib

from pt_stack import ROOT, Failure

AREAS_MOST = 3
# Of the areas one after the other.
PROFILES = ("telangana-town", "telangana-rural", "ieee-1366")
OFFICIALS = (("op-1", "operator", "Control room"), ("ae-1", "officer", "Assistant Engineer, first division"),
             ("ae-2", "officer", "Assistant Engineer, second division"), ("ae-you", "officer", "Assistant Engineer, whoever tries the demo"))
YOU = "ae-you"
WORDS = ("Dark since the storm began, the whole street.", "तूफ़ान के बाद से बिजली नहीं है।", "A branch lies on the line behind our house.",
         "There was a bang at the transformer, then nothing.", "बच्चे की दवा फ़्रिज में है, कृपया जल्दी करें।", "No light, and the pump does not run either.",
         "Second time this week. Nobody answers the telephone.", "खंभे से चिंगारी निकल रही थी, अब सब बंद है।")
CROWD = 10  # complaints that the storm brings at once, where there are devices enough
DEVICES_EACH = 20
NEIGHBOURS = 3
OPEN_MOST = 15  # of ours; beyond it nobody files until some are closed
EVERY_SECONDS = 8  # between complaints that are filed later


def pixel(x, y, width, height):
    """A street by night: one lit window far off."""
    if abs(x - width * 3 // 4) < 9 and abs(y - height * 2 // 3) < 12:
        return b"\xff\xd9\x7a"
    shade = 16 + 36 * (height - y) // height
    return bytes((shade // 2, shade // 2, shade)) if y < height * 3 // 5 else bytes((9, 9, 14))


def picture(path, width=320, height=240):
    """A PNG as a telephone might have made it."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + b"".join(pixel(x, y, width, height) for x in range(width)) for y in range(height))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Complaint:
    def __init__(self, area, number, site, citizen):
        self.area, self.number, self.site, self.citizen = area, number, site, citizen
        self.yours = False  # it waits for whoever tries the demo


class Story:
    """@say: how a line gets told. @strict: what is refused is a Failure; else, where others are at work too, it is passed over."""

    def __init__(self, stack, say, strict):
        self.stack, self.say, self.strict = stack, say, strict
        self.areas, self.complaints, self.receipts, self.keys = [], [], [], {}
        self.told_storm = self.told_return = False
        self.crowd = CROWD
        self.filed_at, self.mended = 0.0, 0
        self.folder = os.path.join(stack.folder, "citizens")
        os.makedirs(self.folder, mode=0o700, exist_ok=True)

    # Before anything happens

    def prepare(self, devices_csv):
        """Officials and a profile of the areas with the most devices."""
        counts = {}
        with open(devices_csv, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                counts[row["area"]] = counts.get(row["area"], 0) + 1
        self.crowd = max(1, min(CROWD, sum(counts.values()) // DEVICES_EACH))
        self.areas = sorted(sorted(counts, key=lambda area: (-counts[area], area))[:AREAS_MOST])
        for official, _, _ in OFFICIALS:
            self.key(official)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(self.prepare_area, range(len(self.areas))))
        picture(os.path.join(self.folder, "street.png"))

    def prepare_area(self, number):
        area, authority = self.areas[number], ("--authority-key", self.stack.authority_key)
        for official, role, office in OFFICIALS:
            self.ask("official", "register", "--official", official, "--area", area, "--name", f"{office}, {area}", "--role", role, "--key", self.key(official)[1], *authority)
        self.ask("profile", "set", os.path.join(ROOT, "data", "profiles", f"{PROFILES[number % len(PROFILES)]}.json"), "--area", area, "--yes", *authority)

    def key(self, name):
        """(file, public key) of a person."""
        if name not in self.keys:
            path = self.stack.key_file(f"{name}.pem") if name in [row[0] for row in OFFICIALS] else os.path.join(self.folder, f"{name}.pem")
            self.keys[name] = path, self.stack.powertrack("keygen", "--out", path).strip()
        return self.keys[name]

    # One step

    def ask(self, *arguments):
        return self.stack.powertrack(*arguments, "--url", self.stack.url)

    def receipt(self):
        path = os.path.join(self.folder, f"receipt-{len(self.receipts) + 1}.json")
        return path, ("--receipt", path)

    def keep(self, path):
        if os.path.exists(path):
            self.receipts.append(path)

    def file(self, area, site, category, text, *more):
        """A citizen with a new key files; None where that was refused."""
        citizen = f"citizen-{len(self.complaints) + 1}"
        path, receipt = self.receipt()
        private = os.path.join(self.folder, f"{citizen}-said.json")
        answer = self.attempt("complaint", "file", "--area", area, "--site", site, "--category", category, "--text", text, "--key", self.key(citizen)[0],
                              "--private", private, "--yes", "--json", *receipt, *more)
        if answer is None:
            return None
        self.keep(path)
        complaint = Complaint(area, json.loads(answer)["complaint"]["complaint"], site, citizen)
        self.complaints.append(complaint)
        self.filed_at = time.monotonic()
        return complaint

    def attempt(self, *arguments):
        """What the program says; None where it was refused and others may have been faster."""
        try:
            return self.ask(*arguments)
        except Failure:
            if self.strict:
                raise
            return None

    def act(self, verb, complaint, who, *more, official=True):
        """The answer, or None."""
        path, receipt = self.receipt()
        answer = self.attempt("complaint", verb, complaint.number, "--area", complaint.area, "--key", self.key(who)[0], "--yes", "--json", *receipt,
                              *(("--official", who) if official else ()), *more)
        self.keep(path)
        return json.loads(answer) if answer else None

    def act_many(self, verb, complaints, who, *more):
        for area in self.areas:
            numbers = [complaint.number for complaint in complaints if complaint.area == area]
            if numbers:
                self.attempt("complaint", verb, *numbers, "--area", area, "--key", self.key(who)[0], "--official", who, "--yes", *more)

    # What happens

    def open_outages(self):
        return [row for row in self.stack.get("/outages?open=true&limit=1000")["outages"] if row["area"] in self.areas]

    def storm_is_here(self):
        """It has gone on from where it began, where there are devices enough for that."""
        if self.told_storm:
            return False
        dark = self.open_outages()
        return len(dark) >= self.crowd and (self.crowd < CROWD or len({row["area"] for row in dark}) >= min(2, len(self.areas)))

    def supply_returns(self):
        return self.told_storm and not self.told_return and len(self.back()) >= min(NEIGHBOURS, self.crowd)

    def rows(self):
        found = {}
        for area in self.areas:
            for row in self.stack.pages(f"/complaints?area={area}&limit=1000", "complaints"):
                found[area, row["complaint"]] = row
        return found

    def storm(self):
        """Citizens complain; the control room answers; one is closed while it is dark, and one is rejected by two."""
        self.told_storm = True
        dark = self.places()
        for number, (area, site) in enumerate(dark):
            photo = ("--photo", os.path.join(self.folder, "street.png"), "--contact", "98350 00001") if number == 0 else ()
            self.file(area, site, "no-supply", WORDS[number % len(WORDS)], *photo)
        if not self.complaints:
            return
        first = self.complaints[0]
        self.say(f"  complaint {self.stack.url}/#complaint={first.area}/{first.number}   <- one complaint, step by step")
        for number in range(NEIGHBOURS):
            self.act("join", first, f"neighbour-{number + 1}", official=False)
        self.reject(first.area, first.site)
        answered = self.complaints[:len(dark)]
        self.act_many("acknowledge", answered, "op-1", "--note", "A crew is told.")
        # Of one area where it has two: the console's key is of one at a time.
        yours = ([complaint for complaint in answered[1:] if complaint.area == self.areas[0]] or answered[1:])[-2:]
        for complaint in yours:
            complaint.yours = True
        self.act_many("assign", yours, "op-1", "--to", YOU)
        self.act_many("assign", [complaint for complaint in answered[::2] if not complaint.yours], "op-1", "--to", "ae-1")
        self.close_in_the_dark(answered)

    def dark_sites(self):
        """(area, site) of some of those without power, from all over the areas."""
        by_area = {area: [] for area in self.areas}
        for row in self.open_outages():
            by_area[row["area"]].append((row["area"], row["site"]))
        spread = [sites[::max(1, len(sites) // self.crowd)] for sites in by_area.values()]
        places = dict.fromkeys(sites[turn] for turn in range(self.crowd) for sites in spread if turn < len(sites))
        return list(places)[:self.crowd]

    def places(self):
        """Where people complain: in the dark, else where it was so."""
        rows = self.stack.get("/outages?limit=1000")["outages"]
        return list(dict.fromkeys(self.dark_sites() + [(row["area"], row["site"]) for row in rows if row["area"] in self.areas]))[:self.crowd]

    def reject(self, area, site):
        """Nothing to put right, says one officer; it stands when another says so too."""
        complaint = self.file(area, site, "meter", "The meter runs though everything is switched off.")
        if complaint and self.act("reject", complaint, "ae-1", "--note", "Tested on the spot: the meter is right."):
            self.act("approve", complaint, "ae-2")

    def close_in_the_dark(self, complaints):
        """An officer says that it is done where the devices still say OFF; the citizen, that it is not."""
        for complaint in [complaint for complaint in complaints if not complaint.yours]:
            answer = self.act("resolve", complaint, "ae-1", "--note", "Fuse replaced.")
            if answer is None:
                continue
            self.act("reopen", complaint, complaint.citizen, "--text", "It is as dark as before.", official=False)
            if answer["complaint"].get("evidence") == "contradicted":
                return

    def back(self):
        """Ours at which supply came back, and which nobody closed."""
        rows = self.rows()
        found = []
        for complaint in self.complaints:
            row = rows.get((complaint.area, complaint.number), {})
            if row.get("supply_back_at") and row.get("state") in ("open", "acknowledged", "assigned") and not complaint.yours:
                found.append(complaint)
        return found

    def mend(self):
        """What works again is resolved; every other citizen confirms, of the rest the devices tell."""
        self.told_return = True
        for complaint in self.back():
            self.mended += 1
            if self.act("resolve", complaint, "ae-2", "--note", "Line repaired, supply is back.") and self.mended % 2:
                self.act("confirm", complaint, complaint.citizen, official=False)

    def go_on(self):
        """While somebody watches: what comes next after the storm."""
        with contextlib.suppress(Failure, OSError, ValueError):
            if not self.told_storm:
                if self.storm_is_here():
                    self.storm()
                return
            self.mend()
            if time.monotonic() - self.filed_at < EVERY_SECONDS:
                return
            rows = self.rows()
            waiting = [row for row in rows.values() if row["state"] in ("open", "acknowledged", "assigned")]
            taken = {(row["area"], row.get("site")) for row in waiting}
            dark = [place for place in self.dark_sites() if place not in taken]
            if dark and len(waiting) < OPEN_MOST:
                complaint = self.file(*dark[0], "no-supply", WORDS[len(self.complaints) % len(WORDS)])
                if complaint and len(self.complaints) % 3:
                    self.act("acknowledge", complaint, "op-1", "--note", "A crew is told.")

    # What came of it

    def counts(self):
        """For the summary."""
        rows = self.rows()
        steps = [step for area, number in rows for step in self.stack.get(f"/complaints/{area}/{number}")["chain"]]
        return {"complaints": len(rows), "actions": len(steps), "contradicted": sum(step.get("evidence") == "contradicted" for step in steps)}
