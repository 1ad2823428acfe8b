#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Server-sent events: what is new, and readers who stall, vanish or are many hurt nobody."""
import os
import re
import socket
import struct
import time

from pt_case import PATIENCE, case, check, equal, main, stack_in_folder
from pt_files import make_places
from pt_stream import Stream
from pt_world import PLACE, World, ask, resident_kib, wait_until

from pt_stack import HOUR_MS, now_ms

AREA = "test-east"
STREAMS = 200
FLOOD_ROUNDS = 70
FLOOD_DEVICES = [f"d{number:060}" for number in range(500)]  # long names make long news


def site_is(state):
    return lambda name, data: name == "sites" and any(row["site"] == "S-tx-1" and row["state"] == state for row in data["sites"])


def check_ids(stream):
    numbers = [int(text) for text in re.findall(rb"\nid: (\d+)\n", stream.text)]
    equal(numbers, list(range(numbers[0], numbers[0] + len(numbers))), "numbers of the events")


@case
def test_news():
    with stack_in_folder() as stack:
        stack.write_config(batch_period="2s", chain_confirmations=1, map_places=make_places(stack.folder))
        stack.start_daemon()
        world = World(stack, AREA)
        world.register("tx-1", feeder="F-7")
        stream, now = Stream(stack).welcomed(), now_ms()
        check(b"\r\nCache-Control: no-store, no-transform\r\n" in stream.head and b"\r\nX-Accel-Buffering: no" in stream.head, f"no proxy keeps it: {stream.head}")
        check(re.search(rb"retry: [1-5]\d{3}\n", stream.text), "what the stream begins with; not all come back at once")
        world.say("tx-1", "OFF", ts=now - 5000)
        site = stream.wait_for(site_is("off"))["sites"][0]
        equal(site, {"area": AREA, "customers": 3, "feeder": "F-7", "last_report": now - 5000, "lat": PLACE["lat"], "level": "transformer", "lon": PLACE["lon"],
                     "place": "Patna", "since": now - 5000, "site": "S-tx-1", "state": "off"}, "the site, with its place")
        outage = {"area": AREA, "device": "tx-1", "site": "S-tx-1", "start_seq": 1, "start": now - 5000, "end_seq": None, "end": None,
                  "ended_by": None, "customers": 3, "feeder": "F-7", "place": "Patna"}
        equal(stream.wait_for(lambda name, data: name == "outage"), outage, "the outage")
        world.say("tx-1", "OFF", ts=now - 4000)
        world.register("tx-1", feeder="F-8", customers=9)
        said = stream.wait_for(lambda name, data: name == "sites" and data["sites"][0]["customers"] == 9)["sites"][0]
        equal(said, {**site, "customers": 9, "feeder": "F-8", "last_report": now - 4000}, "what is registered otherwise is told too")
        world.say("tx-1", "ON", seq=4, ts=now - 1000)
        stream.wait_for(site_is("on"))
        equal(stream.wait_for(lambda name, data: name == "outage-changed"), {**outage, "end_seq": 4, "end": now - 1000, "ended_by": "report"}, "its end")
        world.say("tx-1", "ON", seq=3, ts=now - 3000)  # comes late
        equal(stream.wait_for(lambda name, data: name == "outage-changed" and data["end"] == now - 3000),
              {**outage, "end_seq": 3, "end": now - 3000, "ended_by": "report"}, "its corrected end")
        states = [stream.wait_for(lambda name, data, state=state: name == "batch" and data["batch"] == 1 and data["state"] == state)
                  for state in ("sealed", "published", "submitted", "final")]
        equal(len({row["root"] for row in states}), 1, "one root")
        check(states[-1]["transaction"] and states[-1]["waits_for"] is None, "what is final waits for nothing")
        check_ids(stream)
        equal(len([name for name, _ in stream.events() if name == "outage"]), 1, "the outage is told once")
        equal(stack.stop("powertrackd"), 0, "its exit code with a stream open")


@case
def test_key():
    """A key that is in two hands is told with its device, and that it counts no more."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1d")
        stack.start_daemon()
        world, now = World(stack, AREA), now_ms()
        world.register("tx-1", "tx-2")
        stream = Stream(stack).welcomed()
        one, other = (world.report("tx-1", power, seq=50, ts=now) for power in ("OFF", "ON"))
        world.post(one)
        equal(stack.post("/reports", one)[1]["duplicate"], 1, "the same again is no other")
        world.say("tx-2", "ON", seq=50, ts=now)
        equal(stack.post("/reports", other)[1]["rejected"], [{"line": 1, "error": "stale-seq"}], "the other one")
        equal(stream.wait_for(lambda name, data: name == "key"), {"area": AREA, "copied": True, "device": "tx-1"}, "whose key it is")
        equal([device["key_copied"] for device in stack.get(f"/sites/S-tx-1?area={AREA}")["properties"]["devices"]], [True], "at its site")
        world.take("/registrations", [world.device("tx-1", status="revoked")])
        equal(stream.wait_for(lambda name, data: name == "key" and not data["copied"]), {"area": AREA, "copied": False, "device": "tx-1"}, "once it is revoked")
        equal(len([name for name, _ in stream.events() if name == "key"]), 2, "each is told once")
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_clock():
    with stack_in_folder(chain=False) as stack:
        stack.step_clock(1_700_000_000_000)
        stack.start_daemon()
        begun = time.monotonic()
        stream = Stream(stack).welcomed()
        stream.wait_for(lambda name, data: name == "clock")
        pings = lambda: [data for name, data in stream.events() if name == "clock"]
        while len(pings()) < 3:
            stream.more()
        equal([data["now"] for data in pings()[:3]], [1_700_000_000_000] * 3, "the daemon's time, which stands here")
        check(time.monotonic() - begun > 5, "no more often")
        before, begun = len(pings()), time.monotonic()
        for _ in range(50):
            stack.end_window()
        now = stack.status()["now"]
        told = stream.wait_for(lambda name, data: name == "clock" and data["now"] == now)
        check(told["speed"] > 0, f"how fast it was seen to go: {told}")
        check(len(pings()) - before < 3 + 6 * (time.monotonic() - begun), "steps are told five times a second, not each")


def with_daemon(function):
    def run():
        with stack_in_folder(chain=False) as stack:
            stack.write_config()
            stack.start_daemon()
            world = World(stack, AREA)
            world.register("tx-1")
            function(stack, world)
            check(stack.alive("powertrackd"), "the daemon still runs")
            equal(stack.stop("powertrackd"), 0, "its exit code")

    run.__name__ = function.__name__
    return run


def knocked_again(link):
    """How many segments were sent again on a connection; on one machine that is only done for who was not let in."""
    return struct.unpack_from("=I", link.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), 100)[0]


@case
@with_daemon
def test_many_streams(stack, world):
    streams = [Stream(stack) for _ in range(STREAMS)]
    for stream in streams:
        equal(knocked_again(stream.welcomed().socket), 0, "how often one was turned away to come again")
    world.say("tx-1", "OFF")
    for stream in streams:
        stream.wait_for(site_is("off"))
    # A third goes away with a reset, a third closes its sending side only, a third stays.
    for stream in streams[::3]:
        stream.reset()
    for stream in streams[1::3]:
        stream.socket.shutdown(socket.SHUT_WR)
    for stream in streams[2::3]:
        stream.text = b""
    world.say("tx-1", "ON")
    for stream in streams[2::3]:
        stream.wait_for(site_is("on"))
        stream.close()
    files = open_files(stack)
    for stream in streams[1::3]:
        stream.close()

    def few_after_news():
        """Who is gone is noticed when there is news, at the latest at the next ping."""
        world.say("tx-1", "OFF" if world.seq[AREA, "tx-1"] % 2 else "ON")
        return open_files(stack) < 60

    wait_until("streams that are gone are let go", few_after_news)
    print(f"# {files} files were open with the half-closed ones, {open_files(stack)} after", flush=True)


def open_files(stack):
    return len(os.listdir(f"/proc/{stack.children['powertrackd'].pid}/fd"))


@case
@with_daemon
def test_half_open_requests(stack, world):
    """Clients that say half a request, or nothing, and stay."""
    idle = []
    for text in (b"", b"GET /api/v1/ev", b"GET /api/v1/events HTTP/1.1\r\n", b"POST /api/v1/reports HTTP/1.1\r\nContent-Length: 100\r\n\r\n{"):
        for _ in range(25):
            connection = socket.create_connection(("127.0.0.1", stack.http_port), PATIENCE)
            connection.sendall(text)
            idle.append(connection)
    stream = Stream(stack).welcomed()
    world.say("tx-1", "OFF")
    stream.wait_for(site_is("off"))
    for connection in idle:
        connection.close()
    equal(ask(stack, "/api/v1/events", "HEAD")[0], 200, "HEAD of the stream")


def flood(world, turn):
    """A change of every device's state: that many outages begin or end."""
    world.post(*[world.report(name, "ON" if turn % 2 else "OFF", ts=now_ms() - HOUR_MS + turn * 1000) for name in FLOOD_DEVICES])


@case
@with_daemon
def test_reader_who_stops(stack, world):
    """Some 10 MB of news for readers who don't read; a reader who does is not held up."""
    for name in FLOOD_DEVICES:
        world.place(AREA, name, site="S" + name)
    world.register(*FLOOD_DEVICES)
    pid = stack.children["powertrackd"].pid
    stalled = [Stream(stack, receive=4096) for _ in range(5)]
    reader = Stream(stack).welcomed()
    for turn in range(4):
        flood(world, turn)
    time.sleep(0.2)
    before, slowest, total = resident_kib(pid), 0, 0
    for turn in range(4, FLOOD_ROUNDS):
        total, reader.text = total + len(reader.text), b""
        begin = time.monotonic()
        flood(world, turn)
        reader.wait_for(lambda name, data: name.startswith("outage") and data["device"] == FLOOD_DEVICES[-1])
        slowest = max(slowest, time.monotonic() - begin)
    time.sleep(0.3)
    grown = resident_kib(pid) - before
    print(f"# {total >> 20} MiB of news; grown by {grown >> 10} MiB, the slowest round {slowest * 1000:.0f} ms", flush=True)
    check(total > 6 << 20, f"news of {total} bytes are more than a stalled reader is kept for")
    check(grown < 40 << 10, f"memory grown by {grown} KiB with {len(stalled)} stalled readers")
    reader.read_away()
    for stream in stalled:
        check_ends(stream)
    reader.close()
    equal(stack.status()["state"], "ok", "the daemon's state")


def check_ends(stream):
    """A reader too far behind is let go: what was on its way comes, then the end."""
    received = 0
    try:
        while data := stream.socket.recv(1 << 20):
            received += len(data)
    except ConnectionResetError:
        pass
    check(received < 6 << 20, f"{received} bytes were kept for it")
    stream.close()


if __name__ == "__main__":
    main()
