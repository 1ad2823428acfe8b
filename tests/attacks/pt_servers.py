# SPDX-License-Identifier: Apache-2.0
"""Servers that attacks stand beside a daemon: a gateway over a folder of blocks, and a way to the chain that can be shut."""
import contextlib
import http.server
import os
import threading
import urllib.request

import pt_attack  # noqa: F401  (the paths)
from pt_case import PATIENCE


@contextlib.contextmanager
def serving(handler):
    """A server on a free port; its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", content="application/octet-stream"):
        self.send_response(status)
        self.send_header("Content-Type", content)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Blocks:
    """Blocks as a daemon keeps them; `alter` changes what is sent, None answers 404."""

    def __init__(self, folder=None, alter=lambda body: body):
        self.folder, self.alter, self.asked = folder, alter, []

    def read(self, cid):
        for root, _, names in os.walk(self.folder or ""):
            if cid in names:
                with open(os.path.join(root, cid), "rb") as file:
                    return self.alter(file.read())
        return None

    def serve(self):
        blocks = self

        class Handler(Quiet):
            def do_GET(self):
                cid = self.path.removeprefix("/ipfs/").partition("?")[0]
                blocks.asked.append(cid)
                body = blocks.read(cid)
                self.answer(404 if body is None else 200, body or b"")

        return serving(Handler)


class Way:
    """Hands requests on to a chain's endpoint while it is open; answers 503 while it is shut. `alter` changes answers."""

    def __init__(self, target, alter=lambda request, answer: answer):
        self.target, self.alter, self.open = target, alter, True

    def serve(self):
        way = self

        class Handler(Quiet):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if not way.open:
                    self.answer(503)
                    return
                request = urllib.request.Request(way.target, body, {"Content-Type": "application/json"})
                with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                    self.answer(200, way.alter(body, answer.read()), "application/json")

        return serving(Handler)
