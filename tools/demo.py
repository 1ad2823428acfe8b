#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The whole path on one machine: a local chain, the daemon, a fleet of devices, and at the end an audit.

State lies under build/demo/ and is made anew each time; `make demo` passes the options on. Ctrl-C ends
everything that was started.
"""
import argparse
import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time

from pt_story import YOU, Story
from pt_ways import NAMES, way_in
from pt_stack import HOUR_MS, PERIOD_MS, Failure, Pids, Stack, expected_outages, now_ms, outage_differences, program_path, reported_outages, rpc

REPLAY_SECONDS = 180  # a CSV's whole span when it is watched and no speed is given; longer on a slow machine
STORM_SHARE = 20  # a CSV that is watched begins when its outages come to this part (a twentieth) of the most there are at once
TOWN_SPEED = 600
TOWN_HOURS = 24  # with --once
TOWN_HOURS_OPEN = 20 * 24
LINE_SECONDS = 10
SETTLE_SECONDS = 300  # without any batch getting on
# What tools/demo_console.py says of the key.
WHERE_KEY = {
    "session": f"with the key of {YOU} from your keyring, marked as the demo's; it is taken out again when the window closes",
    "own": f"with the key of {YOU} in a keyring of its own, which ends with the window",
    "none": f"without a key, for no keyring answers: import the file below (menu, Keys) to be {YOU}",
}
LOOK_SECONDS = 0.05  # with --once, between looks at whether the story goes on: hours pass in a second


def storm_begins(path):
    """When the outages of a CSV first came to a twentieth of the most that there are at once; ms since 1970."""
    changes = []
    for pairs in expected_outages(path).values():
        for start, end in pairs:
            changes += [(start, 1)] + ([(end, -1)] if end is not None else [])
    counts, count = [], 0
    for moment, change in sorted(changes):
        count += change
        counts.append((moment, count))
    most = max((open_ for _, open_ in counts), default=0)
    return next((moment for moment, open_ in counts if open_ > 0 and open_ * STORM_SHARE >= most), None)


@contextlib.contextmanager
def standing_still(child):
    """A child of ours that does nothing meanwhile."""
    child.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        child.send_signal(signal.SIGCONT)


class Progress:
    """One line that is repainted on a terminal, else a line every ten seconds."""

    def __init__(self):
        self.terminal = sys.stdout.isatty()
        self.painted, self.last = False, 0.0

    def show(self, text, force=False):
        if self.terminal:
            width = shutil.get_terminal_size().columns - 1
            print("\r\033[K" + text[:width], end="", flush=True)
            self.painted = True
        elif force or time.monotonic() - self.last >= LINE_SECONDS:
            self.last = time.monotonic()
            print(text, flush=True)

    def say(self, text):
        if self.painted:
            print("\r\033[K", end="")
            self.painted = False
        print(text, flush=True)


class Demo:
    """The run from an empty folder to its summary."""

    def __init__(self, options):
        self.options = options
        self.stack = Stack(options.build, options.folder)
        self.progress = Progress()
        self.started = time.monotonic()
        self.csv = os.path.abspath(options.csv) if options.csv else None
        self.devices_csv = os.path.join(self.stack.folder, "devices.csv")
        self.begin = storm_begins(self.csv) if self.csv and not options.once else None
        self.way = way_in(options.transport, self.stack, self.devices_csv)
        self.steps = []
        self.story = Story(self.stack, self.progress.say, options.once)

    # Setting up

    def list_devices(self):
        """The fleet's devices, its keys made; the span of what they will live through."""
        return json.loads(self.stack.run("powertrack-fleet", *self.fleet_command("--list", self.devices_csv, *self.way.listing, "--json")))

    def choose_clock(self, plan):
        """Where simulated time begins and how fast it goes at most; None: as fast as all that is due is acknowledged."""
        self.speed, self.span = self.options.speed, plan["end"] - plan["start"]
        if not plan["outages"]:
            raise Failure(f"{self.csv or 'this town'} has no outage; give another CSV file")
        if self.csv:
            self.origin = (plan["start"] - HOUR_MS) // PERIOD_MS * PERIOD_MS
            watched = max(1, round(self.span / 1000 / REPLAY_SECONDS))
        else:
            # The chain takes no window from the future, so a town that goes fast has to begin in the past.
            self.origin = (now_ms() - 30 * 24 * HOUR_MS) // PERIOD_MS * PERIOD_MS
            watched = TOWN_SPEED
        if not self.speed and not self.options.once:
            self.speed = watched

    def step(self, text, action):
        begun = time.monotonic()
        result = action()
        seconds = time.monotonic() - begun
        self.steps.append({"step": text, "seconds": round(seconds, 2)})
        self.progress.say(f"  {text} ({seconds:.1f} s)")
        return result

    def fleet_command(self, *more):
        hours = TOWN_HOURS if self.options.once else TOWN_HOURS_OPEN
        what = ["replay", self.csv, "--heartbeat", "1h"] if self.csv else ["town", "--sites", str(self.options.sites), "--duration", f"{hours}h"]
        what += ["--from", str(self.begin)] if self.begin is not None else []
        return [*what, "--state", os.path.join(self.stack.folder, "fleet.state"), *more]

    def set_up(self):
        stack = self.stack
        self.choose_clock(self.step("fleet listed its devices", self.list_devices))
        speed = f"{self.speed:,} times as fast at most" if self.speed else "as fast as this machine can"
        begin = time.strftime(", from %Y-%m-%d %H:%MZ on, where the storm comes (ONCE=1: all of it)", time.gmtime(self.begin / 1000)) if self.begin is not None else ""
        self.progress.say(f"  {self.csv or 'a synthetic town'}{begin}, time goes {speed}")
        self.step("local chain (anvil) runs", stack.start_chain)
        if self.options.store == "mongodb":
            self.step("database server runs", stack.start_mongodb)
        self.step("keys made", stack.make_keys)
        self.step("contract deployed", stack.deploy)
        # A citizen's browser may ask the chain itself, whose blocks are of today: no receipt may promise one in the past. All of the
        # story's people have one address.
        stack.write_config(chain_public_rpc=stack.rpc_url, batch_anchored_within=f"{max(0, now_ms() - self.origin) // HOUR_MS + 1}h", complaints_address_per_minute=0)
        # Simulated time stands until the fleet moves it.
        stack.step_clock(self.origin)
        if self.options.transport:
            self.step(f"{self.options.transport} made ready", self.way.prepare)
        self.step("daemon runs", stack.start_daemon)
        self.step("areas and devices registered", self.way.register)
        self.step("officials and profiles registered", lambda: self.story.prepare(self.devices_csv))
        self.write_endpoints()
        self.open_console()

    def open_console(self):
        """The control room, where there is a display to show it on."""
        if self.options.no_console or not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            return
        try:
            program = program_path(self.stack.build, "powertrack-console")
        except Failure:
            return
        key, public = self.story.key(YOU)
        helper = os.path.join(os.path.dirname(os.path.abspath(__file__)), "demo_console.py")
        console = self.stack.spawn("powertrack-console", [sys.executable, helper, program, os.path.join(self.stack.folder, "console"), self.stack.url, YOU, public, key, *self.story.areas],
                                   stdout=subprocess.PIPE)
        self.progress.say(f"  console  {WHERE_KEY.get(console.stdout.readline().decode().strip(), WHERE_KEY['none'])}")

    def write_endpoints(self):
        endpoints = self.stack.endpoints()
        with open(os.path.join(self.stack.folder, "endpoints.json"), "w", encoding="utf-8") as file:
            json.dump(endpoints, file, indent=1)
            file.write("\n")
        for name in ("http", "rpc", "contract"):
            self.progress.say(f"  {name:<9}{endpoints[name]}")
        self.progress.say(f"  page     {endpoints['http']}/   <- open this in a browser")
        self.progress.say(f"  status   {endpoints['http']}/api/v1/status")
        self.progress.say(f"  key      {self.story.key(YOU)[0]}   <- makes you the officer {YOU} of {', '.join(self.story.areas)}")

    # Running

    def status_line(self):
        try:
            status = self.stack.status()
        except (OSError, Failure):
            return "the daemon does not answer"
        batches = status["batches"]
        moment = time.strftime("%Y-%m-%d %H:%M", time.gmtime(status["now"] / 1000))
        counts = " ".join(f"{batches.get(state, 0)} {state}" for state in ("sealed", "published", "submitted", "final"))
        return f"{moment}Z  {status['reports']} reports  {status['outages_open']} outages open  batches: {counts}  {status['state']}"

    def check_daemon(self):
        """Starts a daemon that was killed again, as a service manager would; whoever did so before us keeps it."""
        if not self.stack.alive("anvil"):
            raise Failure(f"anvil ended in mid-run; see {self.stack.log_file('anvil')}")
        if self.stack.alive("powertrackd") or self.stack.answers():
            return
        if self.stack.stop("powertrackd") != -signal.SIGKILL:
            raise Failure(f"powertrackd ended in mid-run; see {self.stack.log_file('powertrackd')}")
        self.progress.say("  powertrackd was killed; it is started again")
        self.stack.start_daemon()

    def run_fleet(self):
        stack = self.stack
        speed = ["--speed", str(self.speed)] if self.speed else []
        command = self.fleet_command("--url", stack.url, "--token-file", stack.token, *self.way.arguments, *speed)
        fleet = stack.spawn("powertrack-fleet", [program_path(stack.build, "powertrack-fleet"), *command])
        begun = time.monotonic()
        while fleet.poll() is None:
            self.check_daemon()
            self.progress.show(self.status_line())
            self.tell_story(fleet)
        if fleet.returncode != 0:
            raise Failure(f"the fleet failed with exit code {fleet.returncode}; see {stack.log_file('powertrack-fleet')}")
        self.replay_seconds = time.monotonic() - begun
        self.progress.say(f"  fleet done ({self.replay_seconds:.1f} s): {self.status_line()}")

    def tell_story(self, fleet):
        """A second of it. With --once time stands meanwhile, for it is the fleet that moves it on."""
        story, until = self.story, time.monotonic() + 1
        if not self.options.once:
            story.go_on()
            time.sleep(max(0, until - time.monotonic()))
        while self.options.once and fleet.poll() is None and time.monotonic() < until:
            for is_due, act in ((story.storm_is_here, story.storm), (story.supply_returns, story.mend)):
                if is_due():
                    with standing_still(fleet):
                        act()
            time.sleep(LOOK_SECONDS)

    def end_story(self):
        """Whatever of it had no time before the fleet's end."""
        if not self.story.told_storm:
            self.story.storm()
        self.story.mend()
        self.stack.end_window()

    def idle(self):
        """After a replay without ONCE: everything stays up to be looked at."""
        self.progress.say("  the replay is over; Ctrl-C ends everything")
        while True:
            self.check_daemon()
            self.progress.show(self.status_line())
            self.story.go_on()
            time.sleep(1)

    def settle(self):
        until, before = time.monotonic() + SETTLE_SECONDS, None
        while time.monotonic() < until:
            self.check_daemon()
            with contextlib.suppress(OSError):  # a busy machine may be slow to answer
                if self.stack.settled():
                    return
                batches = self.stack.status()["batches"]
                if batches != before:
                    until, before = time.monotonic() + SETTLE_SECONDS, batches
            self.progress.show(self.status_line())
            time.sleep(0.5)
        raise Failure(f"no batch got on for {SETTLE_SECONDS} s; see {self.stack.log_file('powertrackd')}")

    # The end of ONCE=1

    def audit(self):
        try:
            answer = self.stack.audit(self.story.receipts)
        except Failure as failure:
            self.progress.say(f"  {failure}")
            return "failed", None
        return "passed", answer

    def compare_outages(self):
        """Whether the daemon's outages are the file's, to the millisecond; None where there is no file."""
        if not self.csv:
            return None
        differences = outage_differences(expected_outages(self.csv), reported_outages(self.stack))
        for line in differences[:10]:
            self.progress.say(f"  {line}")
        return not differences

    def transactions(self):
        """(count, gas) of the transactions that anchored batches, from their receipts."""
        hashes = {row["transaction"] for row in self.stack.pages("/batches?limit=1000", "batches") if row.get("transaction")}
        receipts = (rpc(self.stack.rpc_url, "eth_getTransactionReceipt", hash_) for hash_ in sorted(hashes))
        return len(hashes), sum(int(receipt["gasUsed"], 16) for receipt in receipts)

    def summarise(self, verdict, audited):
        status = self.stack.status()
        count, gas = self.transactions()
        equal = self.compare_outages()
        kept = [row for row in (audited or {}).get("receipts", []) if row["promise"] == "kept"]
        outages = sum(len(pairs) for pairs in reported_outages(self.stack).values())
        return {
            "audit": verdict, "reports": audited["entries"]["report"] if audited else status["reports"], "outages": outages, "areas": status["areas"], "devices": status["devices"],
            "sites": status["sites"], "batches": status["batches"]["final"], "transactions": count, "gas": gas,
            **self.story.counts(), "receipts_checked": len(kept),
            "seconds": round(time.monotonic() - self.started, 1), "replay_seconds": round(self.replay_seconds, 1),
            "speed": round(self.span / 1000 / max(self.replay_seconds, 0.001)),
            "csv": os.path.basename(self.csv) if self.csv else None, "outages_equal_file": equal, "steps": self.steps, "audited": audited,
        }

    def finish(self):
        self.step("complaints told to their end", self.end_story)
        self.step("every batch is final", self.settle)
        verdict, audited = self.step("audit from the chain alone", self.audit)
        summary = self.summarise(verdict, audited)
        path = os.path.join(self.stack.folder, "summary.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(summary, file, indent=1)
            file.write("\n")
        self.print_summary(summary)
        if verdict != "passed":
            raise Failure(f"the audit failed; see {self.stack.log_file('commands')}")
        if summary["receipts_checked"] != len(self.story.receipts):
            raise Failure(f"what a receipt promises was not kept; see {path}")
        if summary["outages_equal_file"] is False:
            raise Failure(f"the daemon's outages are not the file's; see {path} and {self.stack.log_file('powertrackd')}")

    def print_summary(self, summary):
        say = self.progress.say
        say("")
        say(f"  {summary['reports']:,} signed reports of {summary['devices']:,} devices in {summary['areas']} areas, {summary['outages']:,} outages")
        say(f"  {summary['batches']:,} batches in {summary['transactions']:,} transactions ({summary['gas']:,} gas)")
        say(f"  {summary['complaints']} complaints with {summary['actions']} signed steps, {summary['contradicted']} closed against the evidence; "
            f"{summary['receipts_checked']} of {len(self.story.receipts)} receipts kept")
        if summary["outages_equal_file"] is not None:
            say(f"  outages {'equal' if summary['outages_equal_file'] else 'DIFFER FROM'} the file's, device by device, to the millisecond")
        say(f"  audit {summary['audit']}; {summary['seconds']} s in all")
        say(f"  written to {os.path.join(self.stack.folder, 'summary.json')}")

    def run(self):
        self.progress.say(f"Power Tracker demo in {self.stack.folder}")
        self.set_up()
        self.run_fleet()
        if not self.options.once:
            self.idle()
        self.finish()


def stop(folder):
    stopped = Pids(folder).stop_all()
    print("stopped: " + ", ".join(stopped) if stopped else "no demo is running")


def interrupted(_number, _frame):
    raise KeyboardInterrupt


def start(options):
    if os.path.isdir(options.folder) and os.listdir(options.folder) and not os.path.isdir(os.path.join(options.folder, "logs")):
        raise Failure(f"{options.folder} holds something else; give an empty folder as --folder")
    # Held to the end: of two that start at once, one is refused before it touches the other's folder.
    os.makedirs(os.path.dirname(options.folder), exist_ok=True)
    lock = open(options.folder + ".lock", "w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise Failure("a demo is starting or running; end it with Ctrl-C there or `make demo-stop` first") from error
    running = Pids(options.folder).running()
    if running:
        names = ", ".join(row["name"] for row in running)
        raise Failure(f"a demo is running ({names}); end it with `make demo-stop` first")
    for name in ("powertrack", "powertrackd", "powertrack-fleet"):
        program_path(options.build, name)
    if options.csv and not os.path.isfile(options.csv):
        raise Failure(f"{options.csv} is not there; give an existing file as CSV=...")
    shutil.rmtree(options.folder, ignore_errors=True)
    os.makedirs(options.folder, mode=0o755)
    demo, keep = Demo(options), False
    try:
        demo.run()
        keep = options.keep
    finally:
        # A second Ctrl-C must not cut the clean-up short.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if keep:
            print("  everything is left running; `make demo-stop` ends it")
        else:
            demo.stack.stop_all()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build", help="the build folder")
    parser.add_argument("--folder", help="where the demo's state goes (default: demo/ in the build folder)")
    parser.add_argument("--csv", help="a CSV of outages to replay; without it a synthetic town")
    parser.add_argument("--speed", type=float, help="how many times as fast as real time at most (default with --once: as fast as this machine can)")
    parser.add_argument("--sites", type=int, default=200, help="sites of the town (default %(default)s)")
    parser.add_argument("--transport", choices=NAMES, help="each device has a certificate and comes in this way (default: plain HTTP on the loopback address)")
    parser.add_argument("--store", choices=("sqlite", "mongodb"), default="sqlite", help="where the daemon keeps its log; mongodb: at MONGODB_URI, else on FerretDB (default %(default)s)")
    parser.add_argument("--once", action="store_true", help="stop when all is final and audited")
    parser.add_argument("--keep", action="store_true", help="with --once: leave chain and daemon running")
    parser.add_argument("--no-console", action="store_true", help="do not open the control room")
    parser.add_argument("--stop", action="store_true", help="stop what was left running")
    options = parser.parse_args()
    options.folder = os.path.abspath(options.folder or os.path.join(options.build, "demo"))
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup
            signal.signal(number, interrupted)
    try:
        stop(options.folder) if options.stop else start(options)
    except Failure as failure:
        print(f"\ndemo: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
