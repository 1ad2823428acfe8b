# SPDX-License-Identifier: Apache-2.0
"""Clients that read one address of a daemon without a pause: one process, sockets of its own, no more than reading.

    pt_readers.py HOST PORT COUNT PATH      prints what was read once its standard input is closed
"""
import json
import selectors
import socket
import sys

from pt_case import PATIENCE

ROOM = 1 << 20


class Reader:
    """One connection that asks again as soon as it has an answer."""

    def __init__(self, address, path):
        self.socket = socket.create_connection(address, PATIENCE)
        self.ask = f"GET {path} HTTP/1.1\r\nHost: {address[0]}\r\n\r\n".encode()
        self.answers, self.busy, self.bytes = 0, 0, 0
        self.begin()

    def begin(self):
        self.head, self.left = b"", None
        self.socket.sendall(self.ask)

    def read(self, room):
        """Takes what is there; whether the daemon still answers."""
        count = self.socket.recv_into(room)
        if count == 0:
            return False
        self.bytes += count
        if self.left is None:
            self.head += bytes(room[:count])
            head, end, rest = self.head.partition(b"\r\n\r\n")
            if not end:
                return True
            fields = head.lower().split(b"\r\n")
            self.busy += b" 503 " in fields[0]
            self.left = next(int(field.split(b":")[1]) for field in fields if field.startswith(b"content-length:")) - len(rest)
        else:
            self.left -= count
        if self.left == 0:
            self.answers += 1
            self.begin()
        return True


def run(address, count, path, stop):
    """Reads until @stop, a file, has something to read or ends."""
    selector, room = selectors.DefaultSelector(), memoryview(bytearray(ROOM))
    readers = [Reader(address, path) for _ in range(count)]
    for reader in readers:
        selector.register(reader.socket, selectors.EVENT_READ, reader)
    selector.register(stop, selectors.EVENT_READ, None)
    print("ready", flush=True)
    cut = 0
    while True:
        for key, _ in selector.select():
            if key.data is None:
                return {"answers": sum(reader.answers for reader in readers), "busy": sum(reader.busy for reader in readers), "cut": cut,
                        "mib": sum(reader.bytes for reader in readers) >> 20, "least": min(reader.answers for reader in readers)}
            if not key.data.read(room):
                cut += 1
                selector.unregister(key.data.socket)


if __name__ == "__main__":
    print(json.dumps(run((sys.argv[1], int(sys.argv[2])), int(sys.argv[3]), sys.argv[4], sys.stdin)))
