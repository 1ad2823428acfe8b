# SPDX-License-Identifier: Apache-2.0
"""Plain sockets to a daemon, for requests that no HTTP library would send."""
import os
import re
import socket

import pt_attack  # noqa: F401  (the paths)
from pt_case import PATIENCE


class Raw:
    """One connection."""

    def __init__(self, stack, sent=b"", source=None, receive=None):
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE)
        if receive:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        if source:  # another address of this machine's own network
            self.socket.bind((source, 0))
        self.socket.connect(("127.0.0.1", stack.http_port))
        self.text = b""
        self.send(sent)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        """FALSE where the daemon does not listen any more."""
        try:
            self.socket.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def read(self, most=1 << 26):
        """All that is answered until the daemon ends the connection."""
        while len(self.text) < most:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                break
            if not data:
                break
            self.text += data
        return self.text

    def read_until(self, words):
        while words not in self.text:
            data = self.socket.recv(65536)
            if not data:
                raise AssertionError(f"the connection ended before {words!r}: {self.text[:300]!r}")
            self.text += data
        return self.text

    def ended(self):
        """Whether the daemon ended it; what came until now is read."""
        self.socket.setblocking(False)
        try:
            while data := self.socket.recv(65536):
                self.text += data
            return True
        except BlockingIOError:
            return False
        except ConnectionResetError:
            return True
        finally:
            self.socket.settimeout(PATIENCE)

    def close(self):
        self.socket.close()


def statuses(answer):
    """The status of each answer in what came on a connection."""
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answer)]


def talk(stack, sent):
    """What is answered to these bytes until the daemon ends the connection."""
    with Raw(stack, sent) as connection:
        return connection.read()


def get(target="/healthz", *headers):
    return "\r\n".join([f"GET {target} HTTP/1.1", "Host: a", *headers, "", ""]).encode()


def post(headers, body=b"", target="/api/v1/reports", version="HTTP/1.1", host="Host: a\r\n"):
    """A POST whose framing is @headers."""
    return f"POST {target} {version}\r\n{host}Content-Type: application/json\r\n{headers}\r\n".encode() + body


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))
