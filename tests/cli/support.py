# SPDX-License-Identifier: Apache-2.0
"""What the tests of the command line share: another implementation of the formats, in Python, that
also makes batches which lie; a chain; and a gateway that can be told to misbehave."""
import base64
import hashlib
import http.server
import itertools
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

SOURCE = os.environ['PT_SOURCE_DIR']
sys.path.insert(0, os.path.join(SOURCE, 'tools'))
sys.dont_write_bytecode = True

from pt_stack import PATIENCE  # noqa: E402

BUILD = os.environ['PT_BUILD_DIR']
POWERTRACK = os.path.join(BUILD, 'cli', 'powertrack')
VECTORS = os.path.join(SOURCE, 'tests', 'vectors')
ANVIL = os.path.join(SOURCE, 'contracts', 'node_modules', '@foundry-rs', 'anvil-linux-amd64', 'bin', 'anvil')
CHUNK = 1048576


def vector(name):
    with open(os.path.join(VECTORS, name), encoding='utf-8') as file:
        return json.load(file)


def read_bytes(path):
    with open(path, 'rb') as file:
        return file.read()


def vector_bytes(name):
    return read_bytes(os.path.join(VECTORS, name))


def powertrack(*arguments, timeout=PATIENCE):
    done = subprocess.run([POWERTRACK, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=timeout, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


# Canonical JSON, keys, signatures ---------------------------------------------------------------

def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(',', ':'), ensure_ascii=False).encode()


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def point_add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    if a == b:
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) % P
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def point_multiply(scalar, point):
    result = None
    while scalar:
        if scalar & 1:
            result = point_add(result, point)
        point = point_add(point, point)
        scalar >>= 1
    return result


class Key:
    """A P-256 key; made up unless a scalar is given."""

    def __init__(self, scalar=None):
        self.scalar = scalar or secrets.randbelow(N - 1) + 1
        x, y = point_multiply(self.scalar, G)
        self.public = b'\x04' + x.to_bytes(32, 'big') + y.to_bytes(32, 'big')
        self.text = base64url(self.public)

    def sign(self, data):
        digest = int.from_bytes(hashlib.sha256(data).digest(), 'big')
        while True:
            k = secrets.randbelow(N - 1) + 1
            r = point_multiply(k, G)[0] % N
            s = pow(k, -1, N) * (digest + r * self.scalar) % N
            if r and s:
                return r.to_bytes(32, 'big') + s.to_bytes(32, 'big')


def entry(signer, received, /, **fields):
    """The exact bytes of a stored entry."""
    data = b'powertrack %s v1\n' % fields['kind'].encode() + canonical(fields)
    return canonical({**fields, 'received': received, 'sig': base64url(signer.sign(data))})


# The tree, batches, CIDs ------------------------------------------------------------------------

def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(data):
    return sha256(b'\0' + data)


def root_of(leaves):
    if not leaves:
        return sha256(b'')
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b'\1' + root_of(leaves[:half]) + root_of(leaves[half:]))


def frontier_of(leaves):
    nodes, at = [], 0
    for bit in reversed(range(64)):
        if len(leaves) >> bit & 1:
            nodes.append(root_of(leaves[at:at + (1 << bit)]).hex())
            at += 1 << bit
    return nodes


def batch_file(area, number, entries, before, start, end):
    """A whole batch file; @before: all leaves before it."""
    leaves = before + [leaf_hash(line) for line in entries]
    first = b'{"area":"%s","batch":%d,"entries":[\n' % (area.encode(), number)
    last = canonical({'format': 'powertrack-batch-1', 'from': start, 'frontier': frontier_of(before),
                      'prev_root': root_of(before).hex(), 'prev_size': len(before),
                      'root': root_of(leaves).hex(), 'size': len(leaves), 'to': end})
    return first + b',\n'.join(entries) + b'\n],' + last[1:] + b'\n'


def varint(value):
    out = b''
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def cid_text(cid):
    return 'b' + base64.b32encode(cid).rstrip(b'=').decode().lower()


def raw_cid(block):
    return b'\x01\x55\x12\x20' + sha256(block)


def unixfs(data, chunk=CHUNK):
    """Blocks by CID, and the root's CID; one level of nodes is enough for these tests."""
    chunks = [data[i:i + chunk] for i in range(0, len(data), chunk)]
    blocks = {raw_cid(piece): piece for piece in chunks}
    if len(chunks) == 1:
        return blocks, raw_cid(data)
    node = b''
    for piece in chunks:
        link = b'\x0a\x24' + raw_cid(piece) + b'\x12\x00\x18' + varint(len(piece))
        node += b'\x12' + varint(len(link)) + link
    meta = b'\x08\x02\x18' + varint(len(data)) + b''.join(b'\x20' + varint(len(p)) for p in chunks)
    node += b'\x0a' + varint(len(meta)) + meta
    root = b'\x01\x70\x12\x20' + sha256(node)
    blocks[root] = node
    return blocks, root


class Log:
    """A small area's log, whose batches may be given wrong entries on purpose."""

    def __init__(self, area='test-area'):
        self.area = area
        self.authority, self.service, self.device = Key(), Key(), Key()
        self.leaves, self.number, self.now = [], 0, 1764000000000
        self.blocks, self.checkpoints = {}, []

    def registration(self, received, status='active', **changes):
        fields = {'kind': 'device', 'area': self.area, 'ts': received, 'device': 'tx-1', 'site': 'T-1',
                  'key': self.device.text, 'lat': 255900000, 'lon': 851400000, 'level': 'transformer',
                  'customers': 5, 'status': status, **changes}
        return entry(self.authority, received, **fields)

    def report(self, received, seq, **changes):
        fields = {'kind': 'report', 'area': self.area, 'ts': received - 10, 'device': 'tx-1', 'site': 'T-1',
                  'lat': 255900000, 'lon': 851400000, 'power': 'ON', 'seq': seq, **changes}
        return entry(self.device, received, **fields)

    def roster(self, received, was_heard, **changes):
        silent = root_of([]) if was_heard else root_of([leaf_hash(b'tx-1')])
        fields = {'kind': 'roster', 'area': self.area, 'ts': received, 'batch': self.number + 1, 'expected': 1,
                  'heard': int(was_heard), 'silent_root': silent.hex(), **changes}
        return entry(self.service, received, **fields)

    def seal(self, entries, end, start=None, chunk=CHUNK, change=lambda data: data):
        """Makes the next batch; @change may spoil the file's bytes before its CID is taken."""
        self.number += 1
        data = change(batch_file(self.area, self.number, entries, self.leaves, start or self.now, end))
        blocks, cid = unixfs(data, chunk)
        self.leaves += [leaf_hash(line) for line in entries]
        self.blocks.update(blocks)
        self.checkpoints.append({'batch': self.number, 'size': len(self.leaves), 'from': start or self.now,
                                 'to': end, 'root': root_of(self.leaves), 'cid': cid})
        self.now = end
        return data

    def good_batches(self, count=2):
        """Registration and first report, then reports."""
        for i in range(count):
            start, end = self.now, self.now + 900000
            lines = [] if self.leaves else [self.registration(start)]
            lines += [self.report(start + 1000 + k, i * 3 + k + 1) for k in range(3)]
            self.seal(lines + [self.roster(end, True)], end)
        return self


# A chain ----------------------------------------------------------------------------------------

def word(value):
    return value.to_bytes(32, 'big')


def abi_bytes(data):
    return word(len(data)) + data + bytes(-len(data) % 32)


class Chain:
    """anvil, and PowerAnchor deployed with our own program."""

    def __init__(self, directory):
        self.process = subprocess.Popen([ANVIL, '--port', '0'], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.url = None
        for line in self.process.stdout:
            found = re.search(rb'Listening on ([0-9.:]+)', line)
            if found:
                self.url = 'http://' + found.group(1).decode()
                break
        self.drain = threading.Thread(target=self.process.stdout.read, daemon=True)
        self.drain.start()
        self.account = self.call('eth_accounts')[0]
        self.contract = self.deploy(directory)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.drain.join()
        self.process.stdout.close()

    def call(self, method, *params):
        body = json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': method, 'params': params}).encode()
        request = urllib.request.Request(self.url, body, {'Content-Type': 'application/json'})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            answer = json.load(answer)
        if 'error' in answer:
            raise RuntimeError(answer['error'])
        return answer['result']

    def deploy(self, directory):
        names = {name: os.path.join(directory, name) for name in ('owner.json', 'password', 'key')}
        for name, text in (('password', 'test'), ('key', vector('ethereum-tx.json')['private_key'])):
            with open(os.open(names[name], os.O_CREAT | os.O_WRONLY, 0o600), 'w', encoding='ascii') as file:
                file.write(text + '\n')
        self.keystore, self.password = names['owner.json'], names['password']
        status, out, err = powertrack('keygen', '--ethereum', '--fast', '--out', self.keystore, '--import',
                                      names['key'], '--password-file', self.password)
        assert status == 0, err
        assert out.strip() == vector('ethereum-tx.json')['address'], out
        status, out, err = powertrack('chain', 'deploy', '--rpc', self.url, '--keystore', self.keystore,
                                      '--password-file', self.password, '--chain-id', '31337', '--wait', '--json')
        assert status == 0, err
        return json.loads(out)['contract']

    def selector(self, signature):
        return bytes.fromhex(self.call('web3_sha3', '0x' + signature.encode().hex())[2:10])

    def send(self, data):
        hash_ = self.call('eth_sendTransaction', {'from': self.account, 'to': self.contract,
                                                  'data': '0x' + data.hex(), 'gas': hex(25_000_000)})
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            receipt = self.call('eth_getTransactionReceipt', hash_)
            if receipt:
                assert receipt['status'] == '0x1', receipt
                return
            time.sleep(0.05)
        raise RuntimeError('not mined')

    def register(self, area, authority, service):
        operator = bytes(12) + bytes.fromhex(self.account[2:])
        head = area.encode().ljust(32, b'\0') + word(128) + word(128 + 128) + operator
        self.send(self.selector('registerArea(bytes32,bytes,bytes,address)') + head + abi_bytes(authority)
                  + abi_bytes(service))

    def anchor(self, area, checkpoint):
        fields = area.encode().ljust(32, b'\0')
        fields += b''.join(word(checkpoint[name]) for name in ('batch', 'size', 'from', 'to'))
        fields += checkpoint['root'] + word(224) + abi_bytes(checkpoint['cid'])
        signature = 'anchor((bytes32,uint64,uint64,uint64,uint64,bytes32,bytes)[])'
        self.send(self.selector(signature) + word(32) + word(1) + word(32) + fields)

    def publish(self, log):
        self.register(log.area, log.authority.public, log.service.public)
        for checkpoint in log.checkpoints:
            self.anchor(log.area, checkpoint)


class OwnChain(unittest.TestCase):
    """With a chain of its own, for all of its tests; `numbers` makes their areas' names."""

    @classmethod
    def setUpClass(cls):
        cls.numbers = itertools.count(1)
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        cls.chain = Chain(cls.directory.name)
        cls.addClassCleanup(cls.chain.stop)


# A gateway --------------------------------------------------------------------------------------

class Endpoint:
    """A chain's JSON-RPC that hands on what @url says; @lie (method, params, result) may say something else."""

    def __init__(self, url, lie):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                request = urllib.request.Request(url, body, {'Content-Type': 'application/json'})
                with urllib.request.urlopen(request, timeout=PATIENCE) as got:
                    answer = json.load(got)
                asked = json.loads(body)
                if 'result' in answer:
                    answer['result'] = lie(asked['method'], asked['params'], answer['result'])
                data = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header('Content-Type', 'application/json')
                self.send_header('Content-Length', str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

        self.server = Server(('127.0.0.1', 0), Handler)
        self.url = 'http://127.0.0.1:%d' % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Gateway:
    """Serves blocks; @lie (cid text, block, handler) may answer itself and return None."""

    def __init__(self, blocks, lie=None):
        gateway = self
        self.blocks = {cid_text(cid): block for cid, block in blocks.items()}
        self.lie, self.requests, self.accepts = lie, [], set()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_GET(self):
                gateway.requests.append(self.path)
                gateway.accepts.add(self.headers['Accept'])
                found = re.fullmatch(r'/ipfs/([a-z0-9]+)\?format=raw', self.path)
                block = gateway.blocks.get(found.group(1)) if found else None
                if gateway.lie:
                    block = gateway.lie(found and found.group(1), block, self)
                if block is not None:
                    self.answer(200, block)
                elif not self.close_connection:
                    self.answer(404, b'')

            def answer(self, status, body):
                self.send_response(status)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Server(('127.0.0.1', 0), Handler)
        self.url = 'http://127.0.0.1:%d' % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def unused_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]
