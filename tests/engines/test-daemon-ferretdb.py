#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A real daemon whose store is on a server that speaks MongoDB's protocol: the server goes away and comes back, another daemon takes over, TLS."""
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from pt_broker import Authority  # noqa: E402
from pt_case import BUILD, PATIENCE, case, check, equal, main, stack_in_folder  # noqa: E402
from pt_stack import Stack, free_port, program_path  # noqa: E402
from pt_world import World, wait_until  # noqa: E402

from engine import SKIP, engine  # noqa: E402

ROUNDS = 4
SOON = "?serverSelectionTimeoutMS=1000"  # how long a daemon waits for its server before it says so


def log_of(stack):
    with open(stack.log_file("powertrackd"), encoding="utf-8", errors="replace") as file:
        return file.read()


def begin(stack, **settings):
    """FerretDB, and the daemon on it."""
    stack.start_ferretdb()
    stack.settings["store_address"] += SOON
    stack.write_config(**settings)
    stack.start_daemon()


def ended(stack):
    """A daemon that can't know whether its last commit holds ends, and is started again, as a service manager does."""
    if stack.alive("powertrackd"):
        return False
    stack.stop("powertrackd")
    stack.start_daemon()
    return True


def try_report(stack, line):
    """accepted, duplicate, or None: it has to come again."""
    try:
        status, answer = stack.post("/reports", line)
    except OSError:
        return None
    if status != 200 or answer.get("rejected"):
        slugs = [row["error"] for row in (answer or {}).get("rejected", [])]
        check(status == 503 or slugs == ["busy"], f"{status} {answer}")
        return None
    return "accepted" if answer["accepted"] == 1 else "duplicate"


def insist(stack, line):
    """Until it is in the log, as a device does."""
    said = []

    def taken():
        ended(stack)
        said.append(try_report(stack, line))
        return said[-1] is not None

    wait_until("a report that is taken", taken)
    return said[-1]


@case
def test_server_goes_away():
    """While it is away what is handed in is busy and the journal says why; when it is back the daemon goes on by itself; nothing acknowledged is lost or doubled."""
    with stack_in_folder(chain=False) as stack:
        begin(stack)
        world = World(stack, "east", "west")
        world.register("tx-1")
        world.register("tw-1", area="west")
        lines = []
        for number in range(ROUNDS):
            for area, name in (("east", "tx-1"), ("west", "tw-1")):
                line = world.report(name, power="OFF" if number % 2 else "ON", area=area)
                equal(insist(stack, line), "accepted", "a report")
                lines.append(line)
            stack.stop("ferretdb", signal.SIGKILL)
            away = world.report("tx-1")
            equal(try_report(stack, away), None, "a report without a server")
            check("What is handed in has to wait" in log_of(stack), f"the journal: {log_of(stack)[-300:]}")
            stack.start_ferretdb()
            insist(stack, away)
            lines.append(away)
        for line in lines:
            equal(insist(stack, line), "duplicate", "a report that is there")
        stack.stop("powertrackd", signal.SIGKILL)
        stack.start_daemon()
        for line in lines:
            equal(insist(stack, line), "duplicate", "a report that is there after a start")
        equal(stack.status()["reports"], len(lines), "reports")


@case
def test_taken_over():
    """Who opens the database has it; the daemon that had it ends and says why."""
    with stack_in_folder(chain=False) as stack:
        begin(stack)
        world = World(stack, "east")
        world.register("tx-1")
        world.say("tx-1")
        second = Stack(BUILD, os.path.join(stack.folder, "second"))
        second.service_key = stack.service_key
        second.settings["store_address"] = stack.settings["store_address"]
        second.write_config()
        try:
            second.start_daemon()
            line = world.report("tx-1", power="OFF")
            equal(try_report(stack, line), None, "a report to the first")
            wait_until("the first ends", lambda: not stack.alive("powertrackd"))
            check("Another process has opened this store" in log_of(stack), f"its last words: {log_of(stack)[-500:]}")
            equal(try_report(second, line), "accepted", "a report to the second")
            equal(second.status()["reports"], 2, "reports")
        finally:
            second.stop_all()


def does_not_start(stack, words):
    command = [program_path(stack.build, "powertrackd"), "--config", stack.config]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
    check(done.returncode != 0, "it started")
    check(words in done.stderr + done.stdout, f"{words}: {done.stderr[-600:]}")
    check("s3cret" not in done.stderr + done.stdout, "the password is told")


@case
def test_tls():
    """The server's certificate has to be of the authority that the connection string names."""
    with stack_in_folder(chain=False) as stack:
        ours, others = Authority(stack.folder), Authority(stack.folder, "others")
        certificate, key = ours.issue("database")
        port = free_port()
        stack.start_ferretdb("-listen-tls", f"127.0.0.1:{port}", "-certificate", certificate, "-key", key)
        address = f"mongodb://127.0.0.1:{port}/powertrack{SOON}&tls=true&tlsCAFile="
        os.makedirs(stack.state, mode=0o700)
        stack.write_config(store_address=address + others.path)
        does_not_start(stack, "can't do it now")
        stack.write_config(store_address=address + ours.path)
        stack.start_daemon()
        world = World(stack, "east")
        world.register("tx-1")
        world.say("tx-1")
        equal(stack.status()["reports"], 1, "reports")


@case
def test_refused():
    """What is wrong is said at the start, and no password with it."""
    with stack_in_folder(chain=False) as stack:
        begin(stack)
        stack.stop("powertrackd")
        plain = stack.settings["store_address"]
        password = stack.key_file("database.password")
        with open(password, "w", encoding="utf-8") as file:
            file.write("s3cret\n")
        stack.write_config(store_address=plain.replace("//", "//powertrack@"), store_password_file=password)
        does_not_start(stack, "refuses this user")
        stack.write_config(store_password_file=password + ".none")
        does_not_start(stack, "password_file")
        stack.write_config(store_address=plain.replace("//", "//powertrack:s3cret@"), store_password_file=None)
        does_not_start(stack, "does not belong here")
        stack.write_config(store_address=f"mongodb://127.0.0.1:{free_port()}/x{SOON}")
        does_not_start(stack, "can't do it now")


if __name__ == "__main__":
    try:
        engine("ferretdb")
    except SystemExit as end:
        sys.exit(0 if end.code == SKIP else end.code)
    main()
