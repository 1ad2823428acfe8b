# SPDX-License-Identifier: Apache-2.0
"""Complaints, notices and profiles by docs/PROTOCOL.md sections 10 and 11: the other implementer's part of pt_audit."""
import json
import re

from pt_formats import ID, NOBODY, Wrong, parse

DAY_MS = 86_400_000
AT_WORK, CLOSED = ("open", "acknowledged", "assigned"), ("resolved", "rejecting", "rejected", "duplicate")
NOT_ENDED = AT_WORK + CLOSED
ANY = NOT_ENDED + ("confirmed", "withdrawn")
DISPATCH = ("operator", "officer")
# action: (who, in which states, what it makes)
STEPS = {
    "file": (("stranger", "service"), (None,), "open"),
    "join": (("stranger", "service"), NOT_ENDED, None),
    "comment": (("filer", "joiner", "service", "operator", "officer", "auditor"), ANY, None),
    "acknowledge": (DISPATCH, ("open",), "acknowledged"),
    "assign": (DISPATCH, AT_WORK, "assigned"),
    "resolve": (("officer",), AT_WORK, "resolved"),
    "unresolve": (("officer",), CLOSED, "open"),
    "reject": (("officer",), AT_WORK, "rejected"),
    "approve": (("officer",), ("rejecting",), "rejected"),
    "duplicate": (DISPATCH, AT_WORK, "duplicate"),
    "reopen": (("filer", "joiner", "service"), CLOSED + ("confirmed",), "open"),
    "confirm": (("filer", "joiner"), ("resolved",), "confirmed"),
    "withdraw": (("filer",), NOT_ENDED, "withdrawn"),
}


class Broken(Wrong):
    """An entry that doesn't count: the rule by its slug in tests/vectors/rules.json, and the line of the file (0: of none)."""

    def __init__(self, rule, words, line=0):
        super().__init__(words)
        self.rule, self.line = rule, line


# Profiles


def members(value, *names):
    if not isinstance(value, dict) or set(value) != set(names):
        raise Wrong("a profile's members")
    return value


def whole(value, least, most=(1 << 53) - 1):
    if not isinstance(value, int) or not least <= value <= most:
        raise Wrong("a profile's number")


def word(value, *words):
    if value not in words:
        raise Wrong("a profile's word")


def check_category(category):
    members(category, "acknowledge_min", "evidence", "id", "resolve_min", "title")
    whole(category["acknowledge_min"], 0)
    whole(category["resolve_min"], 0)
    word(category["evidence"], "power", "none")
    if not isinstance(category["id"], str) or not ID.fullmatch(category["id"]):
        raise Wrong("a category's id")
    title = category["title"]
    if not isinstance(title, dict) or "en" not in title:
        raise Wrong("a title without English")
    for tag, text in title.items():
        if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*", tag) or not isinstance(text, str) or not text:
            raise Wrong("a title")


def check_compensation(row, categories):
    members(row, "after_min", "category", "currency", "each_min", "minor", "times")
    for name, least in (("after_min", 0), ("each_min", 1), ("minor", 0), ("times", 0)):
        whole(row[name], least)
    if row["category"] not in categories or not isinstance(row["currency"], str) or not re.fullmatch("[A-Z]{3}", row["currency"]):
        raise Wrong("a compensation's category or currency")


def read_profile(document):
    data = document.encode()
    if len(data) > 32768:
        raise Wrong("a profile over 32 KiB")
    profile = members(parse(data), "announce_min", "categories", "compensation", "format", "held_min", "major_event_days", "reopen_days",
                      "sustained_ms", "two_person", "utc_offset_min")
    word(profile["format"], "powertrack-profile-1")
    word(profile["major_event_days"], "ieee-1366-beta", "none")
    for name in ("announce_min", "held_min", "reopen_days", "sustained_ms"):
        whole(profile[name], 0)
    whole(profile["utc_offset_min"], -1440, 1440)
    if json.dumps(profile["two_person"]) not in ("[]", '["reject"]', '["revoke"]', '["reject", "revoke"]'):
        raise Wrong("two_person")
    if not isinstance(profile["categories"], list) or not isinstance(profile["compensation"], list):
        raise Wrong("a profile's lists")
    for category in profile["categories"]:
        check_category(category)
    ids = [category["id"] for category in profile["categories"]]
    if not ids or len(set(ids)) != len(ids):
        raise Wrong("no category, or one twice")
    for row in profile["compensation"]:
        check_compensation(row, ids)
    return profile


# Complaints


class Complaint:
    """What the log of an area says of one so far."""

    def __init__(self):
        self.n, self.last, self.state, self.place = 0, "0" * 64, None, None
        self.filer, self.joined, self.confirmed = None, {}, {}  # keys; of the others: key -> n
        self.reopen_days = self.closed_n = self.confirmed_at = 0
        self.rejecter = None  # (id, key)


def place_of(entry):
    return entry.get("site") or (entry["lat"], entry["lon"])


def who_acts(complaint, entry, official):
    if entry["by"] == "service":
        return "service"
    if entry["by"] != "citizen":
        return official["role"]
    if entry["key"] == complaint.filer:
        return "filer"
    return "joiner" if entry["key"] in complaint.joined else "stranger"


def check_besides(complaint, entry, who, officials, complaints, profile):
    """What the table leaves open."""
    action = entry["action"]
    if action == "file" and profile and entry["category"] not in [category["id"] for category in profile["categories"]]:
        raise Broken("complaint-category", f"no category {entry['category']} in the profile")
    if action == "assign":
        to = officials.get(entry["to"])
        if to is None or to["status"] != "active" or to["role"] == "auditor":
            raise Broken("complaint-to", f"assigned to {entry['to']}")
    if action == "duplicate":
        of = complaints.get(entry["of"])
        if of is None or of.state in ("duplicate", "withdrawn") or entry["of"] == entry["complaint"]:
            raise Broken("complaint-of", f"a duplicate of {entry['of']}")
    if action == "approve" and (entry["by"] == complaint.rejecter[0] or officials[entry["by"]]["key"] == complaint.rejecter[1]):
        raise Broken("complaint-who", "approved by whoever rejected")
    if action == "confirm" and who == "joiner" and complaint.confirmed.get(entry["key"], 0) > complaint.closed_n:
        raise Broken("complaint-who", "confirmed twice")
    if action == "reopen" and complaint.state == "confirmed":
        if who != "filer":
            raise Broken("complaint-who", "what was confirmed is reopened by another")
        if entry["received"] - complaint.confirmed_at >= complaint.reopen_days * DAY_MS:
            raise Broken("complaint-late", "reopened too late")
    elif action == "reopen" and who == "joiner" and complaint.joined[entry["key"]] >= complaint.closed_n:
        raise Broken("complaint-who", "reopened by a key that joined later")


def check_action(complaints, entry, officials, profile):
    """All but the signature. @officials: id -> newest registration."""
    complaint, official = complaints.get(entry["complaint"]) or Complaint(), officials.get(entry["by"])
    if entry["by"] not in NOBODY and official is None:
        raise Broken("unknown-official", f"an action by {entry['by']}, who is not registered")
    if entry["by"] not in NOBODY and official["status"] != "active":
        raise Broken("revoked-official", f"an action by {entry['by']}, who is not active")
    if entry["n"] != complaint.n + 1:
        raise Broken("complaint-n", f"number {entry['n']} of complaint {entry['complaint']} after {complaint.n}")
    if entry["prev"] != complaint.last:
        raise Broken("complaint-prev", f"an action that does not continue complaint {entry['complaint']}")
    if complaint.n and place_of(entry) != complaint.place:
        raise Broken("complaint-place", "another place than at first")
    may, states, _ = STEPS[entry["action"]]
    who = who_acts(complaint, entry, official)
    if who not in may:
        raise Broken("complaint-who", f"{entry['action']} by {who}")
    if complaint.state not in states:
        raise Broken("complaint-state", f"{entry['action']} in state {complaint.state}")
    check_besides(complaint, entry, who, officials, complaints, profile)


def take_action(complaints, entry, leaf, officials, profile):
    complaint, action = complaints.setdefault(entry["complaint"], Complaint()), entry["action"]
    makes = STEPS[action][2]
    if entry["by"] == "citizen":
        if action == "file":
            complaint.filer = entry["key"]
        if action == "join":
            complaint.joined[entry["key"]] = entry["n"]
        if action == "confirm":
            complaint.confirmed[entry["key"]] = entry["n"]
            if entry["key"] == complaint.filer:
                complaint.confirmed_at = entry["received"]
            else:
                makes = None
    if action == "file":
        complaint.place, complaint.reopen_days = place_of(entry), profile["reopen_days"] if profile else 0
    if action == "reject":
        complaint.rejecter = (entry["by"], officials[entry["by"]]["key"])
        if profile and "reject" in profile["two_person"]:
            makes = "rejecting"
    if action in ("resolve", "reject", "duplicate"):
        complaint.closed_n = entry["n"]
    complaint.state = makes or complaint.state
    complaint.n, complaint.last = entry["n"], leaf


# Notices


def check_notice(notices, entry, officials):
    """@notices: id -> (first entry, newest entry, its leaf hash)."""
    official = officials.get(entry["by"])
    first, newest, leaf = notices.get(entry["notice"], (None, None, "0" * 64))
    if official is None:
        raise Broken("unknown-official", f"a notice by {entry['by']}, who is not registered")
    if official["status"] != "active":
        raise Broken("revoked-official", f"a notice by {entry['by']}, who is not active")
    if official["role"] == "auditor":
        raise Broken("notice-who", "a notice by an auditor")
    if entry["n"] != (newest["n"] if newest else 0) + 1:
        raise Broken("notice-n", f"number {entry['n']} of notice {entry['notice']}")
    if entry["prev"] != leaf:
        raise Broken("notice-prev", f"an entry that does not continue notice {entry['notice']}")
    if newest is None:
        return
    if newest["status"] == "withdrawn":
        raise Broken("notice-ended", "an entry after it was withdrawn")
    if any(entry.get(name) != first.get(name) for name in ("about", "scope", "target")):
        raise Broken("notice-changed", "a notice about something else")
    if entry["about"] == "shutdown" and entry["start"] < newest["start"]:
        raise Broken("notice-earlier", "a shutdown that begins earlier than was said")


def take_notice(notices, entry, leaf):
    first = notices.get(entry["notice"], (entry,))[0]
    notices[entry["notice"]] = (first, entry, leaf)
