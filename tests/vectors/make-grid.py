#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes grid.json: sites, and which of them the lines of feeders join and which are corners of an area's outline.

Reckoned in another way than the console and the page do: all pairs by their length (Kruskal), and the outline by asking of each pair
whether everything lies on one side of it. With --check it compares instead.
"""
import itertools
import json
import os
import random
import sys

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "grid.json")


def beside(x, near):
    """On that side of the date line which is nearer to the other."""
    return min((x - 1, x, x + 1), key=lambda at: abs(at - near))


def tree(sites, members):
    """The pairs of the shortest tree, each with the smaller number first."""
    def length(pair):
        a, b = (sites[i] for i in pair)
        return (beside(a["x"], b["x"]) - b["x"]) ** 2 + (a["y"] - b["y"]) ** 2
    group = {member: {member} for member in members}
    found = []
    for a, b in sorted(itertools.combinations(members, 2), key=length):
        if group[a] is group[b]:
            continue
        found.append([a, b])
        merged = group[a] | group[b]
        for member in merged:
            group[member] = merged
    return sorted(found)


def outline(sites, members):
    """The corners, by number; none where all is on one line."""
    at = {i: (beside(sites[i]["x"], sites[members[0]]["x"]), sites[i]["y"]) for i in members}
    places = {at[i]: i for i in reversed(members)}  # of several at one place the first

    def side(a, b, c):
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    corners = set()
    for a, b in itertools.permutations(places, 2):
        others = [side(a, b, c) for c in places if c not in (a, b)]
        if others and all(value < 0 for value in others):
            corners |= {places[a], places[b]}
    return sorted(corners)


def case(name, sites):
    feeders = sorted({(site["area"], site["feeder"]) for site in sites if site["feeder"]})
    areas = sorted({site["area"] for site in sites})
    lines, outlines = [], []
    for key in feeders:
        members = [i for i, site in enumerate(sites) if (site["area"], site["feeder"]) == key]
        if len(members) >= 2:
            lines.append({"area": key[0], "feeder": key[1], "edges": tree(sites, members)})
    for area in areas:
        corners = outline(sites, [i for i, site in enumerate(sites) if site["area"] == area])
        if corners:
            outlines.append({"area": area, "corners": corners})
    return {"name": name, "sites": sites, "lines": lines, "outlines": outlines}


def cloud(seed, count, areas, feeders, middle=(0.5, 0.4), spread=0.01):
    """Sites at random; a feeder has its own part of the cloud."""
    chance = random.Random(seed)
    sites = []
    for _ in range(count):
        feeder = chance.randrange(feeders + 1)  # 0: it says none
        sites.append({"x": round((middle[0] + chance.uniform(-spread, spread) + feeder * spread / 5) % 1, 9),
                      "y": round(middle[1] + chance.uniform(-spread, spread), 9),
                      "area": f"area-{feeder % areas}", "feeder": f"F-{feeder}" if feeder else ""})
    return sites


def site(x, y, area="a", feeder="F"):
    return {"x": x, "y": y, "area": area, "feeder": feeder}


def make():
    return [
        case("none", []),
        case("one", [site(0.5, 0.5)]),
        case("two are a line and no outline", [site(0.5, 0.5), site(0.5, 0.25)]),
        case("on one line", [site(0.25, 0.25), site(0.75, 0.75), site(0.5, 0.5)]),
        case("a square with its middle", [site(0.25, 0.25), site(0.75, 0.25), site(0.5, 0.52), site(0.75, 0.75), site(0.25, 0.75)]),
        case("no feeder", [site(0.25, 0.25, feeder=""), site(0.75, 0.25, feeder=""), site(0.5, 0.75, feeder="")]),
        case("one name in two areas", [site(0.1, 0.1, "a"), site(0.2, 0.1, "b"), site(0.1, 0.3, "a"), site(0.2, 0.35, "b")]),
        case("over the date line", [site(0.99, 0.4), site(0.01, 0.41), site(0.995, 0.45), site(0.03, 0.4)]),
        case("a cloud", cloud(1, 120, 3, 7)),
        case("a cloud over the date line", cloud(2, 60, 1, 4, middle=(0.999, 0.6), spread=0.004)),
        case("many feeders", cloud(3, 200, 5, 40, spread=0.04)),
    ]


def main():
    text = json.dumps({"about": "made by make-grid.py", "cases": make()}, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n"
    if sys.argv[1:] == ["--check"]:
        with open(PATH, encoding="utf-8") as file:
            return 0 if file.read() == text else f"{PATH} is not what make-grid.py makes; run it"
    with open(PATH, "w", encoding="utf-8") as file:
        file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
