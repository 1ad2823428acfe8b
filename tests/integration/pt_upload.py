# SPDX-License-Identifier: Apache-2.0
"""Reports as a stream of lines, whose answer is read meanwhile."""
import functools
import http.client
import io
import json
import select
import ssl
import threading

from pt_case import PATIENCE, check, equal


class Turns(io.RawIOBase):
    """A connection over TLS that one thread reads while another writes: of OpenSSL they may use it in turns only (an end of file was seen that was none)."""

    def __init__(self, link):
        super().__init__()
        self.link, self.lock = link, threading.Lock()
        link.setblocking(False)

    def turn(self, act):
        while True:
            try:
                with self.lock:
                    return act()
            except ssl.SSLWantReadError:
                ready = select.select([self.link], [], [], PATIENCE)
            except ssl.SSLWantWriteError:
                ready = select.select([], [self.link], [], PATIENCE)
            check(any(ready), "the other end of TLS goes on")

    def sendall(self, data):
        rest = memoryview(data)
        while rest:
            rest = rest[self.turn(functools.partial(self.link.send, rest)):]

    def readable(self):
        return True

    def readinto(self, buffer):
        return self.turn(lambda: self.link.recv_into(buffer))

    def makefile(self, _mode):
        return io.BufferedReader(self)

    def close(self):
        self.link.close()
        super().close()


class Upload:
    """A POST of lines whose answer is read meanwhile, on a thread of its own."""

    def __init__(self, link, *headers, length=None):
        self.link = Turns(link) if isinstance(link, ssl.SSLSocket) else link
        self.length, self.lines, self.status, self.error = length, [], None, None
        framing = f"Content-Length: {length}" if length else "Transfer-Encoding: chunked"
        self.link.sendall("\r\n".join(["POST /api/v1/reports HTTP/1.1", "Host: a", "Content-Type: application/x-ndjson", framing, *headers, "", ""]).encode())
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        try:
            answer = http.client.HTTPResponse(self.link)
            answer.begin()
            self.status, self.headers = answer.status, answer.headers
            while line := answer.readline():
                with self.changed:
                    self.lines.append(json.loads(line))
                    self.changed.notify_all()
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.error = error

    def send(self, data):
        self.link.sendall(data if self.length else b"%x\r\n%s\r\n" % (len(data), data))

    def answered(self, holds, text):
        with self.changed:
            check(self.changed.wait_for(lambda: holds(self.lines), PATIENCE), f"{text}: {self.lines[-3:]} {self.error}")

    def end(self):
        """All the lines of the answer; the last one tells of all."""
        if not self.length:
            self.link.sendall(b"0\r\n\r\n")
        self.reader.join(PATIENCE)
        check(not self.reader.is_alive() and self.error is None, f"the answer's end: {self.error} {self.lines[-3:]}")
        self.link.close()
        equal((self.status, self.headers["Content-Type"]), (200, "application/x-ndjson"), "its head")
        return self.lines[:-1], self.lines[-1]


def check_parts(parts, end):
    """They are all the lines, each once."""
    at = 0
    for part in sorted(parts, key=lambda part: part["from"]):
        equal(part["from"], at + 1, "where a part begins")
        at = part["to"]
        for row in part["rejected"]:
            check(part["from"] <= row["line"] <= at, f"the number of a line: {row} in {part['from']} to {at}")
    equal(end["lines"], at, "lines")
    for name in ("accepted", "duplicate"):
        equal(end[name], sum(part[name] for part in parts), name)
    equal(end["rejected"], sum(len(part["rejected"]) for part in parts), "rejected")
