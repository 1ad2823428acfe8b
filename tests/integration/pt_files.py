# SPDX-License-Identifier: Apache-2.0
"""Small maps and pages for the tests."""
import gzip
import os
import sqlite3
import struct
import zlib


def png(red, green, blue, size=256):
    """A picture of one colour."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = (b"\0" + bytes((red, green, blue)) * size) * size
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def make_map(folder, name="map.mbtiles", tiles=None, **metadata):
    """An MBTiles file with zoom 0 and 1; @tiles {(z, column, row from the south): bytes} instead."""
    path = os.path.join(folder, name)
    if tiles is None:
        tiles = {(z, x, y): png(60 * z, 100 * x, 100 * y) for z in (0, 1) for x in range(2**z) for y in range(2**z)}
    database = sqlite3.connect(path)
    with database:
        database.execute("create table metadata (name text, value text)")
        database.execute("create table tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)")
        rows = {"name": "test", "format": "png", "minzoom": "0", "maxzoom": "1", "bounds": "-180,-85,180,85", "attribution": "Nobody", **metadata}
        database.executemany("insert into metadata values (?, ?)", [(key, value) for key, value in rows.items() if value is not None])
        database.executemany("insert into tiles values (?, ?, ?, ?)", [(*place, data) for place, data in tiles.items()])
    database.close()
    return path


TOWNS = """# attribution: Those who name
seat\t1600000\t25.59408\t85.13563\tPatna
place\t5000\t25.60\t85.20\tFatuha
"""


def make_places(folder, text=TOWNS):
    """A list of places, such as [map] places takes."""
    path = os.path.join(folder, "places.tsv")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def make_page(folder, name="page", **files):
    """A page's folder; further @files by their name below assets/."""
    path = os.path.join(folder, name)
    os.makedirs(os.path.join(path, "assets"), exist_ok=True)
    html = b"<!doctype html><html lang=en><title>A page</title>"
    for place, data in (("index.html", html), ("index.html.gz", gzip.compress(html, mtime=0)), ("assets/a-1.js", b"export {}\n"),
                        *((f"assets/{key}", value) for key, value in files.items())):
        with open(os.path.join(path, place), "wb") as file:
            file.write(data)
    return path
