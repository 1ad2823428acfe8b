# SPDX-License-Identifier: Apache-2.0
"""The control room as a person has it: a real window under Xvfb, found and used through AT-SPI and the X server's own keys.

What uses this runs below `xvfb-run dbus-run-session`; inside() starts a program again that way.
"""
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from pt_case import BUILD, Failure, check

from pt_stack import PATIENCE, program_path

SCREEN = "-screen 0 1600x1000x24 -nolisten tcp -noreset"
MOST_NODES = 6000  # of a tree that is walked


def inside(*arguments, env=None):
    """Runs this Python program again with a display, a session bus and folders of its own; its exit code."""
    folder = tempfile.mkdtemp(prefix="powertrack-window-")
    own = {"HOME": folder, "XDG_RUNTIME_DIR": os.path.join(folder, "run"), "XDG_CONFIG_HOME": os.path.join(folder, "config"),
           "XDG_DATA_HOME": os.path.join(folder, "data"), "XDG_CACHE_HOME": os.path.join(folder, "cache"), "PT_INSIDE": folder,
           "GDK_BACKEND": "x11", "GSK_RENDERER": "cairo", "GTK_A11Y": "atspi", "NO_AT_BRIDGE": "0", "G_DEBUG": "fatal-criticals",
           "LIBGL_ALWAYS_SOFTWARE": "1"}
    for name in own.values():
        if name.startswith(folder):
            os.makedirs(name, mode=0o700, exist_ok=True)
    command = ["xvfb-run", "-a", "-s", SCREEN, "dbus-run-session", "--", sys.executable, *arguments]
    try:
        return subprocess.run(command, env={**os.environ, **own, **(env or {})}, check=False).returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_inside():
    return "PT_INSIDE" in os.environ


def atspi():
    """The library, once the bus of accessibility is there."""
    subprocess.run(["gdbus", "call", "--session", "-d", "org.a11y.Bus", "-o", "/org/a11y/bus", "-m", "org.a11y.Bus.GetAddress"],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    import gi

    gi.require_version("Atspi", "2.0")
    from gi.repository import Atspi

    return Atspi


def forget():
    """Where the console remembers, empty now."""
    config = os.path.join(os.environ["XDG_CONFIG_HOME"], "powertrack", "console.ini")
    if os.path.exists(config):
        os.unlink(config)
    return config


class Console:
    """powertrack-console with its tree of accessible things."""

    NAME = "powertrack-console"

    def __init__(self, *arguments, env=None, log=None, build=BUILD):
        self.atspi = atspi()
        self.log = open(log or os.path.join(os.environ["PT_INSIDE"], "console.log"), "ab")
        self.child = subprocess.Popen([program_path(build, self.NAME), *arguments], env={**os.environ, **(env or {})}, stdout=self.log, stderr=self.log)

    def pid(self):
        return self.child.pid

    def __enter__(self):
        self.wait("its window", lambda: self.window() is not None)
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.log.close()

    # Finding

    def wait(self, what, holds, *, pause=0.05):
        until = time.monotonic() + PATIENCE
        while True:
            if self.child.poll() is not None:
                raise Failure(f"the console ended with {self.child.returncode}; it said: {self.last_words()}")
            value = self.quiet(holds)
            if value:
                return value
            check(time.monotonic() < until, f"{what} within {PATIENCE} s; the window says: {self.texts()[:80]}")
            time.sleep(pause)

    def last_words(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()[-2000:]

    def quiet(self, holds):
        """Things vanish while one looks at them."""
        from gi.repository import GLib

        try:
            return holds()
        except GLib.Error:
            return None

    def look(self, holds):
        """What @holds () gives, asked again where something vanished meanwhile."""
        from gi.repository import GLib

        until = time.monotonic() + PATIENCE
        while True:
            try:
                return holds()
            except GLib.Error as error:
                if self.child.poll() is not None or time.monotonic() > until:
                    raise Failure(f"the console can't be looked at: {error}") from error

    def application(self):
        desktop = self.atspi.get_desktop(0)
        for number in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(number)
            if child is not None and child.get_process_id() == self.pid():
                return child
        return None

    def windows(self):
        application = self.application()
        if application is None:
            return []
        children = [application.get_child_at_index(number) for number in range(application.get_child_count())]
        return [child for child in children if child is not None]

    def window(self, title=None):
        windows = [window for window in self.windows() if title is None or re.search(title, window.get_name() or "")]
        return windows[-1] if windows else None

    def walk(self, root=None):
        """Everything below @root that is really on the screen (or has no place of its own), depth first."""
        root = root or self.window()
        if root is None:
            return
        root.clear_cache()
        stack, seen = [root], 0
        while stack and seen < MOST_NODES:
            node = stack.pop()
            seen += 1
            if node is None or not self.shown(node):
                continue
            yield node
            stack.extend(node.get_child_at_index(number) for number in reversed(range(min(node.get_child_count(), 400))))

    def shown(self, node):
        component = node.get_component_iface()
        return component is None or component.get_extents(self.atspi.CoordType.WINDOW).width > 0

    def find(self, name=None, role=None, root=None):
        """The first thing whose name matches @name (a pattern) and whose role is @role ("push button", "list item", "label"...)."""
        return self.seen(lambda found: next(found, None), name, role, root)

    def find_all(self, name=None, role=None, root=None):
        return self.seen(list, name, role, root)

    def seen(self, kept, name, role, root):
        """What @kept keeps of all that match. What vanishes does not end it; a @root that does is its caller's to find again."""
        def matches(node):
            return (role is None or node.get_role_name() == role) and (name is None or re.search(name, self.text(node)))

        def holds():
            return kept(node for node in self.walk(root) if matches(node))

        return holds() if root is not None else self.look(holds)

    def focused(self):
        """(role, words) of what has the keyboard; ("", "") where nothing has."""
        def told(node):
            return (node.get_role_name(), self.text(node))

        return self.look(lambda: next((told(node) for node in self.walk() if node.get_state_set().contains(self.atspi.StateType.FOCUSED)), ("", "")))

    def text(self, node):
        """A label's words, else the name."""
        return node.get_name() or self.content(node)

    @staticmethod
    def content(node):
        text = node.get_text_iface()
        return text.get_text(0, text.get_character_count()) if text is not None else ""

    def texts(self, root=None):
        """All words, without the names of classes that GTK gives to what has no name."""
        found = [self.quiet(lambda node=node: self.text(node)) for node in self.quiet(lambda: list(self.walk(root))) or []]
        return [words for words in found if words and not re.match(r"(Gtk|Adw|Shumate|Pt)[A-Z]\w+$", words)]

    def says(self, pattern, root=None):
        """Whether any words on the screen match."""
        return any(re.search(pattern, words) for words in self.texts(root))

    def wait_says(self, pattern):
        self.wait(f"“{pattern}”", lambda: self.says(pattern))

    def wait_find(self, name=None, role=None):
        return self.wait(f"{role or 'something'} “{name}”", lambda: self.find(name, role))

    # Doing

    def press(self, node):
        """A button's own action."""
        action = node.get_action_iface()
        check(action is not None and action.get_n_actions() > 0, f"{self.text(node)!r} can be pressed")
        action.do_action(0)

    def press_button(self, name):
        self.press(self.wait(f"the button “{name}”", lambda: self.find(name, "push button") or self.find(name, "toggle button")))

    def place(self, node):
        """(x, y, width, height) in the window."""
        box = node.get_component_iface().get_extents(self.atspi.CoordType.WINDOW)
        return box.x, box.y, box.width, box.height

    def window_id(self, title=None):
        """The newest of its windows that is no tooltip or popover: those are none of a window manager's business."""
        # A search that meets a window which goes just then finds nothing at all.
        return self.wait("the X server knows the window", lambda: self.window_ids(title))[-1]

    def window_ids(self, title):
        command = ["xdotool", "search", "--onlyvisible", "--pid", str(self.pid())]
        found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout.split()
        shown = [(number, subprocess.run(["xwininfo", "-id", number], stdout=subprocess.PIPE, text=True, check=False).stdout) for number in found]
        return [number for number, about in shown if "Override Redirect State: no" in about and (title is None or re.search(title, about.split("\n")[1]))]

    def resize(self, width, height):
        """Until it is about so wide: a window that is just shown may take its first size once more. It gets no smaller than what is in it."""
        def resized():
            self.xdotool("windowsize", self.window_id(), str(width), str(height), "windowmove", self.window_id(), "0", "0")
            return abs(self.place(self.window())[2] - width) <= 16

        self.wait(f"a window of {width} by {height}", resized, pause=0.5)

    def click(self, node):
        x, y, width, height = self.place(node)
        self.click_at(x + width // 2, y + height // 2)

    def click_at(self, x, y):
        self.xdotool("mousemove", "--window", self.window_id(), str(int(x)), str(int(y)), "click", "1")

    def drag(self, start, end, steps=20, held=lambda: None):
        """From one place of the screen to another, with a hand's many small movements; @held is called before it lets go."""
        self.xdotool("mousemove", *map(str, start), "mousedown", "1")
        for step in range(1, steps + 1):
            place = [start[axis] + (end[axis] - start[axis]) * step // steps for axis in (0, 1)]
            self.xdotool("mousemove", *map(str, place), "sleep", "0.02")
        self.xdotool("sleep", "0.2")
        held()
        self.xdotool("mouseup", "1")

    def key(self, *names):
        """Keys such as "ctrl+f" or "Return", to the window that has the focus."""
        # GTK takes no keys that are sent to a window; there is no window manager to give the focus away.
        self.xdotool("windowfocus", "--sync", self.window_id(), "key", "--clearmodifiers", *names)

    def type(self, text):
        self.xdotool("windowfocus", "--sync", self.window_id(), "type", "--delay", "5", text)

    @staticmethod
    def xdotool(*arguments):
        subprocess.run(["xdotool", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def enter(self, node, text):
        """Into an entry."""
        entry = node.get_editable_text_iface()
        check(entry is not None and entry.set_text_contents(text), f"{self.text(node)!r} takes text")

    def select(self, node, number):
        """A row of a list."""
        selection = node.get_selection_iface()
        check(selection is not None and selection.select_child(number), f"row {number} of {self.text(node)!r} can be chosen")

    def enabled(self, node):
        return node.get_state_set().contains(self.atspi.StateType.SENSITIVE)

    def colour(self, node):
        """(red, green, blue) in the middle of it, as it is on the screen."""
        x, y, width, height = self.place(node)
        command = ["import", "-window", self.window_id(), "-crop", f"1x1+{x + width // 2}+{y + height // 2}", "-depth", "8", "rgb:-"]
        return tuple(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)

    def screenshot(self, path):
        subprocess.run(["import", "-window", self.window_id(), path], check=True)


class web_server:  # pylint: disable=invalid-name
    """A web server of somebody else: one answer to everything."""

    def __init__(self, kind, body):
        self.kind, self.body = kind, body

    def __enter__(self):
        kind, body = self.kind, self.body

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def html_server():
    return web_server("text/html", b"<!doctype html><title>Welcome</title><p>Hello")


def json_server(answer):
    return web_server("application/json", json.dumps(answer).encode())
