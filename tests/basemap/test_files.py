#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The built maps, and powertrack-basemap as it is used and misused."""
import hashlib
import math
import os
import resource
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import zlib

BUILD = os.path.join(os.environ["PT_BUILD_DIR"], "data", "basemap")
PROGRAM = os.path.join(BUILD, "powertrack-basemap")
DATA = os.path.join(BUILD, "basemap.geo")
SEA = {"light": (0xDF, 0xE6, 0xEA), "dark": (0x14, 0x19, 0x1D)}
LAND = {"light": (0xF6, 0xF5, 0xF1), "dark": (0x1F, 0x25, 0x2A)}
SIZE_MAX = 40 << 20
RIVER = {"light": (0xC5, 0xD5, 0xDF), "dark": (0x2A, 0x41, 0x50)}
results = []


def check(name, good, note=""):
    results.append(bool(good))
    print(f"{'ok' if good else 'not ok'} {len(results)} - {name}{'' if good else f' # {note}'}")


def chunks(png):
    at = 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        body = png[at + 8:at + 8 + length]
        if struct.unpack(">I", png[at + 8 + length:at + 12 + length])[0] != zlib.crc32(kind + body):
            raise ValueError("a chunk's CRC is wrong")
        yield kind, body
        at += 12 + length


def pixels(png):
    """Rows of (red, green, blue) of a PNG with a palette and no filters."""
    if png[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("no PNG")
    parts = list(chunks(png))
    width, height, bits, colour_type = struct.unpack(">IIBB", parts[0][1][:10])
    if (width, height, colour_type) != (256, 256, 3):
        raise ValueError(f"{width} x {height}, type {colour_type}")
    palette = dict(parts)[b"PLTE"]
    colours = [tuple(palette[i:i + 3]) for i in range(0, len(palette), 3)]
    raw = zlib.decompress(b"".join(body for kind, body in parts if kind == b"IDAT"))
    stride = 1 + (width * bits + 7) // 8
    rows = []
    for y in range(height):
        row = raw[y * stride:(y + 1) * stride]
        if row[0] != 0:
            raise ValueError("a filter")
        rows.append([colours[row[1 + x * bits // 8] >> (8 - bits - x * bits % 8) & ((1 << bits) - 1)] for x in range(width)])
    return rows


def tile_of(zoom, longitude, latitude):
    size = 2 ** zoom
    y = 0.5 - math.asinh(math.tan(math.radians(latitude))) / (2 * math.pi)
    return int((longitude + 180) / 360 * size), int(y * size)


def read_tile(database, zoom, column, row):
    found = database.execute("SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
                             (zoom, column, 2 ** zoom - 1 - row)).fetchone()
    return None if found is None else found[0]


def colours_at(database, zoom, longitude, latitude):
    return {colour for row in pixels(read_tile(database, zoom, *tile_of(zoom, longitude, latitude))) for colour in row}


def is_land_at(database, style, zoom, longitude, latitude):
    """Whether the very pixel there is land."""
    size = 2 ** zoom
    x = (longitude + 180) / 360 * size
    y = (0.5 - math.asinh(math.tan(math.radians(latitude))) / (2 * math.pi)) * size
    return pixels(read_tile(database, zoom, int(x), int(y)))[int(y % 1 * 256)][int(x % 1 * 256)] == LAND[style]


def check_metadata(style, database):
    rows = dict(database.execute("SELECT name, value FROM metadata"))
    wanted = {"name": f"Power Tracker {style}", "format": "png", "minzoom": "0", "type": "baselayer",
              "attribution": "Natural Earth, GSHHG", "names": "apart", "world_maxzoom": "7"}
    check(f"{style}: metadata", all(rows.get(name) == value for name, value in wanted.items()), str(rows))
    west, south, east, north = map(float, rows["bounds"].split(","))
    check(f"{style}: bounds", (west, east) == (-180, 180) and -85.06 < south < -85 and 85 < north < 85.06)
    deepest = database.execute("SELECT max(zoom_level) FROM map").fetchone()[0]
    check(f"{style}: maxzoom is the deepest zoom", int(rows["maxzoom"]) == deepest, f"{rows['maxzoom']} {deepest}")


def check_tiles(style, database):
    counts = dict(database.execute("SELECT zoom_level, count(*) FROM tiles GROUP BY zoom_level"))
    check(f"{style}: whole to zoom 7", all(counts.get(zoom) == 4 ** zoom for zoom in range(8)), str(counts))
    largest = database.execute("SELECT max(length(tile_data)) FROM images").fetchone()[0]
    check(f"{style}: no tile over 40 KiB", largest < 40960, str(largest))
    wrong = 0
    for (png,) in database.execute("SELECT tile_data FROM images WHERE tile_id % 97 = 1"):
        try:
            pixels(png)
        except ValueError:
            wrong += 1
    check(f"{style}: PNGs of 256 x 256", wrong == 0, f"{wrong} are not")
    shared = database.execute("SELECT count(*) FROM map GROUP BY tile_id ORDER BY 1 DESC LIMIT 1").fetchone()[0]
    check(f"{style}: the sea is kept once", shared > 5000, str(shared))


def check_places(style, database):
    sea, land = SEA[style], LAND[style]
    check(f"{style}: the Pacific is sea and nothing else", colours_at(database, 7, -140, 5) == {sea})
    check(f"{style}: the Sahara is land", land in colours_at(database, 7, 10.5, 24.5) and sea not in colours_at(database, 7, 10.5, 24.5))
    for name, zoom, longitude, latitude in (("the Ganges at Patna", 12, 85.14, 25.63), ("the Sacramento at its city", 12, -121.51, 38.58), ("the Nile", 6, 32.65, 25.69)):
        check(f"{style}: {name} is a river", RIVER[style] in colours_at(database, zoom, longitude, latitude))
    check(f"{style}: no river in the Sahara", RIVER[style] not in colours_at(database, 7, 10.5, 24.5))
    check(f"{style}: Lake Tahoe is water, with land round it", {sea, land} <= colours_at(database, 9, -120.03, 39.1))
    check(f"{style}: the bay of San Francisco has its islands", is_land_at(database, style, 12, -122.432, 37.862) and not is_land_at(database, style, 12, -122.40, 37.84))
    coast = colours_at(database, 7, -122.4, 37.7)
    check(f"{style}: California's coast is land and sea", {sea, land} <= coast)
    # A shape that is wrongly closed over the antimeridian is a stripe through all oceans of its latitude.
    for name, zoom, latitude, longitudes in (("Fiji", 5, -16.8, (-110, -20, 72, 84)), ("Russia", 6, 70.9, (-165, -5, 5)),
                                             ("the Arctic", 6, 79.9, (-165, -150, 165))):
        seas = [colours_at(database, zoom, longitude, latitude) for longitude in longitudes]
        check(f"{style}: no stripe at the latitude of {name}", all(colours == {sea} for colours in seas), str([len(colours) for colours in seas]))
    pole = pixels(read_tile(database, 3, 4, 7))
    check(f"{style}: Antarctica goes to the edge", set(pole[255]) == {land}, str(set(pole[255])))


def check_list():
    """The list of places that the daemon reads: every line whole, the largest first, and known ones where they are."""
    with open(os.path.join(BUILD, "places.tsv"), encoding="utf-8") as file:
        lines = file.read().split("\n")
    check("places: comments first, and whose they are", [line[:1] for line in lines[:3]] == ["#", "#", lines[2][:1]] and not lines[2].startswith("#") and lines[1] == "# attribution: GeoNames")
    rows = [line.split("\t") for line in lines[2:-1]]
    check("places: ends with a line's end", lines[-1] == "")
    check("places: many", 80000 < len(rows) < 300000, str(len(rows)))
    wrong = [row for row in rows if len(row) != 5 or row[0] not in ("place", "seat", "capital") or not 1 <= len(row[4].encode()) <= 60
             or abs(float(row[2])) > 90 or abs(float(row[3])) > 180 or int(row[1]) < 0]
    check("places: every line is one", wrong == [], str(wrong[:3]))
    people = [int(row[1]) for row in rows]
    check("places: the largest first", people == sorted(people, reverse=True))
    found = {row[4]: row for row in reversed(rows)}
    check("places: Patna is where it is", found["Patna"][0] == "seat" and abs(float(found["Patna"][2]) - 25.594) < 0.02 and abs(float(found["Patna"][3]) - 85.136) < 0.02, str(found["Patna"]))


def check_built(style):
    path = os.path.join(BUILD, f"{style}.mbtiles")
    check(f"{style}: at most 40 MiB", os.path.getsize(path) <= SIZE_MAX, str(os.path.getsize(path)))
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    check(f"{style}: is an MBTiles file", database.execute("PRAGMA application_id").fetchone()[0] == 0x4D504258)
    check(f"{style}: is whole", database.execute("PRAGMA quick_check").fetchone()[0] == "ok")
    check_metadata(style, database)
    check_tiles(style, database)
    check_places(style, database)
    database.close()


def run(*arguments, limit=None, data=DATA):
    def prepare():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    return subprocess.run([PROGRAM, "--data", data, *arguments], capture_output=True, text=True, check=False,
                          preexec_fn=prepare if limit else None, env={**os.environ, "LC_ALL": "C.UTF-8"})


def check_misuse(folder):
    out = os.path.join(folder, "x.mbtiles")
    for name, arguments, words in (
            ("nothing to write", [], "--light"),
            ("one file for both", ["--light", out, "--dark", out], "different files"),
            ("half a region", ["--light", out, "--region=1,2,3"], "west,south,east,north"),
            ("a region upside down", ["--light", out, "--region=1,5,3,2"], "west,south,east,north"),
            ("a zoom too deep", ["--light", out, "--world-zoom=10"], "--world-zoom"),
            ("too many tiles", ["--light", out, "--region=-180,-80,180,80", "--region-zoom=14"], "smaller regions"),
            ("a stray word", ["--light", out, "stray"], "stray"),
            ("an unknown option", ["--lite", out], "--lite")):
        done = run(*arguments)
        check(name, done.returncode == 2 and words in done.stderr and "--help" in done.stderr, f"{done.returncode} {done.stderr}")
    done = run("--help")
    check("help", done.returncode == 0 and "--region" in done.stdout)
    check("nothing was written", os.listdir(folder) == [], str(os.listdir(folder)))


def check_failures(folder):
    out = os.path.join(folder, "x.mbtiles")
    bad = os.path.join(folder, "bad")
    with open(DATA, "rb") as source, open(bad, "wb") as file:
        file.write(source.read(100000))
    for name, done, words in (
            ("no data", run("--light", out, data=os.path.join(folder, "none")), "none"),
            ("half the data", run("--light", out, data=bad), "damaged"),
            ("other data", run("--light", out, data=PROGRAM), "no geodata"),
            ("no such folder", run("--light", os.path.join(folder, "no", "x")), "cannot be written"),
            ("no room", run("--light", out, "--world-zoom=5", limit=200000), "cannot be written")):
        check(name, done.returncode == 1 and words in done.stderr, f"{done.returncode} {done.stderr}")
    os.unlink(bad)
    with open(out, "wb") as file:
        file.write(b"old")
    process = subprocess.Popen([PROGRAM, "--data", DATA, "--light", out], stderr=subprocess.PIPE, text=True)
    process.stderr.readline()
    process.send_signal(signal.SIGINT)
    process.communicate()
    with open(out, "rb") as file:
        check("interrupted: the old file stays", process.returncode == 130 and file.read() == b"old", str(process.returncode))
    os.unlink(out)
    check("no half file is left", os.listdir(folder) == [], str(os.listdir(folder)))


def check_repeats(folder):
    sums = []
    for name in ("first", "second"):
        path = os.path.join(folder, name)
        done = run("-q", "--dark", path, "--world-zoom=3", "--region=85,25,85.6,25.8", "--region-zoom=9")
        check(f"{name} run, quiet", done.returncode == 0 and done.stderr == "", done.stderr)
        with open(path, "rb") as file:
            sums.append(hashlib.sha256(file.read()).hexdigest())
    check("two runs give the same bytes", sums[0] == sums[1])
    database = sqlite3.connect(os.path.join(folder, "first"))
    counts = dict(database.execute("SELECT zoom_level, count(*) FROM tiles GROUP BY zoom_level"))
    check("deeper in the region only", counts[3] == 64 and counts[4] == 1 and 1 <= counts[9] <= 6, str(counts))
    database.close()


def main():
    for style in ("light", "dark"):
        check_built(style)
    check_list()
    with tempfile.TemporaryDirectory() as folder:
        check_misuse(folder)
        check_failures(folder)
        check_repeats(folder)
    print(f"1..{len(results)}")
    return 0 if all(results) else 1


sys.exit(main())
