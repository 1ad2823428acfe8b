# SPDX-License-Identifier: Apache-2.0
"""Starts and stops the programs of one machine's Power Tracker: a local chain, the daemon, a fleet.

Used by tools/demo.py and by the integration tests. Standard library only. Everything lives below one
folder; every program's pid is written down there, so that a later process can stop what was left.
"""
import contextlib
import csv
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ANVIL = os.path.join(ROOT, "contracts", "node_modules", "@foundry-rs", "anvil-linux-amd64", "bin", "anvil")
# Of old blocks nobody asks the contract's state; anvil would keep every one, gigabytes after a month's replay.
CHAIN_STATES = 300
# anvil's first fixed account: everybody knows this key, it holds play money only.
ANVIL_KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
CHAIN_ID = 31337
HOUR_MS = 3600 * 1000
PERIOD_MS = HOUR_MS // 4
LASTS = 1 << 62  # later than any end: of an outage that has none
PATIENCE = 300  # seconds; nobody waits so long but to fail: a machine may be slow and busy with other things
PATIENCE_LONG = 3000  # seconds: the same for what works for minutes


class Failure(Exception):
    """One sentence for people."""


def now_ms():
    return time.time_ns() // 1000000


PORTS = range(10000, 32000)  # below those that the kernel gives to whoever asks for any
RESERVED = []


def free_port():
    """A port that is ours while this process lives, whether somebody listens on it or not: who asks here, or pt_test_free_port (), gets another."""
    while True:
        port = random.choice(PORTS)
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0powertrack-port-{port}")
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        RESERVED.append(claim)
        return port


def program_path(build, name):
    """Where the build put a program."""
    for folder in ("cli", "daemon", os.path.join("firmware", "fleet"), "firmware", os.path.join("app", "ui"), "app", "."):
        path = os.path.join(build, folder, name)
        if os.access(path, os.X_OK) and os.path.isfile(path):
            return path
    raise Failure(f"{name} is not built; run `make build`")


def process_start(pid):
    """The kernel's start time of a process that runs, else None: tells a pid from a reused one."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return None if fields[0] in "ZX" else int(fields[19])
    except (OSError, IndexError, ValueError):
        return None


def http(url, data=None, headers=None, timeout=PATIENCE):
    """(status, body bytes); an HTTP error is an answer too."""
    request = urllib.request.Request(url, data=data, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def rpc(url, method, *params):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}).encode()
    _, answer = http(url, body, {"Content-Type": "application/json"})
    reply = json.loads(answer)
    if "error" in reply:
        raise Failure(f"the chain refused {method}: {reply['error'].get('message', reply['error'])}")
    return reply["result"]


class Pids:
    """The programs that were started below a folder, in the order of their start."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "pids.json")

    def load(self):
        try:
            with open(self.path, encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError):
            return []

    def add(self, name, pid):
        rows = [row for row in self.load() if row["name"] != name]
        rows.append({"name": name, "pid": pid, "start": process_start(pid)})
        with open(self.path, "w", encoding="utf-8") as file:
            json.dump(rows, file)

    def running(self):
        return [row for row in self.load() if row["start"] is not None and process_start(row["pid"]) == row["start"]]

    def stop_all(self, patience=30):
        """SIGTERM, last started first, and waits for each; SIGKILL only for what does not listen."""
        stopped = []
        for row in reversed(self.running()):
            stop_process(row["pid"], row["start"], patience)
            stopped.append(row["name"])
        # Whoever started them may have been quicker.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        return stopped


def stop_process(pid, start, patience=30):
    for number, wait in ((signal.SIGTERM, patience), (signal.SIGKILL, 5)):
        if process_start(pid) != start:
            return
        os.kill(pid, number)
        until = time.monotonic() + wait
        while time.monotonic() < until and process_start(pid) == start:
            time.sleep(0.02)


class Stack:
    """Anvil, daemon and keys below @folder. Methods raise Failure with one sentence."""

    def __init__(self, build, folder, areas_key="authority"):
        self.build, self.folder = os.path.abspath(build), os.path.abspath(folder)
        self.logs, self.keys = os.path.join(self.folder, "logs"), os.path.join(self.folder, "keys")
        self.config, self.state = os.path.join(self.folder, "powertrackd.conf"), os.path.join(self.folder, "state")
        for name in (self.logs, self.keys):
            os.makedirs(name, mode=0o700, exist_ok=True)
        self.pids, self.children = Pids(self.folder), {}
        self.http_port, self.rpc_port = free_port(), free_port()
        self.url, self.rpc_url = f"http://127.0.0.1:{self.http_port}", f"http://127.0.0.1:{self.rpc_port}"
        self.contract, self.contract_block, self.settings, self.ferretdb = None, 0, self.built_settings(), None
        self.keystore, self.password = self.key_file("operator.json"), self.key_file("operator.password")
        self.service_key, self.authority_key = self.key_file("service.pem"), self.key_file(f"{areas_key}.pem")

    def built_settings(self):
        """The map and the page of the build, where they are made; an installed daemon has its own."""
        places = {"map_light": ("data", "basemap", "light.mbtiles"), "map_dark": ("data", "basemap", "dark.mbtiles"), "map_places": ("data", "basemap", "places.tsv"), "page_dir": ("web", "dist")}
        paths = {name: os.path.join(self.build, *parts) for name, parts in places.items()}
        return {name: path for name, path in paths.items() if os.path.exists(path)}

    def key_file(self, name):
        return os.path.join(self.keys, name)

    def log_file(self, name):
        return os.path.join(self.logs, f"{name}.log")

    @property
    def token(self):
        """The file of what registers areas and steps the clock; a test may move the state's folder."""
        return os.path.join(self.state, "admin.token")

    # Programs

    def spawn(self, name, command, **options):
        """A program in a session of its own, so that Ctrl-C reaches only us and we stop it in order."""
        with open(self.log_file(name), "ab") as log:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=options.get("stdout", log), stderr=log, start_new_session=True)
        self.children[name] = child
        self.pids.add(name, child.pid)
        return child

    def run(self, name, *arguments, timeout=PATIENCE_LONG, exits=0):
        """A program to its end, which is the status @exits; returns its standard output."""
        command = [program_path(self.build, name), *map(str, arguments)]
        log = self.log_file("commands")
        with open(log, "a", encoding="utf-8") as file:
            file.write("$ " + " ".join(command) + "\n")
            file.flush()
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout, check=False)
            file.write(done.stdout[:4000] + done.stderr[-4000:] + "\n")
        if done.returncode != exits:
            said = done.stderr.strip().splitlines() or [f"{name} failed with exit code {done.returncode}"]
            raise Failure(f"{said[-1]}\n(all of it is in {log})")
        return done.stdout

    def powertrack(self, *arguments, timeout=PATIENCE_LONG, exits=0):
        return self.run("powertrack", *arguments, timeout=timeout, exits=exits)

    def verify(self, path):
        """A proof or a batch file of which nothing is wrong; what the file alone can't show is not checked (3)."""
        command = [program_path(self.build, "powertrack"), "verify", path]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_LONG, check=False)
        if done.returncode not in (0, 3):
            raise Failure(f"{path} does not hold: {done.stdout[-600:]}{done.stderr[-300:]}")

    def stop(self, name, number=signal.SIGTERM, patience=PATIENCE):
        """Stops one program; its exit code (negative: the signal)."""
        child = self.children.pop(name, None)
        if child is None:
            return None
        if child.poll() is None:
            child.send_signal(number)
        try:
            return child.wait(patience)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            raise Failure(f"{name} did not stop within {patience} s; see {self.log_file(name)}") from None

    def stop_all(self):
        """Everything, last started first: the fleet before the daemon, the chain at the end."""
        for name in reversed(list(self.children)):
            try:
                self.stop(name)
            except Failure as failure:
                print(failure, file=sys.stderr)
        self.pids.stop_all()

    def alive(self, name):
        child = self.children.get(name)
        return child is not None and child.poll() is None

    # The chain

    def start_chain(self, block_time=1, hardfork="prague"):
        """@block_time 0: a block for every transaction."""
        if not os.access(ANVIL, os.X_OK):
            raise Failure("the local chain anvil is not installed; run `make deps`")
        command = [ANVIL, "--host", "127.0.0.1", "--port", str(self.rpc_port), "--chain-id", str(CHAIN_ID), "--hardfork", hardfork, "--quiet",
                   "--prune-history", str(CHAIN_STATES)]
        command += ["--block-time", str(block_time)] if block_time else []
        self.spawn("anvil", command)
        self.wait_for("anvil", lambda: int(rpc(self.rpc_url, "eth_chainId"), 16) == CHAIN_ID)

    def wait_for(self, name, ready):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if not self.alive(name):
                raise Failure(f"{name} ended at once; see {self.log_file(name)}")
            try:
                if ready():
                    return
            except (OSError, ValueError):
                pass
            time.sleep(0.05)
        raise Failure(f"{name} did not answer within {PATIENCE} s; see {self.log_file(name)}")

    def make_keys(self):
        for path, text in ((self.password, "for play money only\n"), (self.key_file("anvil-account-0.hex"), ANVIL_KEY + "\n")):
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
                file.write(text)
        self.powertrack("keygen", "--ethereum", "--out", self.keystore, "--password-file", self.password,
                        "--import", self.key_file("anvil-account-0.hex"), "--fast")
        for path in (self.service_key, self.authority_key):
            self.powertrack("keygen", "--out", path)

    def deploy(self):
        answer = json.loads(self.powertrack("chain", "deploy", "--rpc", self.rpc_url, "--keystore", self.keystore,
                                            "--password-file", self.password, "--wait", "--json"))
        self.contract, self.contract_block = answer["contract"], answer["block"]
        return answer

    # The database server

    def start_mongodb(self):
        """The store is on MongoDB from now on: in a new database of the server that MONGODB_URI names, else on FerretDB."""
        given = os.environ.get("MONGODB_URI")
        if given:
            self.settings["store_address"] = f"{given.rstrip('/')}/powertrack-{now_ms()}"
        else:
            self.start_ferretdb()

    def start_ferretdb(self, *more):
        """Built from its sources. @more: arguments. Called again, it is the same with the same data."""
        if self.ferretdb is None:
            port = self.build_ferretdb()
            self.settings["store_address"] = f"mongodb://127.0.0.1:{port}/powertrack"
        self.spawn("ferretdb", [*self.ferretdb, *more])
        port = int(self.settings["store_address"].split(":")[2].split("/")[0])

        def listens():
            with socket.create_connection(("127.0.0.1", port), timeout=2):
                return True

        self.wait_for("ferretdb", listens)

    def build_ferretdb(self):
        """The port that it will have."""
        sys.path.insert(0, os.path.join(ROOT, "tests", "engines"))
        os.environ.setdefault("PT_BUILD_DIR", self.build)
        from engine import mongodb_command  # noqa: PLC0415, which uses this module
        folder, port = os.path.join(self.folder, "mongodb"), free_port()
        os.makedirs(folder, mode=0o700, exist_ok=True)
        try:
            self.ferretdb = mongodb_command("ferretdb", folder, port)
        except (SystemExit, subprocess.CalledProcessError):
            raise Failure("there is no Go to build FerretDB with; set MONGODB_URI to a server that you have") from None
        return port

    # The daemon

    def write_config(self, **settings):
        """Sections' keys as `section_key=value`; None leaves one out. Remembered from call to call."""
        defaults = {
            "daemon_state_dir": self.state, "daemon_service_key": self.service_key, "http_listen": f"127.0.0.1:{self.http_port}",
            "clock_source": "real", "batch_period": "15min", "dbus_bus": "none",
        }
        if self.contract:
            defaults.update(chain_rpc=self.rpc_url, chain_contract=self.contract, chain_chain_id=CHAIN_ID, chain_from_block=self.contract_block, chain_keystore=self.keystore,
                            chain_password_file=self.password, chain_confirmations=2)
        self.settings = {**defaults, **self.settings, **settings}
        sections = {}
        for name, value in self.settings.items():
            section, _, key = name.partition("_")
            if value is not None:
                sections.setdefault(section, []).append(f"{key}={value}")
        with open(self.config, "w", encoding="utf-8") as file:
            for section, lines in sections.items():
                file.write(f"[{section}]\n" + "\n".join(lines) + "\n\n")

    def start_daemon(self):
        os.makedirs(self.state, mode=0o700, exist_ok=True)
        self.spawn("powertrackd", [program_path(self.build, "powertrackd"), "--config", self.config])
        self.wait_for("powertrackd", lambda: http(self.url + "/healthz", timeout=2)[0] == 200)

    def answers(self):
        """Whether a daemon listens at our address, whoever started it."""
        try:
            return http(self.url + "/healthz", timeout=2)[0] == 200
        except OSError:
            return False

    def get(self, path):
        """A JSON answer of the daemon's interface."""
        status, body = http(self.url + "/api/v1" + path)
        if status != 200:
            raise Failure(f"GET {path} answered {status}: {body[:300].decode(errors='replace')}")
        return json.loads(body)

    def pages(self, path, member):
        """All the rows of a list that pages."""
        target = path
        while target:
            page = self.get(target)
            yield from page[member]
            target = (page.get("next") or "").removeprefix("/api/v1")

    def post(self, path, lines, content="application/x-ndjson", headers=None):
        """(status, parsed answer)."""
        status, body = http(self.url + "/api/v1" + path, lines, {"Content-Type": content, **(headers or {})})
        return status, json.loads(body) if body else None

    def status(self):
        return self.get("/status")

    # Replayed time

    def step_clock(self, origin):
        """Simulated time stands at @origin (ms since 1970) from the daemon's start on, until the fleet moves it."""
        self.write_config(clock_source="stepped", clock_origin_ms=origin)

    def end_window(self):
        """Steps the clock past the end of the window it is in, so that what came after the fleet's end is sealed too."""
        status = self.status()
        with open(self.token, encoding="ascii") as file:
            bearer = "Bearer " + file.read().strip()
        now = (status["now"] // status["period"] + 1) * status["period"]
        answer = self.post("/clock", json.dumps({"now": now}).encode(), "application/json", {"Authorization": bearer})
        if answer[0] != 200:
            raise Failure(f"the clock was not stepped: {answer}")

    # Registration

    def register_all(self, devices_csv):
        """The areas and the devices of a CSV that the fleet wrote."""
        with open(devices_csv, newline="", encoding="utf-8") as file:
            areas = sorted({row["area"] for row in csv.DictReader(file)})
        self.register_areas(*areas)
        self.register_devices(devices_csv)

    def register_areas(self, *areas):
        """On the daemon and, where there is one, on the chain."""
        chain = ["--rpc", self.rpc_url, "--contract", self.contract, "--owner-keystore", self.keystore, "--password-file", self.password]
        self.powertrack("area", "register", "--url", self.url, "--token-file", self.token,
                        "--authority-key", self.authority_key, *(chain if self.contract else []), *areas)

    def register_devices(self, devices_csv):
        self.powertrack("device", "register", "--url", self.url, "--authority-key", self.authority_key, "--csv", devices_csv, timeout=PATIENCE_LONG)

    def fleet(self, *arguments, timeout=PATIENCE_LONG):
        """The fleet to its end, with its keys below our folder."""
        token = [] if arguments[0] == "load" else ["--token-file", self.token]
        return self.run("powertrack-fleet", *arguments, "--state", os.path.join(self.folder, "fleet.state"), *token, timeout=timeout)

    def wait_sealed(self, seconds=PATIENCE):
        """Until every entry is in a batch; where there is no chain no more comes of them."""
        until = time.monotonic() + seconds
        while self.status()["pending"]:
            if time.monotonic() > until:
                raise Failure(f"not everything was sealed within {seconds} s: {self.status()}")
            time.sleep(0.1)

    def wait_settled(self, seconds=PATIENCE):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.settled():
                return
            time.sleep(0.2)
        raise Failure(f"not everything was final within {seconds} s: {self.status()}")

    def audit(self, receipts=()):
        """`powertrack audit` of everything, and of what these receipts promise; its JSON."""
        more = [word for path in receipts for word in ("--receipt", path)]
        more += ["--confirmations", "0"] if more else []
        text = self.powertrack("audit", "--rpc", self.rpc_url, "--contract", self.contract, "--gateway", self.url, "--json", *more, timeout=6 * 3600)
        return json.loads([line for line in text.splitlines() if line.startswith("{")][-1])

    def settled(self):
        """Whether nothing waits: every entry is in a batch and every batch is final."""
        status = self.status()
        batches = status["batches"]
        return status["pending"] == 0 and not any(batches.get(state, 0) for state in ("sealed", "published", "submitted"))

    def endpoints(self):
        return {"http": self.url, "rpc": self.rpc_url if self.contract else None, "contract": self.contract,
                "chain_id": CHAIN_ID if self.contract else None, "config": self.config}


# What a CSV of outages means, computed here without any of the C code.

def device_id(text):
    """An identifier: each character that one cannot hold becomes `-`."""
    made = re.sub(r"[^A-Za-z0-9._:-]", "-", text)
    return (made if re.match(r"[A-Za-z0-9]", made) else "d" + made)[:64]


def device_ids(texts):
    """{text: its identifier}: two texts that would get the same one are told apart by a number, in their order."""
    found, taken = {}, set()
    for text in texts:
        if text in found:
            continue
        made = plain = device_id(text)
        number = 2
        while made in taken:
            tail = f"-{number}"
            made, number = plain[:64 - len(tail)] + tail, number + 1
        taken.add(made)
        found[text] = made
    return found


def merge(intervals):
    """Half-open intervals; those that overlap or touch become one."""
    merged = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return [tuple(pair) for pair in merged]


def expected_outages(path):
    """{device: [(start, end), ...]} of a CSV of outages, merged; times in ms since 1970, the end None while it lasts."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    names = device_ids(row["device_id"] for row in rows)
    found = {name: [] for name in names.values()}
    for row in rows:
        start, end = int(row["start_ms"]), int(row["end_ms"].strip() or LASTS)
        if end > start:
            found[names[row["device_id"]]].append((start, end))
    return {device: [(start, end if end < LASTS else None) for start, end in merge(intervals)] for device, intervals in found.items()}


def csv_span(path):
    """(first start, last time) of a CSV of outages, ms since 1970."""
    times = [time for pairs in expected_outages(path).values() for pair in pairs for time in pair if time is not None]
    if not times:
        raise Failure(f"{path} has no outage; give another CSV file")
    return min(times), max(times)


def reported_outages(stack):
    """{device: [(start, end or None), ...]} as the daemon tells them."""
    found = {}
    for row in stack.pages("/outages?limit=1000", "outages"):
        found.setdefault(row["device"], []).append((row["start"], row["end"]))
    return {device: sorted(pairs) for device, pairs in found.items()}


def outage_differences(expected, reported):
    """One line for each device whose outages differ."""
    lines = []
    for device in sorted(set(expected) | set(reported)):
        wanted, told = expected.get(device, []), reported.get(device, [])
        if wanted != told:
            lines.append(f"{device}: expected {wanted}, the daemon says {told}")
    return lines
