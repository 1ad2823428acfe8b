#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`powertrack store`: a copy that is made while reports come in, and comes back; what fits together and what does not; databases that a daemon refuses."""
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import threading

from pt_case import PATIENCE, case, check, equal, main, stack_in_folder
from pt_stack import program_path
from pt_world import World, wait_until

NAMES = ["file", "batches", "transactions", "blocks", "numbers", "entries", "roots", "subjects", "histories", "outages", "said"]


def store(stack, verb, *arguments, exits=0):
    """(what it prints as JSON or "", what it says on standard error)"""
    command = [program_path(stack.build, "powertrack"), "store", verb, "--config", stack.config, *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
    equal(done.returncode, exits, f"exit status of {command[1:]}: {done.stdout}{done.stderr}")
    return (json.loads(done.stdout) if "--json" in arguments and done.stdout else done.stdout), done.stderr


def states(answer, state):
    return [row["name"] for row in answer["findings"] if row["state"] == state]


def database(stack):
    return os.path.join(stack.state, "powertrack.sqlite")


def settled(stack):
    """Level, open, and everything final; between its two lives the daemon does not listen."""
    try:
        return "replay" not in stack.status() and stack.settled()
    except OSError:
        return False


@contextlib.contextmanager
def reports_come_in(world, name):
    """One after another, until it ends; .count of those that were taken."""
    stop, said = threading.Event(), []

    def go_on():
        while not stop.is_set():
            world.say(name, power="OFF" if len(said) % 2 == 0 else "ON")
            said.append(name)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        wait_until("the first of them", lambda: said)
        yield said
    finally:
        stop.set()
        thread.join()


@case
def test_backup_comes_back():
    """Made while reports come in; the log goes on; then the copy comes back, level with the chain, and goes on from there."""
    with stack_in_folder() as stack:
        stack.write_config(batch_period="1s", chain_confirmations=1, chain_poll_ms=50)
        stack.start_daemon()
        world, copy = World(stack, "east", "west"), os.path.join(stack.folder, "copy.sqlite")
        world.register("tx-1", "tx-2")
        world.register("tx-3", area="west")
        world.say("tx-1", "OFF")
        wait_until("a batch is final", lambda: settled(stack))
        with reports_come_in(world, "tx-2") as said:
            for number in range(3):
                before = len(said)
                answer, _ = store(stack, "backup", f"{copy}.{number}", "--json")
                equal((answer["verdict"], states(answer, "holds")), ("holds", ["file", "same", *NAMES[1:]]), "what was found")
                equal(answer["bytes"], os.path.getsize(f"{copy}.{number}"), "its size")
                equal(os.stat(f"{copy}.{number}").st_mode & 0o777, 0o600, "its mode")
                with contextlib.closing(sqlite3.connect(f"file:{copy}.{number}?mode=ro", uri=True)) as file:
                    has = file.execute("select count(*) from entries where seq > 0 and subject & 0xffffffff = 1").fetchone()[0]
                    gone = file.execute("select coalesce(min(id) - 1, 0) from entries where id < 1 << 40").fetchone()[0]
                check(gone > 0 or has >= before, f"what was acknowledged before is in it: {has} of {before}")
                wait_until("more came meanwhile", lambda least=before: len(said) > least)
        world.say("tx-1", "ON")
        world.say("tx-3", "OFF", area="west")
        wait_until("all is final", lambda: settled(stack))
        had = {row["batch"]: row["cid"] for row in stack.pages("/batches?area=east", "batches")}
        equal(stack.stop("powertrackd"), 0, "its exit code")
        for ending in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(database(stack) + ending)
        for folder in ("index", "tiles"):
            shutil.rmtree(os.path.join(stack.state, folder))
        shutil.copyfile(f"{copy}.1", database(stack))
        stack.start_daemon()
        wait_until("it is level and open", lambda: settled(stack) and stack.status()["state"] == "ok")
        now = {row["batch"]: row["cid"] for row in stack.pages("/batches?area=east", "batches")}
        equal({number: now.get(number) for number in had}, had, "the batches")
        world.say("tx-1", "OFF")
        world.say("tx-2")
        wait_until("it goes on and anchors", lambda: settled(stack) and len(list(stack.pages("/batches?area=east", "batches"))) > len(had))
        equal(stack.audit()["verdict"], "holds", "the audit")
        answer, _ = store(stack, "check", "--json")
        equal((answer["verdict"], states(answer, "holds")), ("holds", NAMES), "what was found then")


@case
def test_answers():
    """What each verb says and ends with: well, in part, damaged, asked wrongly, at the wrong time."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config(batch_period="1s")
        stack.start_daemon()
        world, copy = World(stack, "east"), os.path.join(stack.folder, "copy")
        world.register("tx-1", "tx-2")
        world.say("tx-1", "OFF")
        world.say("tx-2")
        wait_until("all is sealed", lambda: stack.status()["pending"] == 0)
        for number in range(20):
            world.say("tx-2", "OFF" if number % 2 == 0 else "ON")
        text, _ = store(stack, "check")
        equal((len(text.splitlines()), text.count(": ok\n")), (len(NAMES), len(NAMES)), f"lines for a person: {text}")
        answer, _ = store(stack, "check", "--quick", "--json", exits=3)
        equal((answer["verdict"], states(answer, "not-checked")), ("not-checked", ["blocks", "entries", "roots"]), "in part")
        store(stack, "backup", copy)
        _, error = store(stack, "backup", copy, exits=2)
        check("is there already" in error, f"it writes over nothing: {error}")
        _, error = store(stack, "backup", os.path.join(stack.folder, "nowhere", "copy"), exits=2)
        check("can't be written" in error, f"a folder that is not there: {error}")
        answer, _ = store(stack, "check", "--file", copy, "--json")
        equal(answer["verdict"], "holds", "the copy")
        _, error = store(stack, "vacuum", "--yes", exits=2)
        check("Another daemon" in error, f"while it runs: {error}")
        for arguments in (["backup"], ["check", "more"], ["check", "--nonsense"], ["nothing"]):
            store(stack, *arguments, exits=2)
        equal(stack.stop("powertrackd"), 0, "its exit code")

        _, error = store(stack, "vacuum", exits=2)
        check("--yes" in error, f"nobody can be asked: {error}")
        answer, _ = store(stack, "vacuum", "--yes", "--json")
        equal((answer["bytes"], os.path.exists(database(stack) + "-wal")), (os.path.getsize(database(stack)), False), "the file by itself")
        answer, _ = store(stack, "check", "--json")
        equal(answer["verdict"], "holds", "after it")
        other = os.path.join(stack.folder, "other.sqlite")
        answer, _ = store(stack, "copy", f"sqlite:{database(stack)}", f"sqlite:{other}", "--json")
        equal((answer["verdict"], answer["entries"], states(answer, "holds")), ("holds", 24, ["same", "contents", *NAMES[1:]]), "a copy by the verbs of any store")
        store(stack, "check", "--file", other)
        for addresses in (["nothing:", f"sqlite:{other}"], [f"sqlite:{database(stack)}"], ["sqlite:/nowhere/x", f"sqlite:{other}"]):
            store(stack, "copy", *addresses, exits=2)
        before, state = database(stack), stack.state
        stack.state = os.path.join(stack.folder, "moved")
        shutil.copytree(state, stack.state)
        os.rename(other, database(stack))
        stack.write_config(daemon_state_dir=stack.state)
        stack.start_daemon()
        world.say("tx-2", "ON")
        world.say("tx-1", "ON")
        wait_until("the daemon goes on with the copy", lambda: stack.status()["pending"] == 0)
        equal(stack.stop("powertrackd"), 0, "its exit code")
        _, error = store(stack, "copy", f"sqlite:{before}", f"sqlite:{database(stack)}", exits=1)
        check("of its own" in error, f"what went on by itself is not written over: {error}")
        with contextlib.closing(sqlite3.connect(database(stack))) as file, file:
            file.execute("delete from entries where id = (select max(id) - 3 from entries)")
        answer, _ = store(stack, "check", "--json", exits=1)
        equal((answer["verdict"], states(answer, "fails")), ("fails", ["numbers"]), "an entry that is not there")
        stack.write_config(store_address="mongodb://127.0.0.1/elsewhere")
        for verb in (["check"], ["backup", copy + ".2"], ["vacuum", "--yes"]):
            _, error = store(stack, *verb, exits=2)
            check("database server" in error, f"a store that is no file: {error}")
        os.remove(stack.config)
        store(stack, "check", exits=2)


def refused(stack, exits, words):
    """The daemon does not start, and says why."""
    command = [program_path(stack.build, "powertrackd"), "--config", stack.config]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)
    equal(done.returncode, exits, f"its exit code: {done.stderr}")
    check(words in done.stderr and database(stack) in done.stderr, f"it says {words!r}: {done.stderr}")


@case
def test_databases_that_are_not_ours():
    """Another program's, a newer version's, cut off: refused with a sentence, and as they were."""
    with stack_in_folder(chain=False) as stack:
        stack.write_config()
        stack.start_daemon()
        world = World(stack, "east")
        world.register(*[f"tx-{number}" for number in range(200)])
        equal(stack.stop("powertrackd"), 0, "its exit code")
        whole = os.path.join(stack.folder, "whole")
        shutil.copyfile(database(stack), whole)

        def damaged(how):
            shutil.copyfile(whole, database(stack))
            how(database(stack))
            with open(database(stack), "rb") as file:
                return file.read()

        def say(sql):
            def how(path):
                with contextlib.closing(sqlite3.connect(path)) as file:
                    file.executescript(sql)

            return how

        for exits, words, how in ((1, "newer version", say("pragma user_version = 99")), (1, "another program", say("pragma application_id = 7")),
                                  (1, "another program", lambda path: (os.remove(path), say("create table photos (id integer)")(path))),
                                  (3, "The store refuses to go on", lambda path: os.truncate(path, os.path.getsize(path) // 2)),
                                  (3, "The store refuses to go on", lambda path: os.truncate(path, 50))):
            before = damaged(how)
            refused(stack, exits, words)
            with open(database(stack), "rb") as file:
                check(file.read() == before, f"it is as it was: {words}")
        shutil.copyfile(whole, database(stack))
        stack.start_daemon()
        equal(stack.status()["sites"], 200, "with the right one it starts again")


if __name__ == "__main__":
    main()
