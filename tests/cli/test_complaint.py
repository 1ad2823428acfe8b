# SPDX-License-Identifier: Apache-2.0
"""`powertrack complaint` and `profile` against a daemon that is made here, so that it can lie: what is shown before it is signed, what
is sent, and what the program does not believe. The real daemon is in tests/integration/test-complaints-cli.py."""
import contextlib
import email
import email.policy
import hashlib
import http.server
import json
import os
import pty
import re
import subprocess
import tempfile
import threading
import unittest

from support import PATIENCE, POWERTRACK, Key, base64url, canonical, entry, leaf_hash, powertrack, vector

START = 1764000000000
NUMBER, OTHER = (row['number'] for row in vector('complaint-numbers.json')['made'][2:4])
JPEG = b'\xff\xd8\xff\xe0' + bytes(100)


def typed(number):
    return f'{number[:4]} {number[4:7]}-{number[7:]}'


class Office:
    """The contract's mouth; @lie (path, answer) may change what is answered."""

    def __init__(self, area='demo', lie=lambda path, answer: answer):
        office = self
        self.area, self.lie, self.service, self.authority = area, lie, Key(), Key()
        self.complaints, self.requests, self.now, self.row, self.known = {}, [], START, {}, {}
        self.ticket, self.bits, self.sessions = 'dGlja2V0', 8, []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_GET(self):
                self.respond(*office.get(self.path))

            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                self.respond(*office.post(self.path, self.headers, body))

            def respond(self, status, value):
                data = json.dumps(office.lie(self.path, value)).encode()
                self.send_response(status)
                self.send_header('Content-Type', 'application/json' if status < 400 else 'application/problem+json')
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

    def file(self, number, key, site='T-1'):
        self.take(entry(key, START, kind='action', area=self.area, ts=START - 1, complaint=number, n=1, prev='0' * 64, action='file', by='citizen',
                        key=key.text, site=site, category='no-supply', note_hash='0' * 64))

    def take(self, stored):
        number = json.loads(stored)['complaint']
        self.complaints.setdefault(number, []).append(stored)
        return number

    def object(self, number):
        chain = [{**{k: v for k, v in json.loads(line).items() if k in ('n', 'action', 'by', 'received', 'note', 'to', 'of')},
                  'leaf': leaf_hash(line).hex(), 'entry': line.decode()} for line in self.complaints[number]]
        first = json.loads(self.complaints[number][0])
        return {'area': self.area, 'complaint': number, 'category': first['category'], 'site': first.get('site', '-'), 'state': 'open', 'filed_at': START,
                'changed_at': START, 'n': len(chain), 'people': 1, 'confirmed': 0, 'reopened': 0, 'by': 'citizen', 'overdue': False, **self.row,
                'chain': chain}

    def receipt(self, stored):
        leaf = leaf_hash(stored).hex()
        signed = {'area': self.area, 'by': START + 60000, 'format': 'powertrack-receipt-1', 'received': json.loads(stored)['received'], 'root': leaf,
                  'size': 1}
        sig = base64url(self.service.sign(b'powertrack receipt v1\n' + canonical(signed)))
        return {**signed, 'index': 0, 'leaf': leaf, 'path': [], 'sig': sig}

    def get(self, path):
        if path == '/api/v1/status':
            return 200, {'now': self.now}
        found = re.fullmatch(r'/api/v1/complaints/(?:[a-z-]+/)?([0-9]{10})', path)
        if found and found.group(1) in self.complaints:
            return 200, self.object(found.group(1))
        return 404, {'type': 'https://x/problems/not-found', 'detail': 'There is none.'}

    def parts(self, headers, body):
        if not headers['Content-Type'].startswith('multipart/'):
            return json.loads(body), []
        message = email.message_from_bytes(b'Content-Type: ' + headers['Content-Type'].encode() + b'\r\n\r\n' + body, policy=email.policy.HTTP)
        named, photos = {}, []
        for part in message.iter_parts():
            name = part.get_param('name', header='Content-Disposition')
            if name == 'photo':
                photos.append((part.get_content_type(), part.get_payload(decode=True)))
            else:
                named[name] = part.get_payload(decode=True).decode()
        return named, photos

    def post(self, path, headers, body):
        if path == '/api/v1/complaints/tickets':
            asked = json.loads(body)
            self.requests.append((path, asked))
            return 200, {'area': self.area, 'complaint': asked.get('complaint', NUMBER), 'ticket': self.ticket, 'bits': self.bits,
                         'expires': START + 1, 'known': self.known}
        if path.startswith('/api/v1/sessions'):
            return self.session(path, json.loads(body))
        if path.endswith('/erase'):
            self.requests.append((path, {**json.loads(body), 'bearer': headers['Authorization']}))
            return 200, {}
        said, photos = self.parts(headers, body)
        self.requests.append((path, {**said, 'photos': photos}))
        posted = json.loads(said['entry'])
        stored = canonical({**posted, 'received': self.now + 5})
        number = self.take(stored)
        return 201, {'entry': stored.decode(), 'receipt': self.receipt(stored), 'complaint': self.object(number)}

    def session(self, path, asked):
        self.sessions.append(asked)
        if path.endswith('/challenge'):
            return 200, {'expires': START, 'challenge': 'powertrack login v1\n' + json.dumps(
                {'area': asked['area'], 'challenge': 'abc', 'host': self.url.split('//')[1], 'official': asked['official'], 'ts': START}, separators=(',', ':'))}
        return 200, {'token': 'secret', 'expires': START, 'role': 'officer', 'name': 'x'}


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.office = Office()
        self.addCleanup(self.office.stop)
        self.key = self.path('key.pem')
        status, public, err = powertrack('keygen', '--out', self.key)
        self.assertEqual(status, 0, err)
        self.public = public.strip()

    def path(self, name, data=None):
        path = os.path.join(self.folder, name)
        if data is not None:
            with open(path, 'wb') as file:
                file.write(data)
        return path

    def complaint(self, verb, *arguments):
        return powertrack('complaint', verb, '--url', self.office.url, *arguments)

    def sent(self):
        path, said = self.office.requests[-1]
        return path, said, json.loads(said['entry'])


class File(Case):
    def file(self, *more):
        return self.complaint('file', '--area', 'demo', '--category', 'no-supply', '--site', 'T-1', '--text', 'dark "since" six', '--key', self.key,
                              '--yes', *more)

    def test_what_is_signed_is_shown_and_sent(self):
        receipt, private = self.path('receipt.json'), self.path('private.json')
        status, out, err = self.file('--receipt', receipt, '--private', private, '--contact', '98350')
        self.assertEqual(status, 0, err)
        path, said, posted = self.sent()
        self.assertEqual(path, '/api/v1/complaints')
        shown = re.search(r'powertrack action v1\n(\{.*\})', err).group(1)
        self.assertEqual(json.loads(shown), {k: v for k, v in posted.items() if k != 'sig'})
        self.assertEqual((posted['action'], posted['n'], posted['prev'], posted['site'], posted['key']), ('file', 1, '0' * 64, 'T-1', self.public))
        self.assertEqual(hashlib.sha256(said['private'].encode()).hexdigest(), posted['note_hash'])
        words = json.loads(said['private'])
        self.assertEqual((words['text'], words['contact'], words['photos'], len(words['salt'])), ('dark "since" six', '98350', [], 32))
        self.assertIn(f'{NUMBER[:4]} {NUMBER[4:7]} {NUMBER[7:]}', out)
        with open(private, encoding='utf-8') as file:
            self.assertEqual(file.read(), said['private'])
        self.assertEqual(os.stat(private).st_mode & 0o777, 0o600)
        service = self.office.service.text
        self.assertEqual(powertrack('receipt', 'check', receipt, '--service-key', service)[0], 3)
        self.assertNotIn('dark', shown)

    def test_the_work(self):
        self.office.bits = 13
        self.assertEqual(self.file()[0], 0)
        _, said, _ = self.sent()
        digest = hashlib.sha256(f"powertrack work v1\n{said['ticket']}\n{said['nonce']}".encode()).digest()
        self.assertEqual(int.from_bytes(digest, 'big') >> (256 - 13), 0)
        self.office.bits = 200
        status, _, err = self.file()
        self.assertEqual(status, 1)
        self.assertIn('more work', err)

    def test_photos(self):
        png = b'\x89PNG\r\n\x1a\n' + b'--x\r\n' * 9
        status, _, err = self.file('--photo', self.path('a.jpg', JPEG), '--photo', self.path('b', png))
        self.assertEqual(status, 0, err)
        _, said, _ = self.sent()
        self.assertEqual(said['photos'], [('image/jpeg', JPEG), ('image/png', png)])
        self.assertEqual(json.loads(said['private'])['photos'], [hashlib.sha256(data).hexdigest() for data in (JPEG, png)])
        for name, data in (('text', b'hello'), ('large', JPEG + bytes(8 << 20))):
            status, _, err = self.file('--photo', self.path(name, data))
            self.assertEqual(status, 2)
            self.assertIn(name, err)

    def test_what_is_known_comes_first(self):
        self.office.known = {'outage': {'device': 'tx', 'site': 'T-1', 'since': START},
                             'complaints': [{'area': 'demo', 'complaint': NUMBER, 'state': 'open', 'filed_at': START}],
                             'notices': [{'notice': 'N', 'about': 'shutdown', 'scope': 'area', 'start': START, 'end': START + 1, 'note': 'repairs'}]}
        _, _, err = self.file()
        self.assertLess(err.index('outage is known'), err.index('powertrack action v1'))
        self.assertIn(f'complaint join {NUMBER}', err)
        self.assertIn('repairs', err)

    def test_a_cell(self):
        status, _, err = self.complaint('file', '--area', 'demo', '--category', 'x', '--lat', '25.5949', '--lon', '-0.0051', '--text', 'a', '--key',
                                        self.key, '--yes')
        self.assertEqual(status, 0, err)
        _, _, posted = self.sent()
        self.assertEqual((posted['lat'], posted['lon'], 'site' in posted), (255900000, -100000, False))

    def test_the_key_of_the_page(self):
        """The file that the page gives to keep has the key; others may not read it."""
        key = Key()
        kept = self.path('kept.json', canonical({'area': 'demo', 'complaint': NUMBER, 'entries': [], 'format': 'powertrack-kept-1', 'key': {
            'private': base64url(key.scalar.to_bytes(32, 'big')), 'public': key.text}, 'privates': [], 'receipts': [], 'url': 'http://x'}))
        self.office.file(NUMBER, key)
        os.chmod(kept, 0o644)
        self.assertEqual(self.complaint('confirm', NUMBER, '--key', kept, '--yes')[0], 2)
        os.chmod(kept, 0o600)
        status, _, err = self.complaint('confirm', NUMBER, '--key', kept, '--yes')
        self.assertEqual(status, 0, err)
        self.assertEqual(self.sent()[2]['key'], key.text)

    def test_lies(self):
        for change, word in ((lambda a: {**a, 'entry': a['entry'].replace('T-1', 'T-2')}, 'something else'),
                             (lambda a: {**a, 'receipt': {**a['receipt'], 'leaf': '0' * 64, 'root': '0' * 64}}, 'another entry'),
                             (lambda a: {**a, 'receipt': {**a['receipt'], 'received': 5}}, 'another entry'),
                             (lambda a: {k: v for k, v in a.items() if k != 'receipt'}, 'no receipt')):
            self.office.complaints.clear()
            self.office.lie = lambda path, answer, change=change: change(answer) if path == '/api/v1/complaints' else answer
            receipt = self.path('lie.json')
            status, out, err = self.file('--receipt', receipt)
            self.assertEqual((status, out), (1, ''), err)
            self.assertIn(word, err)
            self.assertFalse(os.path.exists(receipt))

    def test_without_a_terminal_nothing_is_signed(self):
        status, _, err = powertrack('complaint', 'file', '--url', self.office.url, '--area', 'demo', '--category', 'x', '--site', 'T', '--text', 'a',
                                    '--key', self.key)
        self.assertEqual(status, 2)
        self.assertIn('--yes', err)
        self.assertEqual([path for path, _ in self.office.requests], ['/api/v1/complaints/tickets'])


class Act(Case):
    def setUp(self):
        super().setUp()
        self.citizen = Key()
        self.office.file(NUMBER, self.citizen)

    def test_each_stands_on_the_newest(self):
        for verb, more in (('acknowledge', []), ('assign', ['--to', 'officer-1']), ('resolve', ['--note', 'fuse replaced']),
                           ('unresolve', ['--note', 'a']), ('reject', ['--note', 'b']), ('approve', []), ('comment', ['--note', 'c'])):
            before = self.office.complaints[NUMBER][-1]
            status, out, err = self.complaint(verb, typed(NUMBER), '--official', 'op', '--key', self.key, '--yes', *more)
            self.assertEqual(status, 0, err)
            path, said, posted = self.sent()
            self.assertEqual((path, posted['action'], posted['by'], posted['prev'], posted['n']),
                             ('/api/v1/actions', verb, 'op', leaf_hash(before).hex(), json.loads(before)['n'] + 1))
            self.assertEqual(('key' in posted, 'private' in said, 'ticket' in said), (False, False, False))
            self.assertIn('now', out)

    def test_citizens(self):
        for verb, more, has_private in (('join', [], False), ('comment', ['--text', 'still dark'], True), ('confirm', [], False),
                                        ('reopen', ['--text', 'no'], True), ('withdraw', [], False)):
            status, _, err = self.complaint(verb, NUMBER, '--key', self.key, '--yes', *more)
            self.assertEqual(status, 0, err)
            _, said, posted = self.sent()
            self.assertEqual((posted['by'], posted['key'], 'note_hash' in posted, 'private' in said, 'ticket' in said),
                             ('citizen', self.public, has_private, has_private, verb == 'join'))

    def test_against_the_evidence(self):
        self.office.row = {'outage_since': START}
        _, _, err = self.complaint('resolve', NUMBER, '--official', 'op', '--key', self.key, '--note', 'x', '--yes')
        self.assertLess(err.index('AGAINST THE EVIDENCE'), err.index('powertrack action v1'))
        _, _, err = self.complaint('reject', NUMBER, '--official', 'op', '--key', self.key, '--note', 'x', '--yes')
        self.assertNotIn('EVIDENCE', err)

    def test_somebody_was_faster(self):
        real = self.office.post
        faster = self.office.object(NUMBER)
        faster['chain'] = faster['chain'] + [{'n': 2, 'action': 'resolve', 'by': 'officer-9', 'received': START + 9, 'note': 'done\x1b[31m'}]
        self.office.post = lambda path, headers, body: (409, {'type': 'https://x/problems/complaint-prev', 'detail': 'It moved on.',
                                                              'complaint': faster}) if path == '/api/v1/actions' else real(path, headers, body)
        status, out, err = self.complaint('acknowledge', NUMBER, '--official', 'op', '--key', self.key, '--yes')
        self.assertEqual((status, out), (1, ''))
        for word in ('complaint-prev', 'It moved on.', 'Somebody was faster', 'officer-9', 'done?[31m'):
            self.assertIn(word, err)
        faster['chain'].pop()
        _, _, err = self.complaint('acknowledge', NUMBER, '--official', 'op', '--key', self.key, '--yes')
        self.assertIn('It moved on.', err)
        self.assertNotIn('Somebody', err)

    def test_several_at_once(self):
        self.office.file(OTHER, self.citizen)
        status, _, err = self.complaint('acknowledge', NUMBER, OTHER, '--official', 'op', '--key', self.key, '--yes')
        self.assertEqual(status, 0, err)
        self.assertEqual([len(self.office.complaints[number]) for number in (NUMBER, OTHER)], [2, 2])
        self.assertEqual(self.complaint('resolve', NUMBER, OTHER, '--official', 'op', '--key', self.key, '--note', 'x', '--yes')[0], 2)

    def test_usage(self):
        wrong = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)
        for arguments in (['acknowledge', NUMBER, '--key', self.key], ['acknowledge', wrong, '--official', 'op', '--key', self.key],
                          ['resolve', NUMBER, '--official', 'op', '--key', self.key], ['assign', NUMBER, '--official', 'op', '--key', self.key],
                          ['comment', NUMBER, '--key', self.key, '--note', 'x'], ['comment', NUMBER, '--key', self.key, '--official', 'op', '--text', 'x'],
                          ['confirm', NUMBER, '--key', self.key, '--official', 'op'], ['confirm', '--key', self.key], ['confirm', NUMBER],
                          ['duplicate', NUMBER, '--official', 'op', '--key', self.key, '--note', 'x'], ['confirm', NUMBER, '--key', '/nowhere'],
                          ['duplicate', NUMBER, '--official', 'op', '--key', self.key, '--note', 'x', '--of', wrong]):
            status, out, err = self.complaint(*arguments, '--yes')
            self.assertEqual((status, out), (2, ''), (arguments, err))
        self.assertEqual(self.office.requests, [])

    def test_a_chain_that_is_none(self):
        self.office.lie = lambda path, answer: {**answer, 'chain': answer['chain'][:-1] + [{'n': 1, 'entry': '{}'}]} if 'chain' in answer else answer
        status, _, err = self.complaint('confirm', NUMBER, '--key', self.key, '--yes')
        self.assertEqual(status, 1)
        self.assertIn('no chain', err)
        self.assertEqual(self.office.requests, [])

    def ask(self, answer):
        """With a terminal: what is asked, and the exit status."""
        leader, follower = pty.openpty()
        process = subprocess.Popen([POWERTRACK, 'complaint', 'confirm', NUMBER, '--key', self.key, '--url', self.office.url], stdin=follower,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.close(follower)
        with contextlib.closing(os.fdopen(leader, 'wb', buffering=0)) as terminal:
            terminal.write(answer)
            _, err = process.communicate(timeout=PATIENCE)
        return process.returncode, err.decode()

    def test_asks_on_a_terminal(self):
        status, err = self.ask(b'no\n')
        self.assertEqual((status, len(self.office.complaints[NUMBER])), (1, 1))
        self.assertIn('Sign and send it? [y/N]', err)
        self.assertIn('Nothing was signed', err)
        status, err = self.ask(b'y\n')
        self.assertEqual((status, len(self.office.complaints[NUMBER])), (0, 2), err)


class Session(Case):
    def setUp(self):
        super().setUp()
        self.office.file(NUMBER, Key())

    def test_erase(self):
        status, out, err = self.complaint('erase', NUMBER, '--step', '1', '--reason', 'a name was in it', '--official', 'op', '--key', self.key, '--yes')
        self.assertEqual(status, 0, err)
        path, said, posted = self.sent()
        self.assertEqual((path, said['n'], said['bearer'], posted['action']), (f'/api/v1/complaints/demo/{NUMBER}/erase', 1, 'Bearer secret', 'comment'))
        self.assertIn('a name was in it', posted['note'])
        challenge, answer = self.office.sessions
        self.assertEqual(challenge, {'area': 'demo', 'official': 'op'})
        self.assertEqual(len(answer['sig']), 86)

    def test_only_logins_are_signed(self):
        """A daemon that wants a resolve signed as a "challenge" gets nothing, nor one that wants a login at another."""
        elsewhere = f'powertrack login v1\n{{"area":"demo","challenge":"abc","host":"other.example","official":"op","ts":{START}}}'
        for challenge in ('powertrack action v1\n{}', 'powertrack login v1\n{"area":"demo","official":"other"}', elsewhere, ''):
            self.office.lie = lambda path, answer, challenge=challenge: {**answer, 'challenge': challenge} if path.endswith('challenge') else answer
            status, _, err = self.complaint('show', NUMBER, '--official', 'op', '--key', self.key)
            self.assertEqual(status, 1)
            self.assertIn('nothing was signed', err)
        self.assertTrue(all('sig' not in asked for asked in self.office.sessions))

    def test_show(self):
        self.office.row = {'outage_since': START, 'resolve_by': START + 3600000, 'people': 3}
        status, out, err = self.complaint('show', typed(NUMBER))
        self.assertEqual(status, 0, err)
        for word in ('open', '1 h 00 min left', 'no supply since', 'file', 'T-1'):
            self.assertIn(word, out)
        status, out, _ = self.complaint('show', '--json', NUMBER)
        self.assertEqual(json.loads(out)['complaint'], NUMBER)


if __name__ == '__main__':
    unittest.main()
