#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The map's tiles and the page's files as the daemon serves them, whole, broken and asked for oddly."""
import gzip
import json
import os
import sqlite3
import subprocess

from pt_case import BUILD, PATIENCE, case, check, equal, main, stack_in_folder
from pt_files import TOWNS, make_map, make_page, make_places, png
from pt_world import PLACE, World, ask, refused

from pt_stack import program_path


def served(stack, **settings):
    stack.write_config(**{"map_light": None, "map_dark": None, "map_places": None, "page_dir": None, **settings})
    stack.start_daemon()


def answers_nothing(stack, target):
    """Whatever is asked so is a problem of the 4xx sort and no file."""
    status, head, _ = ask(stack, target)
    check(400 <= status < 500, f"{target} answered {status}")
    # libsoup itself refuses what is no address at all.
    check(status == 400 or head["Content-Type"] == "application/problem+json", f"{target}: {head}")


@case
def test_tiles():
    with stack_in_folder(chain=False) as stack:
        served(stack, map_light=make_map(stack.folder), map_dark=make_map(stack.folder, "dark.mbtiles", attribution="Somebody"))
        light, dark = (json.loads(ask(stack, f"/tiles/{style}.json")[2]) for style in ("light", "dark"))
        equal((light["tilejson"], light["tiles"], light["maxzoom"], light["bounds"], light["attribution"], dark["attribution"]),
              ("3.0.0", ["/tiles/light/{z}/{x}/{y}.png"], 1, [-180, -85, 180, 85], "Nobody", "Somebody"), "TileJSON")
        status, head, body = ask(stack, "/tiles/light/1/0/1.png")
        equal((status, body), (200, png(60, 0, 0)), "rows of addresses begin in the north, of the file in the south")
        check("max-age" in head["Cache-Control"] and head["Access-Control-Allow-Origin"] == "*", f"headers: {head}")
        equal(ask(stack, "/tiles/light/1/0/1.png", If_None_Match=head["ETag"])[0], 304, "what is known")
        equal(ask(stack, "/tiles/light/1/0/1.png", "HEAD")[2], b"", "HEAD")
        for target in ("light/2/0/0.png", "light/1/2/0.png", "light/1/0/-1.png", "light/99/0/0.png", "light/1/0/0.jpg", "light/1/0/1e0.png", "pink/0/0/0.png",
                       "light/0/0/99999999999999999999.png", "", "light", "pink.json", ".json", "light/0/0/.png", "light/1/0/0.png/more"):
            refused(stack, f"/tiles/{target}", 404, "not-found")
        refused(stack, "/tiles/light.json", 405, "wrong-method", method="POST")


@case
def test_places():
    """Names for the map where its tiles have none, and what a site is near to."""
    with stack_in_folder(chain=False) as stack:
        served(stack, map_light=make_map(stack.folder, names="apart"), map_dark=make_map(stack.folder, "dark.mbtiles"), map_places=make_places(stack.folder))
        light, dark = (json.loads(ask(stack, f"/tiles/{style}.json")[2]) for style in ("light", "dark"))
        equal((light.get("places"), dark.get("places")), ("/tiles/places/{z}/{x}/{y}.json", None), "told where the tiles have no names")
        equal((light["attribution"], dark["attribution"]), ("Nobody · Those who name",) * 2, "whose they are")
        status, head, body = ask(stack, "/tiles/places/7/94/54.json")
        equal((status, head["Content-Type"], [place["name"] for place in json.loads(body)["places"]]), (200, "application/json", ["Patna"]), "in the tile")
        equal(ask(stack, "/tiles/places/7/94/54.json", If_None_Match=head["ETag"])[0], 304, "what is known")
        for target in ("19/0/0.json", "1/2/0.json", "1/0/-1.json", "1/0/x.json", "0/0/0.png", "0/0/0", ".json"):
            refused(stack, f"/tiles/places/{target}", 404, "not-found")
        world = World(stack, "test-east")
        world.register("tx-0")
        world.register("tx-1", lat=-100000000, lon=0)
        rows = {row["site"]: row for row in map(json.loads, ask(stack, "/api/v1/sites?format=ndjson")[2].splitlines())}
        equal((rows["S-tx-0"]["place"], "place" in rows["S-tx-1"]), ("Patna", False), "what sites are near to")
        equal([row for row in rows["S-tx-0"]], sorted(rows["S-tx-0"]), "canonical order")
        properties = {site["properties"]["site"]: site["properties"]["place"] for site in stack.get("/sites")["features"]}
        equal(properties, {"S-tx-0": "Patna", "S-tx-1": None}, "as GeoJSON")


@case
def test_broken_tiles():
    with stack_in_folder(chain=False) as stack:
        tiles = {(0, 0, 0): b"no picture", (1, 0, 0): b"", (1, 0, 1): png(1, 2, 3) + bytes(2 << 20), (1, 1, 1): png(9, 9, 9)}
        served(stack, map_dark=make_map(stack.folder, tiles=tiles, maxzoom=None, bounds="north", attribution="x" * 2000))
        about = json.loads(ask(stack, "/tiles/light.json")[2])
        equal((about["maxzoom"], about["attribution"], len(about["bounds"])), (1, "", 4), "what the metadata does not say well")
        for target in ("0/0/0", "1/0/1", "1/0/0"):
            refused(stack, f"/tiles/dark/{target}.png", 500, "internal")
        equal(ask(stack, "/tiles/light/1/1/0.png")[2], png(9, 9, 9), "one style stands for both")


@case
def test_another_tile_server():
    with stack_in_folder(chain=False) as stack:
        served(stack, map_light="https://tiles.example.org:8443/{z}/{x}/{y}.png", map_attribution='"Us" & them', page_dir=make_page(stack.folder),
               chain_public_rpc="https://rpc.example.org/v3/key; http://127.0.0.1:8545")
        about = json.loads(ask(stack, "/tiles/dark.json")[2])
        equal((about["tiles"], about["attribution"]), (["https://tiles.example.org:8443/{z}/{x}/{y}.png"], '"Us" & them'), "TileJSON")
        refused(stack, "/tiles/light/0/0/0.png", 404, "not-found")
        policy = ask(stack, "/")[1]["Content-Security-Policy"]
        check("img-src 'self' data: https://tiles.example.org:8443;" in policy, policy)
        check("connect-src 'self' https://rpc.example.org http://127.0.0.1:8545;" in policy, policy)


@case
def test_page():
    with stack_in_folder(chain=False) as stack:
        folder = make_page(stack.folder, **{"b-2.css": b"a{}", ".hidden.js": b"1"})
        os.symlink("/etc/passwd", os.path.join(folder, "assets", "passwd.txt"))
        served(stack, page_dir=folder)
        status, head, body = ask(stack, "/")
        equal((status, head["Content-Type"], head["Cache-Control"], head["X-Content-Type-Options"], head["Referrer-Policy"]),
              (200, "text/html; charset=utf-8", "no-cache", "nosniff", "no-referrer"), "headers")
        check("default-src 'none'" in head["Content-Security-Policy"] and "unsafe" not in head["Content-Security-Policy"], "policy")
        status, head, packed = ask(stack, "/", Accept_Encoding="gzip")
        equal((head["Content-Encoding"], gzip.decompress(packed)), ("gzip", body), "compressed")
        equal(ask(stack, "/", Accept_Encoding="gzip", If_None_Match=head["ETag"])[0], 304, "what is known")
        status, head, body = ask(stack, "/assets/a-1.js")
        check("immutable" in head["Cache-Control"] and head["Content-Type"].startswith("text/javascript"), f"headers: {head}")
        equal(ask(stack, "/assets/b-2.css")[2], b"a{}", "a file")
        for target in ("/assets/passwd.txt", "/assets/.hidden.js", "/assets", "/assets/", "/../powertrackd.conf", "/assets/../../powertrackd.conf",
                       "/..%2fpowertrackd.conf", "/%2e%2e/powertrackd.conf", "/assets/%2e%2e%2f%2e%2e%2fpowertrackd.conf", "//etc/passwd", "/index.html%00.js",
                       "/assets/" + "a" * 5000):
            answers_nothing(stack, target)
        for number in (0, 1, 500, 10_000):
            answers_nothing(stack, "/" + "../" * number + "etc/passwd")
            answers_nothing(stack, "/" + "a/" * number + "b")
        try:
            answers_nothing(stack, "/" + "a" * (1 << 20))
        except OSError:
            pass  # nobody reads all of such an address
        equal(ask(stack, "/")[0], 200, "and afterwards")
        refused(stack, "/", 405, "wrong-method", method="DELETE")


@case
def test_who_may_read():
    with stack_in_folder(chain=False) as stack:
        served(stack, map_light=make_map(stack.folder), page_dir=make_page(stack.folder))
        for target, status in (("/api/v1/status", 200), ("/api/v1/sites?format=ndjson", 200), ("/api/v1/sites/none", 404), ("/api/v1/none", 404), ("/ipfs/none", 400),
                               ("/tiles/light.json", 200), ("/tiles/light/0/0/0.png", 200), ("/tiles/light/9/0/0.png", 404)):
            got, head, _ = ask(stack, target, Origin="https://elsewhere.example")
            equal((got, head["Access-Control-Allow-Origin"]), (status, "*"), target)
        for target, method in (("/", "GET"), ("/healthz", "GET"), ("/api/v1/areas", "POST"), ("/api/v1/reports", "POST")):
            equal(ask(stack, target, method, data=b"{}" if method == "POST" else None)[1]["Access-Control-Allow-Origin"], None, f"{method} {target}")


@case
def test_rows():
    with stack_in_folder(chain=False) as stack:
        served(stack)
        equal(ask(stack, "/api/v1/sites?format=ndjson")[::2], (200, b""), "no site is no line")
        equal(stack.status()["bbox"], None, "no site is nowhere")
        world = World(stack, "test-east", "test-west")
        for area in world.areas:
            world.register(*[f"tx-{number}" for number in range(1200)], area=area)
        world.register("tx-1199", area="test-west", feeder="F-9")
        world.say("tx-7", "OFF")
        status, head, body = ask(stack, "/api/v1/sites", Accept="application/x-ndjson")
        rows = [json.loads(line) for line in body.splitlines()]
        equal((status, head["Content-Type"], len(rows), len({(row["area"], row["site"]) for row in rows})), (200, "application/x-ndjson", 2400, 2400), "each once")
        off = ask(stack, "/api/v1/sites?format=ndjson&state=off&bbox=85,25,86,26&area=test-east")[2].splitlines()
        equal([(row["site"], row["lat"], row["lon"], row["level"]) for row in map(json.loads, off)], [("S-tx-7", *PLACE.values(), "transformer")], "filters")
        equal(sorted(json.loads(off[0])), ["area", "customers", "last_report", "lat", "level", "lon", "since", "site", "state"], "members")
        never = json.loads(next(line for line in body.splitlines() if b'"S-tx-8"' in line))
        equal(sorted(never), ["area", "customers", "lat", "level", "lon", "site", "state"], "what is not known is left out")
        equal(len(stack.get("/sites?area=test-west")["features"]), 1200, "as GeoJSON")
        status, head, body = ask(stack, "/api/v1/sites?format=columns")
        lines = [json.loads(line) for line in body.splitlines()]
        found = [{name: value for name, value in zip(line, values) if value is not None} for line in lines for values in zip(*line.values(), strict=True)]
        equal((status, head["Content-Type"], found), (200, "application/x-ndjson", rows), "columns are the rows")
        equal([(row["site"], row["feeder"]) for row in rows if "feeder" in row], [("S-tx-1199", "F-9")], "who has a feeder")
        check({"feeder" in line for line in lines} == {True, False}, "where none has a feeder there is no such column")
        equal(len(ask(stack, "/api/v1/sites?format=columns&state=off")[2].splitlines()), 1, "columns of some")
        for query in ("format=", "format=NDJSON", "format=column", "format=ndjson&state=x", "format=ndjson&bbox=1"):
            refused(stack, f"/api/v1/sites?{query}", 400, "malformed")
        refused(stack, "/api/v1/sites?format=ndjson&area=x", 404, "unknown-area")


@case
def test_where_all_sites_are():
    """What a map fits itself to before it has them; west is more than east over the date line."""
    with stack_in_folder(chain=False) as stack:
        served(stack)
        world = World(stack, "test-east")
        world.place("test-east", "tx-1", lat=255000000, lon=851376000)
        world.register("tx-1")
        equal(stack.status()["bbox"], [85.1376, 25.5, 85.1376, 25.5], "one")
        world.place("test-east", "tx-2", lat=-81000000, lon=-1790000000)
        world.place("test-east", "tx-3", lat=10000000, lon=1785000000)
        world.register("tx-2", "tx-3")
        equal(stack.status()["bbox"], [85.1376, -8.1, -179, 25.5], "the narrowest")


@case
def test_without_page_and_map():
    with stack_in_folder(chain=False) as stack:
        served(stack)
        status, head, body = ask(stack, "/")
        equal((status, head["Content-Type"]), (200, "text/plain"), "a word at the root")
        check(b"/api/v1/status" in body, body)
        refused(stack, "/tiles/light.json", 404, "not-found")
        refused(stack, "/favicon.ico", 404, "not-found")


def refusal(stack, **settings):
    """What a daemon that can't start so says."""
    stack.write_config(**{"map_light": None, "map_dark": None, "map_places": None, "page_dir": None, "chain_public_rpc": None, **settings})
    done = subprocess.run([program_path(BUILD, "powertrackd"), "--config", stack.config], capture_output=True, text=True, timeout=PATIENCE, check=False)
    check(done.returncode in (1, 2), f"{settings}: exit code {done.returncode}")
    return done.stderr


@case
def test_wrong_settings():
    with stack_in_folder(chain=False) as stack:
        os.makedirs(stack.state, mode=0o700, exist_ok=True)
        no_map = os.path.join(stack.folder, "no.mbtiles")
        with open(no_map, "wb") as file:
            file.write(b"this is no database" * 100)
        empty = sqlite3.connect(os.path.join(stack.folder, "empty.mbtiles"))
        empty.execute("create table other (a)")
        empty.close()
        pipe = make_page(stack.folder, "pipe")
        os.mkfifo(os.path.join(pipe, "assets", "waits.js"))
        large, many = make_page(stack.folder, "large"), make_page(stack.folder, "many", **{f"{number}.js": b"1" for number in range(500)})
        with open(os.path.join(large, "assets", "hole.js"), "wb") as file:
            file.truncate(1 << 40)
        deep = make_page(stack.folder, "deep")
        os.makedirs(os.path.join(deep, *"abcdefgh"))
        lonely = os.path.join(stack.folder, "lonely")
        os.makedirs(lonely)
        for settings, word in (({"map_light": no_map}, "MBTiles"), ({"map_light": stack.folder + "/empty.mbtiles"}, "MBTiles"),
                               ({"map_dark": stack.folder + "/absent.mbtiles"}, "MBTiles"), ({"map_light": make_map(stack.folder, "j.mbtiles", format="jpg")}, "png"),
                               ({"map_light": "https://tiles.example.org/"}, "{z}"), ({"map_light": "ftp://tiles.example.org/{z}/{x}/{y}"}, "http"),
                               ({"map_places": make_places(stack.folder, TOWNS + "town\t1\t2\t3\tX\n")}, "line 4, its kind"), ({"map_places": stack.folder}, "places"),
                               ({"page_dir": pipe}, "neither a file"), ({"page_dir": large}, "16 MiB"), ({"page_dir": many}, "500"), ({"page_dir": deep}, "deep"),
                               ({"chain_public_rpc": "https://user:word@a.example"}, "password"), ({"chain_public_rpc": "https://a;script-src"}, "http"),
                               ({"map_light": "https://a'b.example/{z}/{x}/{y}.png"}, "{z}"), ({"page_dir": lonely}, "index.html"), ({"page_dir": lonely + "/none"}, "read"), ({"chain_public_rpc": "rpc.example.org"}, "http"),
                               ({"chain_public_rpc": "https://a.example 'unsafe-inline'"}, "http"), ({"chain_public_rpc": ";".join(["http://a.example"] * 9)}, "8")):
            said = refusal(stack, **settings)
            check(word in said and said.count("\n") == 1, f"{settings}: {said}")


if __name__ == "__main__":
    main()
