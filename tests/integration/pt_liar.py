# SPDX-License-Identifier: Apache-2.0
"""A proxy before a daemon that may lie: the tests say what it changes. Also a small server that runs the tests' wishes."""
import http.client
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pt_audit import split_file
from pt_case import PATIENCE
from pt_formats import Tree, cid_text, dump, file_cid, leaf_hash
from pt_world import ask

HOP = {"transfer-encoding", "connection", "content-length", "keep-alive"}


class Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass


def serve(handler):
    """A server on a free port, on a thread of its own; (server, url)."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_address[1]}"


class Liar:
    """Passes everything on to @upstream but what a rule changes: (pattern of the path, function (status, headers, body) -> the same).
    @prefix: it lies below this path, which the upstream does not hear of."""

    def __init__(self, upstream_port, prefix=""):
        self.rules, self.port, self.prefix = [], upstream_port, prefix
        liar = self

        class Handler(Quiet):
            def do_GET(self):  # noqa: N802  (the base class's name)
                liar.pass_on(self)

            do_HEAD = do_POST = do_GET

        self.server, self.url = serve(Handler)
        self.url += prefix

    def lie(self, *rules):
        self.rules = list(rules)

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def pass_on(self, request):
        if not request.path.startswith(self.prefix + "/"):
            send(request, 404, [("Content-Type", "text/plain")], b"not below the path\n")
            return
        request.path = request.path[len(self.prefix):]
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        size = int(request.headers.get("Content-Length") or 0)
        body = request.rfile.read(size) if size else None
        rule = next((change for pattern, change in self.rules if re.search(pattern, request.path)), None)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP | {"host"}}
        if rule:
            headers.pop("Accept-Encoding", None)
        try:
            connection.request(request.command, request.path, body, headers)
            self.answer(request, connection.getresponse(), rule)
        except OSError:
            request.close_connection = True
        finally:
            connection.close()

    def answer(self, request, answer, rule):
        headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP]
        if answer.getheader("Content-Type", "").startswith("text/event-stream") and not rule:
            self.stream(request, answer, headers)
            return
        # A stream has no end to wait for.
        streams = answer.getheader("Content-Type", "").startswith("text/event-stream")
        status, body = answer.status, b"" if streams else answer.read()
        if rule:
            status, headers, body = rule(status, headers, body)
        send(request, status, headers, body)

    @staticmethod
    def stream(request, answer, headers):
        request.close_connection = True
        request.send_response(answer.status)
        for name, value in headers:
            request.send_header(name, value)
        request.send_header("Connection", "close")
        request.end_headers()
        while chunk := answer.read1(65536):
            request.wfile.write(chunk)
            request.wfile.flush()


def send(request, status, headers, body):
    request.send_response(status)
    for name, value in headers:
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(body)


class Wishes:
    """What a browser's test may ask of us: POST /name with a JSON object calls the function of that name with its members."""

    def __init__(self, **functions):
        class Handler(Quiet):
            def do_POST(self):  # noqa: N802
                size = int(self.headers.get("Content-Length") or 0)
                given = json.loads(self.rfile.read(size) or b"{}")
                try:
                    answer, status = functions[self.path.strip("/")](**given), 200
                except Exception as error:  # the browser's test fails with it
                    answer, status = {"error": f"{type(error).__name__}: {error}"}, 500
                send(self, status, [("Content-Type", "application/json")], json.dumps(answer).encode())

        self.server, self.url = serve(Handler)


# Lies about the log


def flipped_file(status, headers, body):
    """The batch's bytes with one report turned round."""
    if b'"power":"OFF"' in body:
        return status, headers, body.replace(b'"power":"OFF"', b'"power":"ON"', 1)
    return status, headers, body.replace(b'"power":"ON"', b'"power":"OFF"', 1)


def path_in_tree(hashes, index):
    """RFC 9162 section 2.1.3.1: the inclusion path of leaf @index among leaf hashes."""
    if len(hashes) <= 1:
        return []
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    if index < split:
        return path_in_tree(hashes[:split], index) + [hash_of(hashes[split:])]
    return path_in_tree(hashes[split:], index - split) + [hash_of(hashes[:split])]


def hash_of(hashes):
    tree = Tree()
    for hash_ in hashes:
        tree.append(hash_)
    return bytes.fromhex(tree.root())


class BackDated:
    """What an operator would serve who moved one report's time of arrival and made everything else anew to fit it:
    bundle, batch file and identifier agree with each other; only the chain does not."""

    def __init__(self, stack, area, device, seq):
        bundle = json.loads(ask(stack, f"/api/v1/proof?area={area}&device={device}&seq={seq}")[2])
        files = [ask(stack, f"/ipfs/{stack.get(f'/batches/{area}/{number}')['cid']}")[2] for number in range(1, bundle["batch"] + 1)]
        first, lines, last = split_file(files[-1])
        before = [leaf_hash(line) for data in files[:-1] for line in split_file(data)[1]]
        entry = json.loads(bundle["entry"])
        entry["received"] -= 1
        forged = dump(entry)
        lines[lines.index(bundle["entry"].encode())] = forged
        hashes = before + [leaf_hash(line) for line in lines]
        root = hash_of(hashes).hex()
        self.file = first + b"\n" + b",\n".join(lines) + b"\n" + last.replace(bundle["root"].encode(), root.encode()) + b"\n"
        cid = cid_text(file_cid(self.file))
        path = [hash_.hex() for hash_ in path_in_tree(hashes, bundle["index"])]
        self.bundle = dump({**bundle, "entry": forged.decode(), "root": root, "cid": cid, "path": path})
        self.rules = [(r"^/api/v1/proof", self.give(self.bundle)), (f"^/ipfs/{cid}", self.give(self.file))]

    @staticmethod
    def give(data):
        return lambda _status, headers, _body: (200, [row for row in headers if row[0].lower() not in ("etag", "content-type")]
                                                + [("Content-Type", "application/json")], data)
