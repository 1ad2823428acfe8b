#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The demo's control room, with a demo official's key in it: PROGRAM FOLDER URL OFFICIAL PUBLIC PEM AREA...

The key goes into the session's keyring where that is open, marked as the demo's, and out of it again when the window is closed. Else the window gets a
session bus and a keyring of its own, which end with it. What it remembers lies below FOLDER. The first line of its output says where the key is.
"""
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

PATIENCE = 60  # seconds for a bus or keyring to answer
SCHEMA = "org.powertracker.OfficialKey"  # app and powertrack know it by this name
CHECK_OPEN = "--check-open"
MARK = {"demo": "yes"}  # of what may be taken away again


def secret_service():
    """(the library, the schema); what is searched for by it is ours alone."""
    import gi

    gi.require_version("Secret", "1")
    from gi.repository import Secret

    text = Secret.SchemaAttributeType.STRING
    return Secret, Secret.Schema.new(SCHEMA, Secret.SchemaFlags.NONE, dict.fromkeys(("area", "official", "key", *MARK), text))


@contextlib.contextmanager
def limit():
    """Something that is cancelled when it takes too long."""
    from gi.repository import Gio

    cancellable = Gio.Cancellable()
    timer = threading.Timer(PATIENCE, cancellable.cancel)
    timer.start()
    try:
        yield cancellable
    finally:
        timer.cancel()


def check_open():
    """Fails unless this session has a keyring that asks nobody anything."""
    Secret, _ = secret_service()
    with limit() as cancellable:
        service = Secret.Service.get_sync(Secret.ServiceFlags.OPEN_SESSION, cancellable)
        collection = Secret.Collection.for_alias_sync(service, Secret.COLLECTION_DEFAULT, Secret.CollectionFlags.NONE, cancellable)
    if collection is None or collection.get_locked():
        raise SystemExit("it is locked")


def forget():
    """The demo's keys, those of one that was killed too; nobody else's have the mark."""
    Secret, schema = secret_service()
    with limit() as cancellable:
        Secret.password_clear_sync(schema, MARK, cancellable)


def remember(official, public, pem, areas):
    Secret, schema = secret_service()
    with open(pem, encoding="ascii") as file:
        text = file.read()
    forget()
    for area in areas:
        label = f"Power Tracker demo: key of {official}, area {area} (worth nothing)"
        with limit() as cancellable:
            Secret.password_store_sync(schema, {"area": area, "official": official, "key": public, **MARK}, Secret.COLLECTION_DEFAULT, label, text, cancellable)


def end(child):
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def leave_bus_alone():
    """A library that ends its process with the bus would cut the clearing up short."""
    from gi.repository import Gio

    Gio.bus_get_sync(Gio.BusType.SESSION, None).set_exit_on_close(False)


@contextlib.contextmanager
def own_keyring(folder):
    """A session bus with an open keyring for this process and what it starts, in folders that nobody else reads."""
    own = {name: os.path.join(folder, name.lower()) for name in ("XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    shutil.rmtree(folder, ignore_errors=True)
    for path in own.values():
        os.makedirs(path, mode=0o700)
    bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1"], stdout=subprocess.PIPE, text=True)
    keyring = None
    try:
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        keyring = subprocess.Popen(["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env={**os.environ, **own})
        keyring.stdin.write(b"demo")
        keyring.stdin.close()
        subprocess.run(["gdbus", "wait", "--session", "--timeout", str(PATIENCE), "org.freedesktop.secrets"], check=True)
        leave_bus_alone()
        yield
    finally:
        for child in (keyring, bus):
            if child is not None:
                end(child)
        shutil.rmtree(folder, ignore_errors=True)


def session_is_open():
    """Asked in a process of its own, for a process knows one session bus and keeps it."""
    if "DBUS_SESSION_BUS_ADDRESS" not in os.environ:
        return False
    return subprocess.run([sys.executable, __file__, CHECK_OPEN], stdout=subprocess.DEVNULL, check=False).returncode == 0


def say(text):
    """The one line for who started us; it may be gone."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


def show(program, folder, url, public=None):
    """The window until it is closed, with what it remembers apart from what a console remembers otherwise."""
    config = os.path.join(folder, "config")
    os.makedirs(os.path.join(config, "powertrack"), mode=0o700, exist_ok=True)
    if public is not None:
        with open(os.path.join(config, "powertrack", "console.ini"), "w", encoding="ascii") as file:
            file.write(f"[keys]\nchosen={public}\n")
    child = subprocess.Popen([program, "--url", url], stdout=subprocess.DEVNULL, env={**os.environ, "XDG_CONFIG_HOME": config})
    try:
        return child.wait()
    finally:
        end(child)


def run(program, folder, url, official, public, pem, areas):
    with contextlib.ExitStack() as stack:
        try:
            mine = not session_is_open()
            if mine:
                stack.enter_context(own_keyring(os.path.join(folder, "keyring")))
            stack.callback(forget)
            remember(official, public, pem, areas)
        except Exception as error:  # pylint: disable=broad-exception-caught
            # Neither is there, or the library isn't: the window is worth having without.
            stack.close()
            print(f"the key is in no keyring: {error}", file=sys.stderr)
            say("none")
            return show(program, folder, url)
        say("own" if mine else "session")
        return show(program, folder, url, public)


SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def stopped(_number, _frame):
    for number in SIGNALS:  # a second one must not cut the clearing up short
        signal.signal(number, signal.SIG_IGN)
    raise SystemExit(0)


def main():
    if sys.argv[1:] == [CHECK_OPEN]:
        check_open()
        return 0
    program, folder, url, official, public, pem, *areas = sys.argv[1:]
    for number in SIGNALS:
        signal.signal(number, stopped)
    started = time.monotonic()
    code = run(program, folder, url, official, public, pem, areas)
    print(f"the window was open for {time.monotonic() - started:.0f} s, exit code {code}", file=sys.stderr)
    return 0 if code == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
