#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""org.powertracker.Daemon1 on a bus of its own: properties, signals, a second daemon, no bus at all."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import xml.etree.ElementTree as ET

from pt_case import BUILD, PATIENCE, SOURCE, Skip, case, check, equal, main, stack_in_folder
from pt_people import People
from pt_world import World, wait_until

from pt_stack import now_ms, program_path

NAME, PATH = "org.powertracker.Daemon1", "/org/powertracker/Daemon1"
AREA = "test-east"


class Bus:
    """A session bus that is nobody else's."""

    def __enter__(self):
        if not shutil.which("dbus-daemon") or not shutil.which("gdbus"):
            raise Skip("needs dbus-daemon and gdbus")
        self.folder = tempfile.mkdtemp(prefix="powertrack-bus-")
        self.before = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
        self.begin()
        return self

    def begin(self):
        self.process = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address", f"--address=unix:path={self.folder}/bus"],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = self.process.stdout.readline().strip().partition(",")[0]

    def end(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.process.stdout.close()

    def __exit__(self, *_):
        restore(self.before)
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def restore(address):
    if address is None:
        os.environ.pop("DBUS_SESSION_BUS_ADDRESS", None)
    else:
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = address


def gdbus(*arguments):
    done = subprocess.run(["gdbus", *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False)
    return done.stdout if done.returncode == 0 else None


def properties():
    """{name: text} of all properties; None while nobody has the name."""
    said = gdbus("call", "--session", "--dest", NAME, "--object-path", PATH, "--method", "org.freedesktop.DBus.Properties.GetAll", NAME)
    return said and {name: value for name, value in re.findall(r"'(\w+)': <((?:uint32 |uint64 )?(?:'[^']*'|\"[^\"]*\"|\d+|\([^)]*\)|\[[^\]]*\]))>", said)}


class Monitor:
    """What gdbus hears of the name."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "logs", "monitor.log")
        with open(self.path, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(["gdbus", "monitor", "--session", "--dest", NAME], stdout=log, stderr=subprocess.STDOUT)
        wait_until("the monitor listens", lambda: "is owned by" in self.text())  # it asked for signals before

    def text(self):
        with open(self.path, encoding="utf-8") as log:
            return re.sub(r"\b(int64|uint32|uint64) ", "", log.read())

    def signals(self, name):
        return re.findall(rf"{NAME}\.{name} (.*)", self.text())

    def wait_for(self, name, text):
        wait_until(f"{name} with {text}; heard: {self.text()[-600:]}", lambda: any(text in line for line in self.signals(name)))

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


def start(stack, **settings):
    stack.write_config(dbus_bus="session", **settings)
    stack.start_daemon()
    return wait_until("the name is owned", properties)


@case
def test_properties_and_signals():
    with Bus(), stack_in_folder(chain=False) as stack:
        found = start(stack)
        equal(sorted(found), ["Complaints", "Detail", "HttpUrl", "KeysCopied", "OutagesOpen", "SitesOff", "State", "Transports", "Version"], "properties")
        equal((found["HttpUrl"], found["Version"], found["State"]), (f"'{stack.url}'", f"'{stack.status()['version']}'", "'ok'"), "their values")
        monitor = Monitor(stack.folder)
        try:
            check_signals(stack, monitor)
        finally:
            monitor.stop()
        equal(stack.stop("powertrackd"), 0, "its exit code")
        equal(properties(), None, "the name afterwards")


def check_signals(stack, monitor):
    world, now = World(stack, AREA), now_ms()
    world.register("tx-1")
    world.say("tx-1", "OFF", ts=now - 5000)
    monitor.wait_for("SitesChanged", f"('{AREA}', 'S-tx-1', 'off', {now - 5000})")
    monitor.wait_for("OutagesChanged", f"('{AREA}', 'tx-1', 'S-tx-1', {now - 5000}, 0, '', true)")
    wait_until("the counts", lambda: (properties()["SitesOff"], properties()["OutagesOpen"]) == ("uint32 1", "uint64 1"))
    wait_until("PropertiesChanged is told", lambda: "'SitesOff': <1>" in monitor.text())
    world.say("tx-1", "ON", ts=now - 1000)
    monitor.wait_for("SitesChanged", f"('{AREA}', 'S-tx-1', 'on', {now - 1000})")
    monitor.wait_for("OutagesChanged", f"('{AREA}', 'tx-1', 'S-tx-1', {now - 5000}, {now - 1000}, 'report', false)")
    heard = len(monitor.signals("SitesChanged")), len(monitor.signals("OutagesChanged"))
    world.say("tx-1", "ON")
    time.sleep(0.5)
    equal((len(monitor.signals("SitesChanged")), len(monitor.signals("OutagesChanged"))), heard, "signals for a heartbeat")
    world.say("tx-1", "OFF", ts=now - 500)
    people = People(world)
    number, _ = people.file("asha", site="S-tx-1")
    monitor.wait_for("ComplaintChanged", f"('{AREA}', '{number}', 'open', false)")
    people.act(number, "acknowledge", "op-1")
    monitor.wait_for("ComplaintChanged", f"('{AREA}', '{number}', 'acknowledged', false)")
    wait_until("the count of complaints", lambda: properties()["Complaints"] == "(uint32 1, uint32 0)")
    way = wait_until("how long reports took", lambda: re.search(r"\('http', (?:uint32 )?0, (?:int64 )?([1-9]\d*), (?:int64 )?([1-9]\d*)\)", properties()["Transports"]))
    check(int(way[1]) <= int(way[2]), f"no longer than the slowest: {way[0]}")
    check("Transports" not in monitor.text(), "what changes all the time is no signal")
    check_key(world, monitor)
    world.take("/registrations", [world.device("tx-1", status="revoked")])
    monitor.wait_for("KeyChanged", f"('{AREA}', 'tx-1', false)")
    wait_until("no key is copied any more", lambda: (properties()["KeysCopied"], properties()["State"]) == ("uint32 0", "'ok'"))
    wait_until("an outage that is followed no further says so", lambda: any(", 'revoked', false)" in line for line in monitor.signals("OutagesChanged")))
    check(not any("@a" in line for name in ("SitesChanged", "OutagesChanged") for line in monitor.signals(name)), "no signal is empty")


def check_key(world, monitor):
    """Two reports that one key signed with the same counter are an alarm until it is revoked."""
    stack, now = world.stack, now_ms()
    equal(stack.status()["keys_copied"], 0, "keys before")
    one, other = (world.report("tx-1", power, seq=50, ts=now) for power in ("OFF", "ON"))
    world.post(one)
    equal(stack.post("/reports", other)[1]["rejected"], [{"line": 1, "error": "stale-seq"}], "the other one")
    monitor.wait_for("KeyChanged", f"('{AREA}', 'tx-1', true)")
    wait_until("the bus counts it", lambda: (properties()["KeysCopied"], properties()["State"]) == ("uint32 1", "'attention'"))
    status = stack.status()
    equal((status["state"], status["cause"], status["keys_copied"]), ("attention", "conflict", 1), "over HTTP")
    check(f"{AREA}/tx-1 was copied" in status["detail"], status["detail"])


@case
def test_attention():
    """A chain that does not answer is told on the bus as over HTTP."""
    with Bus(), stack_in_folder() as stack:
        equal(start(stack, batch_period="1s")["State"], "'ok'", "the state")
        stack.children["anvil"].send_signal(signal.SIGKILL)
        World.register(LocalWorld(stack), "tx-1")
        found = wait_until("attention", lambda: (row := properties())["State"] == "'attention'" and row)
        check(len(found["Detail"]) > 10, f"a sentence: {found['Detail']}")
        equal(stack.status()["state"], "attention", "over HTTP")
        equal(stack.stop("powertrackd"), 0, "its exit code")


class LocalWorld(World):
    """A World on the daemon alone, for a stack whose chain is gone."""

    def __init__(self, stack):
        contract, stack.contract = stack.contract, None
        super().__init__(stack, AREA)
        stack.contract = contract


@case
def test_second_daemon():
    with Bus(), stack_in_folder(chain=False) as stack, stack_in_folder(chain=False) as other:
        first = start(stack)
        other.write_config(dbus_bus="session")
        other.start_daemon()
        equal(other.status()["state"], "ok", "the second one works without the name")
        wait_until("the second one says so", lambda: "belongs to another daemon" in read(other.log_file("powertrackd")))
        equal(properties()["HttpUrl"], first["HttpUrl"], "who has the name")
        equal(stack.stop("powertrackd"), 0, "the first one's exit code")
        wait_until("the second one takes over", lambda: (row := properties()) and row["HttpUrl"] == f"'{other.url}'")
        equal(other.stop("powertrackd"), 0, "the second one's exit code")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


@case
def test_no_bus():
    before = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    try:
        for address in ("unix:path=/nonexistent/bus", None):
            restore(address)
            with stack_in_folder(chain=False) as stack:
                stack.write_config(dbus_bus="session")
                stack.start_daemon()
                equal(stack.status()["state"], "ok", "the daemon works without a bus")
                equal(stack.stop("powertrackd"), 0, "its exit code")
    finally:
        restore(before)


@case
def test_bus_goes_away():
    with stack_in_folder(chain=False) as stack:
        with Bus():
            start(stack)
        world = World(stack, AREA)
        world.register("tx-1")
        world.say("tx-1", "OFF")
        time.sleep(1.2)
        wait_until("the daemon goes on without its bus", lambda: stack.status()["sites_off"] == 1)
        equal(stack.stop("powertrackd"), 0, "its exit code")


@case
def test_bus_returns():
    with Bus() as bus, stack_in_folder(chain=False) as stack:
        start(stack)
        for _ in range(2):
            bus.end()
            equal(properties(), None, "the name without a bus")
            bus.begin()
            found = wait_until("the name is owned again", properties)
            equal(found["HttpUrl"], f"'{stack.url}'", "the daemon there")
        monitor = Monitor(stack.folder)
        try:
            world = World(stack, AREA)
            world.register("tx-1")
            world.say("tx-1", "OFF")
            monitor.wait_for("SitesChanged", "S-tx-1")
        finally:
            monitor.stop()
        equal(stack.stop("powertrackd"), 0, "its exit code")


def shape(interface):
    """What an interface says, without its comments."""
    members = []
    for member in interface:
        if member.tag in ("method", "signal", "property"):
            arguments = [(row.get("name"), row.get("type"), row.get("direction")) for row in member.findall("arg")]
            members.append((member.tag, member.get("name"), member.get("type"), member.get("access"), arguments))
    return sorted(members, key=str)


@case
def test_introspection():
    described = ET.parse(os.path.join(SOURCE, "data", f"{NAME}.xml")).getroot().find("interface")
    with Bus(), stack_in_folder(chain=False) as stack:
        start(stack)
        said = ET.fromstring(gdbus("introspect", "--session", "--dest", NAME, "--object-path", PATH, "--xml"))
        found = {row.get("name"): row for row in said.findall("interface")}
        equal(shape(found[NAME]), shape(described), "the interface")
        equal([name for name in found if not name.startswith("org.freedesktop.DBus.")], [NAME], "interfaces")
        equal(gdbus("call", "--session", "--dest", NAME, "--object-path", PATH, "--method", "org.freedesktop.DBus.Properties.Set", NAME, "State",
                    "<'x'>"), None, "writing a property")
        equal(stack.stop("powertrackd"), 0, "its exit code")


if __name__ == "__main__":
    main()
