# SPDX-License-Identifier: Apache-2.0
"""A reader of the event stream."""
import json
import re
import select
import socket
import struct
import time

from pt_case import PATIENCE, check


class Stream:
    """One reader of /api/v1/events on a plain socket."""

    def __init__(self, stack, receive=None, link=None):
        self.text = self.head = b""
        self.socket = link or socket.socket()
        if receive:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        self.socket.settimeout(PATIENCE)
        if not link:
            self.socket.connect(("127.0.0.1", stack.http_port))
        self.socket.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n")

    def welcomed(self):
        while b": welcome\n\n" not in self.text:
            self.more()
        self.head, _, self.text = self.text.partition(b"\r\n\r\n")
        check(self.head.startswith(b"HTTP/1.1 200 ") and b"text/event-stream" in self.head, f"the head: {self.head}")
        return self

    def more(self):
        data = self.socket.recv(65536)
        check(data, "the stream goes on")
        self.text += data

    def events(self):
        """[(name, data)] of what has come whole."""
        # The sizes of HTTP's chunks stand between events only: the daemon writes each as one.
        return [(name.decode(), json.loads(data)) for name, data in re.findall(rb"\nevent: ([a-z-]+)\ndata: (.*)\n\n", self.text)]

    def wait_for(self, wanted):
        """Until an event comes for which @wanted (name, data) is true; its data."""
        until = time.monotonic() + PATIENCE
        while True:
            for name, data in self.events():
                if wanted(name, data):
                    return data
            left = until - time.monotonic()
            check(left > 0 and select.select([self.socket], [], [], left)[0], f"an event within {PATIENCE} s; came: {self.events()[-3:]}")
            self.more()

    def read_away(self):
        while select.select([self.socket], [], [], 0)[0]:
            self.more()

    def close(self):
        self.socket.close()

    def reset(self):
        """Ends at once, with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
