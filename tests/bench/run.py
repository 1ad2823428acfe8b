#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make bench`: one JSON line per figure, its peer measured in the same run on the same machine.

    run.py [--build DIR] [--only NAME]      what is wrong with a figure goes to standard error, exit 1
"""
import argparse
import contextlib
import gzip
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(SOURCE, "tests", "integration"), os.path.join(SOURCE, "tests", "attacks"), os.path.join(SOURCE, "tools")]

import filings  # noqa: E402
from pt_people import People  # noqa: E402
from pt_raw import Raw, get, post  # noqa: E402
from pt_stack import Failure, Stack, free_port, http, program_path  # noqa: E402
from pt_world import World, resident_kib  # noqa: E402

INGEST_DEVICES, INGEST_REPORTS = 5000, 300000
POST_DEVICES, SINGLES, SINGLE_CONNECTIONS = 1000, 100000, 256
COAP_REPORTS, COAP_IN_FLIGHT, COAP_BUDGET = 50000, 256, 0.3
MQTT_CONNECTIONS, MQTT_WINDOW, MQTT_BUDGET = 8, 1000, 0.4
PEER_SINGLES, PEER_MANY, PEER_LINES, PEER_CONNECTIONS, PEER_S = 4000, 20000, 1000, 64, 30
READERS, READ_DEVICES, READ_REPORTS, READ_RATE, ACK_BUDGET_MS = 100, 30000, 30000, 1000, 1000
ABUSERS, ABUSED_DEVICES, ABUSE_BUDGET_MIB = 100, 20000, 64 + 128
RECEIPT_DEVICES, RECEIPT_LINES, RECEIPT_BODIES = 50, 10000, 5
LEAVES = 1000000
PROOFS, PROOF_BUDGET_MS = 2000, 5
MONGODB_GROUPS = 20
VERIFY_RUNS = 60
APPEND_GROUPS, APPEND_ROWS, APPEND_BUDGET = 300, 1000, 0.8
OUTAGE_SITES, OUTAGES_EACH, OUTAGE_BUDGET_MS = 100000, 30, 50
START_DEVICES, START_BUDGET_S, START_BUDGET_MIB = 1300000, 5, 600
COMPLAINTS, LIST_BUDGET_MS = 100000, 100
FILINGS, FILING_RATE, FILERS, FILE_BUDGET_MS = 5000, 500, 2, 200
WALK_NODES, WALKS, WALK_SPEED, WALK_BUDGET_S = 300, 5, 300, 2
SLICE = os.path.join(SOURCE, "tests", "integration", "storm-slice.csv")
STORM = os.path.join(SOURCE, "..", "shared", "data", "outages-2024-02-storm.csv")


def emit(name, value, unit, peer, peer_value, ratio, **more):
    line = {"name": name, "value": round(value, 4), "unit": unit, "peer": peer, "peer_value": round(peer_value, 4) if peer_value else None,
            "ratio": round(ratio, 3) if ratio else None, **more}
    print(json.dumps(line), flush=True)


def output(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise Failure(f"{os.path.basename(str(command[0]))} failed with exit code {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout


def p256_limit(seconds=4):
    """Verifications a second of two OpenSSL processes."""
    text = output("openssl", "speed", "-seconds", seconds, "-multi", 2, "ecdsap256")
    match = re.search(r"nistp256\)\s+\S+\s+\S+\s+\S+\s+([\d.]+)", text)
    if not match:
        raise Failure("openssl speed printed no figure for ecdsap256")
    return float(match.group(1))


def around(measure):
    """(P-256 limit, what was measured): the limit is the mean of before and after, the machine being shared."""
    before = p256_limit()
    result = measure()
    return (before + p256_limit()) / 2, result


class Folder:
    """A stack in a folder that goes away."""

    def __init__(self, build, chain):
        self.path = tempfile.mkdtemp(prefix="powertrack-bench-")
        self.stack, self.chain = Stack(build, self.path), chain

    def __enter__(self):
        if self.chain:
            self.stack.start_chain()
        self.stack.make_keys()
        if self.chain:
            self.stack.deploy()
        return self.stack

    def __exit__(self, *_):
        self.stack.stop_all()
        shutil.rmtree(self.path, ignore_errors=True)


def bench_ingest(build):
    """NDJSON reports, each verified and durable before its acknowledgement."""
    with Folder(build, chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        devices = os.path.join(stack.folder, "devices.csv")
        load = ["load", "--area", "bench", "--devices", INGEST_DEVICES]
        stack.fleet(*load, "--list", devices)
        stack.register_areas("bench")
        stack.register_devices(devices)
        limit, text = around(lambda: stack.fleet(*load, "--url", stack.url, "--reports", INGEST_REPORTS))
        result = json.loads(text.strip().splitlines()[-1])
        if result["accepted"] != INGEST_REPORTS:
            raise Failure(f"only {result['accepted']} of {INGEST_REPORTS} reports were accepted")
        emit("ingest-ndjson", result["reports_per_s"], "reports/s", "openssl speed -multi 2", limit, result["reports_per_s"] / limit,
             verifier=verifier_of(stack), reports=INGEST_REPORTS, ack_ms_p99=result["ack_ms_p99"])


class Posts:
    """Signed reports of devices that a daemon of ours knows, and the program that sends them, one thread that does nothing else."""

    def __init__(self, build, stack):
        self.program = os.path.join(build, "tests", "bench", "bench-post")
        if not os.path.exists(self.program):
            raise Failure("bench-post is not built")
        self.devices, self.reports = os.path.join(stack.folder, "devices.csv"), os.path.join(stack.folder, "reports")
        output(self.program, "devices", POST_DEVICES, self.devices)
        stack.register_areas("bench")
        stack.register_devices(self.devices)

    def sign(self, count, after=0):
        """@after: how many of these devices' reports there were before."""
        output(self.program, "sign", POST_DEVICES, count, after // POST_DEVICES, self.reports)

    def send(self, port, connections, lines, count):
        """What bench-post says; all were accepted."""
        result = json.loads(output(self.program, "send", port, connections, lines, POST_DEVICES, self.reports))
        if (result["accepted"], result["failed"]) != (count, 0):
            raise Failure(f"not all of {count} reports were accepted: {result}")
        return result


def verifier_of(stack):
    return re.search(r'verifier="([^"]+)"', http(stack.url + "/metrics")[1].decode()).group(1)


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        words = file.read().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def bench_single(build):
    """One report a request over connections that stay, each verified and durable before its acknowledgement."""
    with Folder(build, chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        posts, pid = Posts(build, stack), stack.children["powertrackd"].pid
        posts.sign(SINGLES)
        begun = processor_seconds(pid)
        limit, result = around(lambda: posts.send(stack.http_port, SINGLE_CONNECTIONS, 1, SINGLES))
        rate, each = result["reports_per_s"], (processor_seconds(pid) - begun) / SINGLES * 1e6
        emit("ingest-single", rate, "reports/s", "openssl speed -multi 2", limit, rate / limit, verifier=verifier_of(stack), reports=SINGLES,
             connections=SINGLE_CONNECTIONS, ack_ms_p50=result["ack_ms_p50"], ack_ms_p99=result["ack_ms_p99"], processor_us_each=round(each, 1))


def bench_coap(build):
    """Compact reports over the DTLS sessions of as many devices, each verified and durable before its answer."""
    program = os.path.join(build, "tests", "bench", "bench-coap")
    if not os.path.exists(program):
        raise Failure("bench-coap is not built")
    with Folder(build, chain=False) as stack:
        keys, port = os.path.join(stack.folder, "coap.psk"), free_port()
        output(program, "keys", POST_DEVICES, keys)
        stack.write_config(coap_listen=f"127.0.0.1:{port}", coap_psk_file=keys)
        stack.start_daemon()
        posts, pid = Posts(build, stack), stack.children["powertrackd"].pid
        posts.sign(COAP_REPORTS)
        begun = processor_seconds(pid)
        limit, result = around(lambda: json.loads(output(program, "send", port, POST_DEVICES, COAP_IN_FLIGHT, posts.reports)))
        rate, each = result["reports_per_s"], (processor_seconds(pid) - begun) / COAP_REPORTS * 1e6
        if (result["accepted"], result["failed"]) != (COAP_REPORTS, 0):
            raise Failure(f"not all of {COAP_REPORTS} reports were accepted: {result}")
        emit("ingest-coap", rate, "reports/s", "openssl speed -multi 2", limit, rate / limit, budget=COAP_BUDGET, within=rate / limit >= COAP_BUDGET, verifier=verifier_of(stack),
             reports=COAP_REPORTS, sessions=POST_DEVICES, in_flight=COAP_IN_FLIGHT, sent_again=result["again"], handshakes_per_s=result["handshakes_per_s"],
             ack_ms_p50=result["ack_ms_p50"], ack_ms_p99=result["ack_ms_p99"], processor_us_each=round(each, 1))


def bench_mqtt(build):
    """Compact reports through a broker on the same cores, at QoS 1 over TLS; from the publishing until the device's topic says that the log has it."""
    try:
        from pt_broker import Broker
    except ImportError as error:
        raise Failure(f"the Python that runs this has no {error.name}") from None
    program = os.path.join(build, "tests", "bench", "bench-mqtt")
    if not os.path.exists(program):
        raise Failure("bench-mqtt is not built")
    with Folder(build, chain=False) as stack:
        broker = Broker(stack)
        broker.start()
        broker.configure_daemon()
        stack.start_daemon()
        posts, gateway = Posts(build, stack), broker.authority.issue("gateway")
        posts.sign(SINGLES)
        pids = {name: stack.children[name].pid for name in ("powertrackd", "mosquitto")}
        begun = {name: processor_seconds(pid) for name, pid in pids.items()}
        send = [program, broker.port, broker.authority.path, *gateway, MQTT_CONNECTIONS, MQTT_WINDOW, posts.reports]
        limit, text = around(lambda: output(*send))
        result = json.loads(text)
        if (result["accepted"], result["failed"]) != (SINGLES, 0):
            raise Failure(f"not all of {SINGLES} reports were accepted: {result}")
        each = {name: round((processor_seconds(pid) - begun[name]) / SINGLES * 1e6, 1) for name, pid in pids.items()}
        rate = result["reports_per_s"]
        emit("ingest-mqtt", rate, "reports/s", "openssl speed -multi 2", limit, rate / limit, budget=MQTT_BUDGET, within=rate / limit >= MQTT_BUDGET,
             verifier=verifier_of(stack), reports=SINGLES, window=MQTT_WINDOW, ack_ms_p50=result["ack_ms_p50"], ack_ms_p99=result["ack_ms_p99"],
             processor_us_each=each["powertrackd"], broker_us_each=each["mosquitto"])


def bench_receipts(build):
    """Reports of which receipts are asked for, beside the same bodies without: one signature a commit and area."""
    with Folder(build, chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        world, names = World(stack, "bench"), [f"tx-{number}" for number in range(RECEIPT_DEVICES)]
        world.register(*names)
        bodies = [b"\n".join(world.report(name) for name in names for _ in range(RECEIPT_LINES // RECEIPT_DEVICES)) for _ in range(2 * RECEIPT_BODIES)]
        seconds = {"": 0.0, "receipt": 0.0}
        for number, body in enumerate(bodies):  # by turns, the machine being shared
            preference = "receipt" if number % 2 else ""
            begin = time.monotonic()
            status, answer = stack.post("/reports", body, headers={"Prefer": preference})
            seconds[preference] += time.monotonic() - begin
            if (status, answer["accepted"], len(answer.get("receipts", []))) != (200, RECEIPT_LINES, RECEIPT_LINES if preference else 0):
                raise Failure(f"status {status}: {str(answer)[:200]}")
        rate = {preference: RECEIPT_BODIES * RECEIPT_LINES / took for preference, took in seconds.items()}
    emit("receipts", rate["receipt"], "reports/s", "the same without receipts", rate[""], rate["receipt"] / rate[""], lines=RECEIPT_LINES, budget=0.9,
         within=rate["receipt"] >= 0.9 * rate[""])


class Beside:
    """Clients that read an address without a pause, in a process of their own; .result once they have ended."""

    def __init__(self, stack, count, path):
        command = [sys.executable, os.path.join(SOURCE, "tests", "integration", "pt_readers.py"), "127.0.0.1", str(stack.http_port), str(count), path]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.result = None

    def __enter__(self):
        if self.process.stdout.readline() != "ready\n":
            raise Failure("the readers did not begin")
        return self

    def __exit__(self, *_):
        self.result = json.loads(self.process.communicate()[0] or "{}")


class Peak:
    """The most memory of a process while it is looked at, MiB."""

    def __init__(self, pid):
        self.pid, self.most, self.stopped = pid, 0, threading.Event()
        self.thread = threading.Thread(target=self.look)

    def look(self):
        while not self.stopped.wait(0.05):
            self.most = max(self.most, resident_kib(self.pid) / 1024)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()


def abuse(stack):
    """Bodies that are not finished, answers and events that nobody reads, heads that do not end; the connections."""
    body = post(f"Content-Length: {8 << 20}\r\n") + b"x" * ((8 << 20) - 1)
    clients = []
    for number in range(ABUSERS):
        clients += [Raw(stack, body), Raw(stack, get(f"/api/v1/sites?bbox=-{170 + number / 1000},-90,180,90"), receive=4096),
                    Raw(stack, get("/api/v1/events"), receive=4096), Raw(stack, get("/api/v1/sites"), receive=4096), Raw(stack, get()[:-2])]
    return clients


def bench_memory_under_abuse(build):
    """What the daemon grows by while strangers send and ask and do not go on; the budget is what the configuration gives to bodies and answers."""
    with Folder(build, chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        devices = os.path.join(stack.folder, "devices.csv")
        load = ["load", "--area", "bench", "--devices", ABUSED_DEVICES]
        stack.fleet(*load, "--list", devices)
        stack.register_areas("bench")
        stack.register_devices(devices)
        stack.fleet(*load, "--url", stack.url, "--reports", ABUSED_DEVICES)
        idle = resident_kib(stack.children["powertrackd"].pid) / 1024
        with Peak(stack.children["powertrackd"].pid) as peak:
            clients = abuse(stack)
            slowest = max(timed(lambda: stack.get("/status")) for _ in range(20))
        for client in clients:
            client.close()
        emit("memory-under-abuse", peak.most - idle, "MiB", "budget", ABUSE_BUDGET_MIB, (peak.most - idle) / ABUSE_BUDGET_MIB, idle_mib=round(idle, 1),
             connections=len(clients), devices=ABUSED_DEVICES, status_s_most=round(slowest, 3))


def timed(function):
    begun = time.monotonic()
    function()
    return time.monotonic() - begun


def bench_ack_beside_readers(build):
    """Acknowledgements at a steady rate, without readers and beside 100 who read all sites; the budget is a second."""
    with Folder(build, chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        devices = os.path.join(stack.folder, "devices.csv")
        load = ["load", "--area", "bench", "--devices", READ_DEVICES]
        stack.fleet(*load, "--list", devices)
        stack.register_areas("bench")
        stack.register_devices(devices)
        steady = [*load, "--url", stack.url, "--reports", READ_REPORTS, "--rate", READ_RATE, "--lines", 100, "--json"]
        stack.fleet(*load, "--url", stack.url, "--reports", READ_DEVICES)
        alone = json.loads(stack.fleet(*steady).strip().splitlines()[-1])
        with Beside(stack, READERS, "/api/v1/sites") as readers:
            beside = json.loads(stack.fleet(*steady).strip().splitlines()[-1])
        emit("ack-beside-readers", beside["ack_ms_p99"], "ms", "budget", ACK_BUDGET_MS, beside["ack_ms_p99"] / ACK_BUDGET_MS,
             ack_ms_p99_alone=alone["ack_ms_p99"], readers=READERS, devices=READ_DEVICES, reports_per_s=READ_RATE, **readers.result)


def sha256_seconds(path):
    """The best of three of `openssl dgst -sha256`, the file being in the page cache."""
    times = []
    for _ in range(3):
        begun = time.monotonic()
        output("openssl", "dgst", "-sha256", path)
        times.append(time.monotonic() - begun)
    return min(times)


def bench_seal(build):
    """A million entries from the store to a durable batch file with its CID; the best of three, each beside openssl."""
    program = os.path.join(build, "tests", "bench", "bench-seal")
    if not os.path.exists(program):
        raise Failure("bench-seal is not built")
    runs = []
    for _ in range(3):
        folder = tempfile.mkdtemp(prefix="powertrack-bench-")
        try:
            result = json.loads(output(program, LEAVES, folder))
            runs.append((result.pop("seconds"), sha256_seconds(result.pop("file")), result))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    value, peer, more = min(runs, key=lambda run: run[0])
    emit("seal-1m", value, "s", "openssl dgst -sha256", peer, value / peer, **more)


def amount(name, number):
    """A smaller one than the figure's own, to see whether it works: PT_BENCH_APPEND_GROUPS=3 and so on."""
    return int(os.environ.get(f"PT_BENCH_{name}", number))


def store_program(build):
    program = os.path.join(build, "tests", "bench", "bench-store")
    if not os.path.exists(program):
        raise Failure("bench-store is not built")
    return program


def bench_store_sqlite(build):
    """Entries in groups, each group durable, beside a plain table of SQLite's that gets the same rows in the same groups, by turns."""
    folder = tempfile.mkdtemp(prefix="powertrack-bench-")
    try:
        result = json.loads(output(store_program(build), "append", folder, amount("APPEND_GROUPS", APPEND_GROUPS), APPEND_ROWS))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    rate, plain = result["rows"] / result["seconds"], result["rows"] / result["plain_seconds"]
    emit("store-sqlite", rate, "rows/s", "sqlite3, one table", plain, rate / plain, budget=APPEND_BUDGET, within=rate / plain >= APPEND_BUDGET,
         rows=result["rows"], rows_in_a_group=APPEND_ROWS)


def bench_outages_year(build):
    """A page of an area's outages, of a day or of those that last, in a year of them."""
    folder, sites = tempfile.mkdtemp(prefix="powertrack-bench-"), amount("OUTAGE_SITES", OUTAGE_SITES)
    try:
        result = json.loads(output(store_program(build), "outages", folder, sites, OUTAGES_EACH))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    most = max(result["day_ms_most"], result["lasting_ms_most"])
    emit("outages-year", result.pop("day_ms"), "ms", None, None, None, budget=OUTAGE_BUDGET_MS, within=most <= OUTAGE_BUDGET_MS, sites=sites, **result)


def bench_start(build):
    """From a start until it answers, and the memory that it has then, with so many devices that are registered and sealed."""
    count = amount("START_DEVICES", START_DEVICES)
    with Folder(build, chain=False) as stack:
        stack.write_config(batch_period="1s")
        stack.start_daemon()
        stack.register_areas("bench")
        stack.stop("powertrackd")
        output(store_program(build), "devices", os.path.join(stack.state, "powertrack.sqlite"), count)
        stack.start_daemon()
        until = time.monotonic() + 3600
        while stack.status()["pending"] > 0 and time.monotonic() < until:
            time.sleep(1)
        stack.stop("powertrackd")
        begin = time.monotonic()
        stack.start_daemon()
        took = time.monotonic() - begin
        if stack.status()["sites"] != count:
            raise Failure(f"it has {stack.status()['sites']} sites")
        memory = resident_kib(stack.children["powertrackd"].pid) / 1024
    emit("start-1m3", took, "s", None, None, None, budget=START_BUDGET_S, within=took <= START_BUDGET_S and memory <= START_BUDGET_MIB, devices=count,
         memory_mib=round(memory, 1), memory_budget_mib=START_BUDGET_MIB)


def bench_proof(build):
    """Proofs of reports all over a batch of a million entries, beside one look at its file: what a proof that reads it costs at the least."""
    program, folder = os.path.join(build, "tests", "bench", "bench-seal"), tempfile.mkdtemp(prefix="powertrack-bench-")
    if not os.path.exists(program):
        raise Failure("bench-seal is not built")
    try:
        result = json.loads(output(program, LEAVES, folder, PROOFS))
        value, peer = result["proof_ms"], sha256_seconds(result["file"]) * 1000
        emit("proof-1m", value, "ms", "openssl dgst -sha256 of the batch file", peer, value / peer, budget=PROOF_BUDGET_MS, within=value <= PROOF_BUDGET_MS,
             proofs=PROOFS, ms_p99=result["proof_ms_p99"], ms_most=result["proof_ms_most"], entries=result["entries"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sqlite_list_ms(count):
    """A page of the same rows out of SQLite's memory, found by a part of a text and sorted, with their count: the best of five."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE complaints (number TEXT, site TEXT, state INTEGER, due INTEGER)")
    database.executemany("INSERT INTO complaints VALUES (?, ?, ?, ?)",
                         ((str(1_000_000_000 + i), f"T-{i // 10:05}", i % 4, i * 7919 % 1_000_003) for i in range(count)))

    def ask():
        begun = time.monotonic()
        database.execute("SELECT * FROM complaints WHERE site LIKE '%t-0%' ORDER BY due LIMIT 100").fetchall()
        database.execute("SELECT state, COUNT(*) FROM complaints WHERE site LIKE '%t-0%' GROUP BY state").fetchall()
        return (time.monotonic() - begun) * 1000

    return min(ask() for _ in range(5))


def bench_complaint_list(build):
    """A page of a hundred thousand complaints, filtered, sorted and counted: the slowest of six questions, beside SQLite."""
    program = os.path.join(build, "tests", "bench", "bench-complaints")
    if not os.path.exists(program):
        raise Failure("bench-complaints is not built")
    result, peer = json.loads(output(program, COMPLAINTS)), sqlite_list_ms(COMPLAINTS)
    value = result.pop("ms")
    emit("complaint-list", value, "ms", "SQLite in memory", peer, value / peer, budget=LIST_BUDGET_MS, within=value <= LIST_BUDGET_MS, **result)


def bench_complaint_file(build):
    """A citizen's post until she has her receipt, at 500 complaints a second; beside single reports at the same rate by the same clients, who need most of the time."""
    with Folder(build, chain=False) as stack:
        stack.write_config(complaints_work_bits=0, complaints_work_per_minute=1000000, complaints_site_per_hour=0, complaints_area_per_minute=0)
        stack.start_daemon()
        world = World(stack, "bench")
        devices = [f"tx-{number}" for number in range(200)]
        world.register(*devices)
        People(world)
        reports = [world.report(devices[number % len(devices)]) for number in range(FILINGS)]
        filed, reported = filings.measure(stack.url, "bench", [f"S-{name}" for name in devices], FILINGS, FILING_RATE, reports, FILERS)
        p99, peer = (times[len(times) * 99 // 100] for times in (filed, reported))
        emit("complaint-file", p99, "ms", "single reports, p99", peer, p99 / peer, p50=round(filed[len(filed) // 2], 1), filings=len(filed), per_s=FILING_RATE, budget=FILE_BUDGET_MS,
             within=p99 <= FILE_BUDGET_MS)


def bench_console_complaints(build):
    """The console's queue of a hundred thousand complaints: filtered, sorted and counted for each question, and after an event; the slowest, beside SQLite."""
    program = os.path.join(build, "tests", "bench", "bench-queue")
    if not os.path.exists(program):
        raise Failure("bench-queue is not built")
    result, peer = json.loads(output(program, COMPLAINTS)), sqlite_list_ms(COMPLAINTS)
    value = max(ms for name, ms in result.items() if name.endswith("_ms"))
    emit("console-complaints", value, "ms", "SQLite in memory", peer, value / peer, budget=LIST_BUDGET_MS, within=value <= LIST_BUDGET_MS, **result)


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Peer:
    """FastAPI on two workers of uvicorn before a database of MongoDB's protocol (peers/fastapi), in a folder; .port."""

    def __init__(self, stack, devices):
        self.tools, self.children = os.path.join(SOURCE, "build", "bench-peer"), []
        self.install()
        folder, database, self.port = os.path.join(stack.folder, "peer"), free_port(), free_port()
        os.mkdir(folder)
        environment = {**os.environ, "DEVICES": devices, "DATABASE": f"mongodb://127.0.0.1:{database}"}
        with open(os.path.join(folder, "log"), "wb") as log:
            self.children.append(subprocess.Popen([os.path.join(self.tools, "ferretdb-server"), "-listen", f"127.0.0.1:{database}", "-folder", folder], stdout=log, stderr=log))
            self.children.append(subprocess.Popen([os.path.join(self.tools, "bin", "uvicorn"), "app:app", "--workers", "2", "--port", str(self.port), "--no-access-log",
                                                   "--log-level", "warning", "--loop", "uvloop", "--http", "httptools"],
                                                  cwd=os.path.join(HERE, "peers", "fastapi"), env=environment, stdout=log, stderr=log))
        self.wait(folder)

    def install(self):
        """Once: an environment of its own, each wheel held to its hash, and the database."""
        source, lock = os.path.join(HERE, "..", "engines", "ferretdb"), os.path.join(HERE, "peers", "fastapi", "requirements.txt")
        if not os.path.exists(os.path.join(self.tools, "bin", "uvicorn")):
            output("/usr/bin/python3", "-m", "venv", self.tools)
            output(os.path.join(self.tools, "bin", "pip"), "install", "--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:", "-r", lock)
        if not os.path.exists(os.path.join(self.tools, "ferretdb-server")):
            if not shutil.which("go"):
                raise Failure("there is no Go to build the peer's database with")
            output("go", "build", "-o", os.path.join(self.tools, "ferretdb-server"), ".", cwd=source)

    def wait(self, folder):
        until = time.monotonic() + PEER_S
        while True:
            try:
                request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v1/reports", data=b"{}", headers={"Content-Type": "application/json"})
                with urllib.request.urlopen(request, timeout=PEER_S) as answer:
                    if json.load(answer)["rejected"]:
                        return
            except OSError:
                pass
            if time.monotonic() > until:
                self.stop()
                with open(os.path.join(folder, "log"), encoding="utf-8", errors="replace") as log:
                    raise Failure(f"the peer did not start: {log.read()[-500:]}")
            time.sleep(0.1)

    def stop(self):
        for child in reversed(self.children):
            child.terminate()
            child.wait()


def bench_peer(build):
    """Ours beside the plain stack that most would build, on the same signed reports: one a request, and in thousands. Theirs says yes before it is durable."""
    with Folder(build, chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        posts = Posts(build, stack)
        peer = Peer(stack, posts.devices)
        try:
            for name, count, lines, start in (("one by one", PEER_SINGLES, 1, 0), ("in thousands", PEER_MANY, PEER_LINES, PEER_SINGLES)):
                posts.sign(count, start)
                ours, theirs = (posts.send(port, PEER_CONNECTIONS if lines == 1 else 2, lines, count)["reports_per_s"] for port in (stack.http_port, peer.port))
                emit("peer-fastapi", ours, "reports/s", f"FastAPI, uvicorn, cryptography, FerretDB: {name}", theirs, ours / theirs, verifier=verifier_of(stack),
                     reports=count, lines=lines, durable=True, peer_durable=False)
        finally:
            peer.stop()


def go_peer():
    """Seconds of transparency-dev/merkle over the same leaves, and its root; None without Go."""
    if not shutil.which("go"):
        return None
    folder = os.path.join(SOURCE, "build", "bench-go")
    os.makedirs(folder, exist_ok=True)
    program = os.path.join(folder, "root")
    output("go", "build", "-o", program, ".", cwd=os.path.join(HERE, "go"))
    return lambda: json.loads(output(program, LEAVES))


def bench_store_mongodb(build):
    """Groups of 4,096 reports, durable on a server that speaks MongoDB's protocol, beside a bare libmongoc loop that inserts the same documents; in turn."""
    program = os.path.join(build, "tests", "bench", "bench-store-mongodb")
    if not os.path.exists(program):
        raise Failure("bench-store-mongodb is not built")
    sys.path.insert(0, os.path.join(HERE, "..", "engines"))
    os.environ.setdefault("PT_BUILD_DIR", os.path.abspath(build))
    from engine import start_mongodb

    given, folder = os.environ.get("MONGODB_URI"), tempfile.mkdtemp(prefix="powertrack-bench-")
    for name in [given] if given else ["ferretdb", "mongo-java-server"]:
        server, uri = (None, given) if given else start_mongodb(name, tempfile.mkdtemp(dir=folder))
        try:
            result = json.loads(output(program, uri, MONGODB_GROUPS))
        finally:
            if server is not None:
                server.terminate()
                server.wait()
        emit("store-mongodb", result["ours"], "rows/s", "bare libmongoc insert_many", result["bare"], result["ours"] / result["bare"],
             server=name if server else "MONGODB_URI", lines=4096)
    shutil.rmtree(folder, ignore_errors=True)


def bench_root(build):
    """The root of a million leaves, leaf hashes included; both programs in turn, the best of five."""
    program, peer = os.path.join(build, "tests", "bench", "bench-root"), go_peer()
    ours, theirs = [], []
    for _ in range(5):
        ours.append(json.loads(output(program, LEAVES)))
        if peer:
            theirs.append(peer())
    if any(row["root"] != ours[0]["root"] for row in ours + theirs):
        raise Failure("the roots differ")
    value = min(row["seconds"] for row in ours)
    other = min((row["seconds"] for row in theirs), default=None)
    emit("root-1m", value, "s", "Go transparency-dev/merkle compact range", other, other / value if other else None, leaves=LEAVES)


def vector_bundle(folder):
    """A proof bundle of the vectors' batch 2, and what it is checked against."""
    from pt_formats import dump

    vectors = os.path.join(SOURCE, "tests", "vectors", "v2")
    with open(os.path.join(vectors, "batches.json"), encoding="utf-8") as file:
        about = json.load(file)
    entries = []
    for number in (1, 2):
        with open(os.path.join(vectors, f"batch-{number}.json"), encoding="utf-8") as file:
            entries += [line.rstrip(",") for line in file.read().split("\n")[1:-2]]
    row = next(row for row in about["inclusion"] if json.loads(entries[row["index"]])["kind"] == "report" and row["size"] == 106)
    entry = json.loads(entries[row["index"]])
    signer = next(line for line in entries if json.loads(line)["kind"] == "device" and json.loads(line)["device"] == entry["device"])
    bundle = {"area": about["area"], "batch": 2, "chain": {"block": 17, "chain_id": 31337, "contract": "0x" + "5f" * 20, "tx": "0x" + "ab" * 32},
              "cid": about["batches"][1]["cid"], "entry": entries[row["index"]], "format": "powertrack-proof-1", "index": row["index"],
              "path": row["path"], "root": row["root"], "signer": signer, "size": row["size"]}
    path = os.path.join(folder, "bundle.json")
    with open(path, "wb") as file:
        file.write(dump(bundle))
    return path, ["--root", row["root"], "--size", str(row["size"]), "--authority-key", about["authority_key"]]


def median_ms(command):
    times = []
    for _ in range(VERIFY_RUNS):
        begun = time.monotonic()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        times.append((time.monotonic() - begun) * 1000)
    return sorted(times)[VERIFY_RUNS // 2]


def bench_verify(build):
    """The whole process of `powertrack verify`, beside one signature by the openssl command."""
    folder = tempfile.mkdtemp(prefix="powertrack-bench-")
    try:
        path, options = vector_bundle(folder)
        ours = [program_path(build, "powertrack"), "verify", *options, path]
        output(*ours)
        key, signature = os.path.join(folder, "key.pem"), os.path.join(folder, "sig")
        public = os.path.join(folder, "public.pem")
        output("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
        output("openssl", "ec", "-in", key, "-pubout", "-out", public)
        output("openssl", "dgst", "-sha256", "-sign", key, "-out", signature, path)
        value, peer = median_ms(ours), median_ms(["openssl", "dgst", "-sha256", "-verify", public, "-signature", signature, path])
        emit("verify-bundle", value, "ms", "openssl dgst -verify, one signature", peer, value / peer, runs=VERIFY_RUNS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def bench_audit(build):
    """An audit of the storm week (else of the small file): entries a second beside the P-256 limit."""
    from pt_replay import SMALL, run

    with Folder(build, chain=True) as stack:
        path = STORM if os.path.exists(STORM) else SMALL
        run(stack, path)
        limit, result = around(stack.audit)
        if not result["holds"]:
            raise Failure("the audit failed")
        speed = result["signatures"] / result["seconds"]
        emit("audit", speed, "signatures/s", "openssl speed -multi 2", limit, speed / limit, verifier=result["verifier"], entries=result["entries"]["total"],
             batches=result["batches"], seconds=round(result["seconds"], 2), file=os.path.basename(path))


PAGE_BUDGET = 150 * 1024
STORM_PEAK = 1707092400000  # ms: 4,598 outages
FIRST_NUMBER_S, WHOLE_MAP_S, LIGHTHOUSE = 5, 15, 95
USABLE_MS, PAN_MS, PAN_MOST_MS = 1500, 16, 50
SCREEN_RATE, SCREEN_SECONDS, SCREEN_MARKS, SCREEN_BUDGET_MS = 5000, 20, 100, 250
SCREEN_DEVICES = 5000


def bench_page_size(build):
    """What a visit in English loads before tiles and data, compressed as the daemon sends it, beside Leaflet's own script and style: all but
    page-later.json, of which windows.test.mjs sees that no visit asks for it."""
    dist = os.path.join(build, "web", "dist")
    if not os.path.isdir(dist):
        raise Failure("the page is not built")
    files = [os.path.join(folder, name) for folder, _, names in os.walk(dist) for name in names
             if not name.endswith(".gz")]
    sizes = {os.path.relpath(path, dist): compressed(path) for path in files}
    leaflet = os.path.join(SOURCE, "web", "node_modules", "leaflet", "dist")
    peer = sum(compressed(os.path.join(leaflet, name)) for name in ("leaflet.js", "leaflet.css"))
    with open(os.path.join(SOURCE, "tests", "e2e", "page-later.json"), encoding="utf-8") as file:
        names = tuple(json.load(file))
    later = sum(size for path, size in sizes.items() if os.path.basename(path).startswith(names))
    hindi = sum(size for path, size in sizes.items() if os.path.basename(path).startswith("hi-"))
    total = sum(sizes.values()) - later
    emit("page-size", total, "bytes gzip", "leaflet.js and leaflet.css alone", peer, total / peer, budget=PAGE_BUDGET, within=total <= PAGE_BUDGET, files=len(sizes), later=later, in_hindi=total + hindi)


@contextlib.contextmanager
def storm(build):
    """A daemon with the storm week as it was when most were without power."""
    if not os.path.exists(STORM):
        raise Failure("the storm week is not at hand")
    with Folder(build, chain=False) as stack:
        devices = os.path.join(stack.folder, "devices.csv")
        replay = ["replay", STORM, "--heartbeat", "1h"]
        stack.step_clock(STORM_PEAK - 3600 * 1000)
        stack.start_daemon()
        stack.fleet(*replay, "--list", devices)
        stack.register_all(devices)
        stack.fleet(*replay, "--url", stack.url, "--from", STORM_PEAK - 3600 * 1000, "--until", STORM_PEAK)
        yield stack


def bench_first_number(build):
    """A phone on slow 3G: how long until it says how many are without power, and until all sites are drawn."""
    with storm(build) as stack:
        env = {**os.environ, "PT_URL": stack.url, "PT_SITES": str(stack.status()["sites"])}
        result = json.loads(output("node", os.path.join(SOURCE, "tests", "e2e", "bench-first-number.mjs"), env=env).strip().splitlines()[-1])
    number, whole = result["number_ms"] / 1000, result["map_ms"] / 1000
    emit("first-number", number, "s", "budget", FIRST_NUMBER_S, number / FIRST_NUMBER_S, whole_map_s=whole, whole_map_budget=WHOLE_MAP_S,
         within=number <= FIRST_NUMBER_S and whole <= WHOLE_MAP_S, bytes=result["bytes"])


def look_with_lighthouse(folder, url):
    """What Lighthouse says of a page; asked again where the browser did not tell when it began to load it."""
    for _ in range(5):
        report = subprocess.run(["node", os.path.join(folder, "node_modules", "lighthouse", "cli", "index.js"), url, "--quiet", "--output=json",
                                 "--chrome-flags=--headless --no-sandbox"],
                                env={"CHROME_PATH": "/usr/bin/chromium", **os.environ}, capture_output=True, text=True, check=False)
        result = json.loads(report.stdout) if report.stdout else {}
        if result.get("runtimeError", {}).get("code") != "NO_NAVSTART" and "categories" in result:
            return result
    raise Failure(f"Lighthouse did not look: {report.stderr.strip()[-500:]}")


def bench_lighthouse(build):
    """Lighthouse's four categories for a phone, of the storm week; the least of them."""
    folder = os.path.join(build, "bench-lighthouse")
    os.makedirs(folder, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(os.path.join(HERE, "lighthouse", name), folder)
    if not os.path.isdir(os.path.join(folder, "node_modules", "lighthouse")):
        output("npm", "ci", "--ignore-scripts", cwd=folder)
    with storm(build) as stack:
        result = look_with_lighthouse(folder, stack.url)
    scores = {name.replace("-", "_"): round(category["score"] * 100) for name, category in result["categories"].items()}
    times = {name.replace("-", "_"): round(result["audits"][name]["numericValue"], 3) for name in
             ("first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift", "speed-index")}
    least = min(scores.values())
    emit("lighthouse", least, "points of 100", "budget", LIGHTHOUSE, least / LIGHTHOUSE, within=least >= LIGHTHOUSE, **scores, **times)


def headless(folder, *command):
    """A command with a display, a session bus and folders of its own; (command, environment)."""
    own = {"HOME": folder, "XDG_RUNTIME_DIR": folder, "XDG_CONFIG_HOME": folder, "XDG_CACHE_HOME": folder, "XDG_DATA_HOME": folder,
           "GDK_BACKEND": "x11", "GSK_RENDERER": "cairo", "GTK_A11Y": "none"}
    return ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24 -nolisten tcp -noreset", "dbus-run-session", "--", *map(str, command)], {**os.environ, **own}


def bench_console(name, count, file):
    """The console's map: from the data to a map that can be clicked, then the frames of a pan; an empty map's frame beside it."""
    def run(build):
        program = os.path.join(build, "tests", "bench", "bench-console")
        if not os.path.exists(program):
            raise Failure("bench-console is not built")
        # The basemap and the names of places too, as an operator has them.
        with Folder(build, chain=False) as stack:
            stack.write_config()
            stack.start_daemon()
            command, env = headless(stack.folder, program, count, file if file and os.path.exists(file) else "", stack.url)
            result = json.loads(output(*command, env=env).strip().splitlines()[-1])
        within = result["usable_ms"] <= USABLE_MS and result["pan_ms"] <= PAN_MS and result["pan_most_ms"] <= PAN_MOST_MS
        emit(name, result["pan_ms"], "ms median frame of a pan", "the same map before its sites", result["empty_ms"], result["pan_ms"] / result["empty_ms"],
             within=within, **{key: value for key, value in result.items() if key not in ("pan_ms", "empty_ms")})

    return run


class Marks:
    """Marked sites whose outages are timed from the moment that their report is sent until a screen shows them."""

    def __init__(self, stack):
        from pt_world import World

        self.world, self.sent = World(stack, "marks"), {}
        self.names = [f"mark-{number:03}" for number in range(SCREEN_MARKS)]
        for number, name in enumerate(self.names):
            self.world.place("marks", name, site=f"MARK-{number:03}", lat=255000000 + number * 20000, lon=850000000)
        # So many customers that they head the list.
        self.world.register(*self.names, customers=1000000)
        self.world.post(*(self.world.report(name) for name in self.names))

    def send(self, seconds):
        for number, name in enumerate(self.names):
            line = self.world.report(name, "OFF")
            self.sent[f"MARK-{number:03}"] = time.time() * 1000
            self.world.post(line)
            time.sleep(seconds / len(self.names))


def screen_commands(build, stack):
    """The programs that show it and say when: {name: (command, environment)}."""
    return {"page": (["node", os.path.join(SOURCE, "tests", "e2e", "bench-screen.mjs")], {**os.environ, "PT_URL": stack.url}),
            "console": headless(stack.folder, os.path.join(build, "tests", "bench", "bench-screen"), stack.url)}


def watch_screen(command, env, during):
    """{site: ms since 1970} that @command told of while @during () ran; it ends when its standard input does."""
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        line = child.stdout.readline()
        if line.strip() != "ready":
            raise Failure(f"{os.path.basename(command[0])} showed nothing: {line.strip()[:200]}")
        during()
        time.sleep(2)
        text, _ = child.communicate(timeout=30)
    rows = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return {row["site"]: row["at"] for row in rows}


def bench_screen(build):
    """From the moment a report is sent until page and console show it, while 5,000 others a second come in of which one in ten says OFF."""
    for name in ("console", "page"):
        with Folder(build, chain=False) as stack:
            stack.write_config()
            stack.start_daemon()
            devices, load = os.path.join(stack.folder, "devices.csv"), ["load", "--area", "bench", "--devices", SCREEN_DEVICES]
            stack.fleet(*load, "--list", devices)
            stack.register_areas("bench")
            stack.register_devices(devices)
            marks, result = Marks(stack), {}
            command, env = screen_commands(build, stack)[name]

            def during(stack=stack, load=load, marks=marks, result=result):
                thread = threading.Thread(target=lambda: result.update(json.loads(stack.fleet(
                    *load, "--url", stack.url, "--reports", SCREEN_RATE * (SCREEN_SECONDS + 4), "--rate", SCREEN_RATE, "--off", 10, "--lines", 250).splitlines()[-1])))
                thread.start()
                wait_for_load(stack)
                marks.send(SCREEN_SECONDS)
                thread.join()

            seen = watch_screen(command, env, during)
            emit_screen(name, marks.sent, seen, result)


def wait_for_load(stack):
    """Signing comes first; the load has begun when reports arrive."""
    before, until = stack.status()["reports"], time.monotonic() + 120
    while stack.status()["reports"] < before + SCREEN_RATE and time.monotonic() < until:
        time.sleep(0.1)


def emit_screen(name, sent, seen, load):
    missing = sorted(set(sent) - set(seen))
    if missing:
        raise Failure(f"the {name} never showed {len(missing)} of {len(sent)}: {missing[:3]}")
    delays = sorted(seen[site] - sent[site] for site in sent)
    p99 = delays[min(len(delays) - 1, round(len(delays) * 0.99) - 1)]
    emit(f"report-to-screen-{name}", p99, "ms p99", "budget", SCREEN_BUDGET_MS, p99 / SCREEN_BUDGET_MS, p50=round(delays[len(delays) // 2], 1),
         most=round(delays[-1], 1), reports=len(delays), load_per_s=load.get("reports_per_s"))


class Walker:
    """A console that is walked by AT-SPI, in a process of its own."""

    def __init__(self, build, url):
        command = [sys.executable, os.path.join(HERE, "at-spi-walk.py"), url, str(WALK_NODES)]
        self.child = subprocess.Popen(command, env={**os.environ, "PT_BUILD_DIR": build}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def __enter__(self):
        self.answer("ready")
        return self

    def answer(self, beginning):
        """The next line that begins so: the bus has words of its own."""
        for line in self.child.stdout:
            if line.startswith(beginning):
                return line
        raise Failure("the console is not there for AT-SPI")

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.wait(60)

    def tell(self, words):
        self.child.stdin.write(words + "\n")
        self.child.stdin.flush()

    def walk(self):
        """Seconds of a walk of WALK_NODES nodes, the median of a few."""
        times = []
        for _ in range(WALKS):
            self.tell("walk")
            done = json.loads(self.answer("{"))
            times.append(done["seconds"] * WALK_NODES / done["nodes"])
        return sorted(times)[WALKS // 2], done["nodes"]


def bench_at_spi(build):
    """What a screen reader waits for while the storm goes on: a walk of the console's accessible nodes, beside the same in a quiet minute."""
    from demo import storm_begins

    file = STORM if os.path.exists(STORM) else SLICE
    with Folder(build, chain=True) as stack:
        fleet = ["replay", file, "--heartbeat", "1h", "--from", storm_begins(file), "--state", os.path.join(stack.folder, "fleet.state")]
        devices = os.path.join(stack.folder, "devices.csv")
        plan = json.loads(stack.run("powertrack-fleet", *fleet, "--list", devices, "--json"))
        stack.step_clock(plan["start"] // 900000 * 900000)
        stack.start_daemon()
        stack.register_all(devices)
        with Walker(build, stack.url) as walker:
            walker.tell("choose")
            quiet, _ = walker.walk()
            command = [*fleet, "--url", stack.url, "--token-file", stack.token, "--speed", WALK_SPEED]
            storm = stack.spawn("powertrack-fleet", [program_path(build, "powertrack-fleet"), *map(str, command)])
            until = time.monotonic() + 120
            while stack.status()["outages_open"] < min(300, plan["outages"] / 10) and storm.poll() is None and time.monotonic() < until:
                time.sleep(0.2)
            walker.tell("choose")
            seconds, nodes = walker.walk()
            off = stack.status()["outages_open"]
    emit("at-spi-storm", seconds, f"s a walk of {WALK_NODES} nodes", "the same walk before the storm", quiet, seconds / quiet, budget=WALK_BUDGET_S,
         within=seconds <= WALK_BUDGET_S, nodes=nodes, sites_off=off, storm=os.path.basename(file))


def compressed(path):
    with open(path, "rb") as file:
        return len(gzip.compress(file.read(), 9))


BENCHES = {"ingest-ndjson": bench_ingest, "ingest-single": bench_single, "ingest-mqtt": bench_mqtt, "ingest-coap": bench_coap, "peer-fastapi": bench_peer, "receipts": bench_receipts, "ack-beside-readers": bench_ack_beside_readers, "store-mongodb": bench_store_mongodb, "seal-1m": bench_seal, "store-sqlite": bench_store_sqlite, "outages-year": bench_outages_year, "start-1m3": bench_start, "proof-1m": bench_proof,
           "root-1m": bench_root, "verify-bundle": bench_verify, "audit": bench_audit,
           "console-10k": bench_console("console-10k", 10790, STORM), "console-100k": bench_console("console-100k", 100000, None),
           "page-size": bench_page_size, "memory-under-abuse": bench_memory_under_abuse, "report-to-screen": bench_screen, "first-number": bench_first_number, "lighthouse": bench_lighthouse,
           "at-spi-storm": bench_at_spi, "complaint-list": bench_complaint_list, "complaint-file": bench_complaint_file,
           "console-complaints": bench_console_complaints}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default=os.path.join(SOURCE, "build"))
    parser.add_argument("--only", choices=BENCHES)
    options = parser.parse_args()
    build, failed = os.path.abspath(options.build), 0
    for name, bench in BENCHES.items():
        if options.only in (None, name):
            try:
                bench(build)
            except Failure as failure:
                print(f"bench {name}: {failure}", file=sys.stderr)
                failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
