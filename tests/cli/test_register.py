# SPDX-License-Identifier: Apache-2.0
"""The verbs that talk to a daemon, against a scripted one that checks what it is sent; areas on a
real chain; and the man pages against the programs."""
import base64
import http.server
import json
import os
import re
import shutil
import tempfile
import threading
import unittest
import urllib.parse

import support
from support import Key, Log

HEADING = 'area,device,site,key,lat,lon,level,customers'


class Daemon:
    """Answers as docs/ARCHITECTURE.md says, from lists."""

    def __init__(self):
        daemon = self
        self.entries, self.bodies, self.tokens, self.queries = [], [], [], []
        self.state, self.copied = 'ok', 0
        self.rows = {'outages': [], 'batches': [], 'evidence': [], 'rejected': []}
        self.service, self.operator = Key(), '0x' + '00' * 20
        self.busy, self.reject, self.proof = 0, {}, None
        self.areas, self.newest, self.officials, self.now = {}, {}, {}, 1764000900000

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def answer(self, status, value):
                body = value if isinstance(value, bytes) else json.dumps(value).encode()
                self.send_response(status)
                kind = 'application/json' if status < 400 else 'application/problem+json'
                self.send_header('Content-Type', kind)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                url = urllib.parse.urlsplit(self.path)
                query = dict(urllib.parse.parse_qsl(url.query))
                daemon.queries.append(query)
                self.answer(*daemon.get(url.path, query))

            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                self.answer(*daemon.post(self.path, body, self.headers))

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.url = 'http://127.0.0.1:%d' % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def get(self, path, query):
        name = path.rsplit('/', 1)[1]
        assert path == '/api/v1/' + name, path
        if name == 'status':
            return 200, {'version': '0.1.0', 'now': self.now, 'state': self.state, 'detail': '', 'keys_copied': self.copied, 'areas': 1, 'sites': 2,
                         'devices': 1, 'reports': 0, 'outages_open': 1, 'pending': 1,
                         'batches': {'sealed': 1, 'published': 0, 'submitted': 0, 'final': 4},
                         'chain': {'state': 'none'}, 'transports': {
                             'http': {'accepted': 5, 'duplicates': 0, 'refused': 0, 'queue': 1, 'lag': {'lines': 5, 'mean': 12, 'longest': 80}},
                             'mqtt': {'accepted': 5, 'duplicates': 0, 'refused': 0, 'queue': 0, 'lag': {'lines': 0, 'mean': 0, 'longest': 0}},
                             'coap': {'accepted': 0, 'duplicates': 0, 'refused': 0, 'queue': 0, 'lag': {'lines': 0, 'mean': 0, 'longest': 0}}}}
        if name == 'devices':
            asked = [(query.get('area'), device) for device in query['device'].split(',')]
            assert len(asked) <= 100, query
            return 200, {'devices': [entry for area, device in asked for entry in self.newest.values()
                                     if entry['device'] == device and area in (None, entry['area'])]}
        if name == 'officials':
            known = self.officials.get((query['area'], query['official']))
            return 200, {'officials': [known] if known else []}
        if name == 'proof':
            return self.proof or (409, {'type': 'not-anchored', 'title': 'Not anchored', 'status': 409,
                                        'detail': 'the batch is not on the chain yet; ask again later'})
        at, limit = int(query.get('cursor', 0)), min(int(query['limit']), 2)
        rows = self.rows[name]
        more = at + limit < len(rows)
        link = '/api/v1/%s?limit=%s&cursor=%d' % (name, query['limit'], at + limit)
        return 200, {name: rows[at:at + limit], 'next': link if more else None}

    def post(self, path, body, headers):
        if path == '/api/v1/areas':
            self.tokens.append(headers['Authorization'])
            asked = json.loads(body)
            if self.areas.setdefault(asked['area'], asked['authority_key']) != asked['authority_key']:
                return 409, {'type': 'conflict', 'title': 'Conflict', 'status': 409,
                             'detail': 'the area has another authority key'}
            return 201, {**asked, 'service_key': self.service.text, 'operator': self.operator}
        if self.busy:
            self.busy -= 1
            return 503, {'type': 'busy', 'title': 'Busy', 'status': 503, 'detail': 'try again'}
        lines = body.splitlines()
        self.bodies.append(len(lines))
        rejected = []
        for number, line in enumerate(lines, 1):
            entry = json.loads(line)
            slugs = self.reject.get(entry.get('device') or entry['official'], [])
            if slugs:
                rejected.append({'line': number, 'error': slugs.pop(0)})
            else:
                assert support.canonical(entry) == line, line
                self.entries.append(entry)
                if entry['kind'] == 'official':
                    before = self.officials.get((entry['area'], entry['official']))
                    assert before is None or before['ts'] < entry['ts'], (before, entry)
                    self.officials[entry['area'], entry['official']] = {key: entry[key] for key in entry if key not in ('kind', 'sig')}
                if entry['kind'] == 'device':
                    before = self.newest.get((entry['area'], entry['device']))
                    assert before is None or before['ts'] < entry['ts'], (before, entry)
                    self.newest[entry['area'], entry['device']] = {key: entry[key] for key in entry if key not in ('kind', 'sig')}
        return 200, {'accepted': len(lines) - len(rejected), 'duplicate': 0, 'rejected': rejected}


class DaemonTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        self.daemon = Daemon()
        self.addCleanup(self.daemon.stop)
        support.powertrack('keygen', '--out', self.path('authority.pem'))

    def path(self, name, text=None, mode=0o600):
        path = os.path.join(self.directory, name)
        if text is not None:
            with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode), 'w', encoding='utf-8') as file:
                file.write(text)
        return path

    def run_verb(self, *arguments, status=0):
        got, out, err = support.powertrack(*arguments, '--url', self.daemon.url)
        self.assertEqual(got, status, err)
        return out, err

    # Devices ------------------------------------------------------------------------------------

    def csv(self, rows):
        return self.path('devices.csv', '\n'.join([HEADING] + rows) + '\n')

    def rows(self, count):
        key = Key().text
        return ['pge-01,tx-%05d,T-%05d,%s,379000000,-1220000000,transformer,7' % (i, i, key) for i in range(count)]

    def register(self, rows, *arguments, status=0):
        return self.run_verb('device', 'register', '--csv', self.csv(rows), '--authority-key', self.path('authority.pem'),
                             *arguments, status=status)

    def test_many(self):
        out, _ = self.register(self.rows(2500), '--json')
        self.assertEqual(json.loads(out)['accepted'], 2500)
        self.assertEqual(self.daemon.bodies, [1000, 1000, 500])
        self.assertEqual({entry['ts'] for entry in self.daemon.entries}, {1764000900000})
        self.assertEqual(self.daemon.entries[7]['device'], 'tx-00007')

    def test_signature_holds(self):
        """The entry with "received" put in is one that `verify` accepts in a batch."""
        self.register(self.rows(1))
        entry = {**self.daemon.entries[0], 'received': 1764000900001}
        roster = Log('pge-01')
        end = 1764000900002
        lines = [support.canonical(entry), roster.roster(end, False, silent_root=support.leaf_hash(b'tx-00000').hex())]
        data = support.batch_file('pge-01', 1, lines, [], 1764000900000, end)
        with open(self.path('batch.json'), 'wb') as file:
            file.write(data)
        key = base64.urlsafe_b64encode(self.public_key()).rstrip(b'=').decode()
        status, out, _ = support.powertrack('verify', self.path('batch.json'), '--authority-key', key)
        self.assertEqual(status, 3, out)
        self.assertNotIn('authority signed each registration', out)

    def public_key(self):
        done = support.subprocess.run(['openssl', 'pkey', '-in', self.path('authority.pem'), '-pubout', '-outform', 'DER'],
                                      stdout=support.subprocess.PIPE, check=True)
        return done.stdout[-65:]

    def test_busy_is_sent_again(self):
        self.daemon.busy = 2
        self.daemon.reject = {'tx-00003': ['busy', 'busy']}
        out, _ = self.register(self.rows(5), '--json')
        self.assertEqual(json.loads(out)['accepted'], 5)
        self.assertEqual(self.daemon.bodies, [5, 1, 1])

    def test_refused_lines_are_named(self):
        self.daemon.reject = {'tx-00003': ['unknown-area'], 'tx-01200': ['bad-signature']}
        out, err = self.register(self.rows(1300), status=1)
        self.assertIn('devices.csv line 5: tx-00003: unknown-area\n', err)
        self.assertIn('devices.csv line 1202: tx-01200: bad-signature\n', err)
        self.assertIn('Registered 1298 devices; 0 known before, 2 refused', out)

    def test_json_of_many(self):
        self.daemon.reject = {'tx-00003': ['unknown-area']}
        out, _ = self.register(self.rows(5), '--json', status=1)
        self.assertEqual(json.loads(out), {'accepted': 4, 'duplicate': 0, 'rejected_count': 1, 'same': 0, 'left_count': 0, 'left': [],
                                           'rejected': [{'line': 5, 'id': 'tx-00003', 'error': 'unknown-area'}]})

    def test_wrong_lines_stop_before_anything_is_sent(self):
        good = self.rows(1)[0]
        for spoil, what in (('PGE', 'fields'), (good.replace('pge-01', 'Pge'), 'area'), (good.replace('379000000', '999999999999'), 'lat'),
                            (good.replace('transformer', 'pole'), 'level'), (good + ',', 'fields'),
                            (good.replace(',7', ',-1'), 'customers'), (good.replace(',7', ',1.5'), 'customers'),
                            (good.replace('tx-', 'tx '), 'device'), (good.replace('T-', '/'), 'site'),
                            (re.sub(',B[^,]+', ',Bxx', good), 'key'), (good.replace('transformer', 'house').replace('379000000', '379012345'), 'house')):
            out, err = self.register([good, spoil], status=1)
            self.assertEqual((out, err.count('\n')), ('', 1), err)
            self.assertIn('devices.csv line 3: ', err)
            self.assertIn(what, err)
        self.assertEqual(self.daemon.bodies, [])

    def test_wrong_heading(self):
        path = self.path('devices.csv', self.rows(1)[0] + '\n')
        _, err = self.run_verb('device', 'register', '--csv', path, '--authority-key', self.path('authority.pem'), status=1)
        self.assertIn('The columns are ' + HEADING, err)
        self.assertIn('line 1', err)

    def test_one_and_revoke(self):
        options = ['--device', 'tx-1', '--area', 'a', '--site', 'T', '--key', Key().text, '--lat', '37.9', '--lon', '-122.25',
                   '--level', 'house', '--customers', '1', '--authority-key', self.path('authority.pem')]
        self.run_verb('device', 'register', *options)
        self.run_verb('device', 'register', *options, '--revoke', '--ts', '1764000900005')
        first, second = self.daemon.entries
        self.assertEqual((first['lat'], first['lon'], first['status']), (379000000, -1222500000, 'active'))
        self.assertEqual((second['status'], second['ts']), ('revoked', 1764000900005))

    def test_a_name_is_enough_to_revoke(self):
        """Even of the area, where only one has it; what is signed is what the daemon has."""
        rows = self.rows(3)
        self.register(rows)
        key = ['--authority-key', self.path('authority.pem')]
        out, _ = self.run_verb('device', 'register', '--device', 'tx-00001', '--revoke', *key)
        self.assertEqual(out, 'Revoked 1 device; 0 known before, 0 refused\n')
        entry = self.daemon.entries[-1]
        self.assertEqual((entry['device'], entry['site'], entry['key'], entry['status'], entry['area']),
                         ('tx-00001', 'T-00001', rows[0].split(',')[3], 'revoked', 'pge-01'))
        self.assertIn('1 known before', self.run_verb('device', 'register', '--device', 'tx-00001', '--area', 'pge-01', '--revoke', *key)[0])
        _, err = self.run_verb('device', 'register', '--device', 'tx-none', '--revoke', *key, status=1)
        self.assertIn('tx-none: nobody registered it', err)
        self.daemon.newest['pge-02', 'tx-00000'] = {**self.daemon.newest['pge-01', 'tx-00000'], 'area': 'pge-02'}
        _, err = self.run_verb('device', 'register', '--device', 'tx-00000', '--revoke', *key, status=1)
        self.assertIn('say --area', err)
        path = self.path('lost.csv', 'device,area\ntx-00000,pge-02\ntx-00002,pge-01\n')
        self.run_verb('device', 'register', '--csv', path, '--revoke', *key)
        self.assertEqual([(row['area'], row['device'], row['status']) for row in self.daemon.entries[-2:]],
                         [('pge-02', 'tx-00000', 'revoked'), ('pge-01', 'tx-00002', 'revoked')])

    def test_second_run(self):
        """What is the same is skipped, what differs is named and left, and nothing that was revoked comes back by itself."""
        rows = self.rows(250)
        self.register(rows)
        out, err = self.register(rows)
        self.assertEqual((out, err), ('Registered 0 devices; 250 known before, 0 refused\n', ''))
        self.run_verb('device', 'register', '--device', 'tx-00003', '--revoke', '--authority-key', self.path('authority.pem'))
        changed = [row.replace(',7', ',8') if 'tx-00005' in row else row for row in rows]
        sent = len(self.daemon.entries)
        out, err = self.register(changed, status=1)
        self.assertIn('Registered 0 devices; 248 known before, 0 refused\nLeft as registered: 2 devices\n', out)
        self.assertIn('line 5: tx-00003: it is revoked; --reactivate', err)
        self.assertIn('line 7: tx-00005: is registered otherwise (customers); --change', err)
        self.assertEqual(len(self.daemon.entries), sent)
        out, err = self.register(changed, '--change', '--dry-run', status=1)
        self.assertIn('Would register 1 device; 248 known before\n', out)
        self.assertIn('tx-00005: customers\n', err)
        self.assertEqual(len(self.daemon.entries), sent)
        self.register(changed, '--change', status=1)
        self.register(changed, '--reactivate')
        self.assertEqual([(row['device'], row['customers'], row['status']) for row in self.daemon.entries[sent:]],
                         [('tx-00005', 8, 'active'), ('tx-00003', 7, 'active')])
        self.assertEqual(json.loads(self.register(changed, '--json')[0])['same'], 250)

    def test_feeders(self):
        """A file that has no column of feeders leaves them as they are; one that has it is compared by it too."""
        rows = self.rows(3)
        heading = HEADING + ',feeder\n'
        key = ['--authority-key', self.path('authority.pem')]

        def run(feeders, *arguments, status=0):
            path = self.path('feeders.csv', heading + ''.join(f'{row},{feeder}\n' for row, feeder in zip(rows, feeders)))
            return self.run_verb('device', 'register', '--csv', path, *key, *arguments, status=status)

        run(['F-1', 'F-1', ''])
        self.assertEqual([row.get('feeder') for row in self.daemon.entries], ['F-1', 'F-1', None])
        self.assertEqual(self.register(rows)[0], 'Registered 0 devices; 3 known before, 0 refused\n')
        sent = len(self.daemon.entries)
        _, err = run(['F-1', '', 'F-2'], status=1)
        for number in (1, 2):
            self.assertIn(f'tx-0000{number}: is registered otherwise (feeder); --change', err)
        self.register([row.replace(',7', ',8') for row in rows], '--change')
        rows = [row.replace(',7', ',8') for row in rows]
        run(['F-1', '', 'F-2'], '--change')
        self.assertEqual([(row['device'], row['customers'], row.get('feeder')) for row in self.daemon.entries[sent:]],
                         [('tx-00000', 8, 'F-1'), ('tx-00001', 8, 'F-1'), ('tx-00002', 8, None), ('tx-00001', 8, None), ('tx-00002', 8, 'F-2')])
        fields = dict(zip(HEADING.split(','), rows[0].split(',')))
        one = [word for name, value in fields.items() for word in (f'--{name}', value)]
        self.assertIn('1 known before', self.run_verb('device', 'register', *one, *key)[0])
        self.run_verb('device', 'register', *one, '--feeder', '', *key)
        self.assertNotIn('feeder', self.daemon.entries[-1])
        self.run_verb('device', 'register', *one, '--feeder', 'F-9', *key)
        self.run_verb('device', 'register', '--device', 'tx-00000', '--revoke', *key)
        self.assertEqual((self.daemon.entries[-1]['status'], self.daemon.entries[-1]['feeder']), ('revoked', 'F-9'))

    def test_interrupted(self):
        """A run that broke off is gone on with by the same command: nothing is said twice."""
        rows = self.rows(2300)
        post, count = self.daemon.post, []

        def fails_once(path, body, headers):
            count.append(1)
            return (500, {'detail': 'broken'}) if len(count) == 2 else post(path, body, headers)

        self.daemon.post = fails_once
        self.register(rows, status=1)
        out, _ = self.register(rows)
        self.assertEqual(out, 'Registered 1300 devices; 1000 known before, 0 refused\n')
        self.assertEqual(len(self.daemon.newest), 2300)

    def test_one_time_and_newer_than_before(self):
        """Never ahead of the clock, but where the entry before is."""
        self.register(self.rows(300))
        for entry in self.daemon.newest.values():
            entry['ts'] = 1764000900000 + (int(entry['device'][3:]) % 2) * 50
        self.daemon.now += 10
        self.register([row.replace(',7', ',8') for row in self.rows(300)], '--change')
        self.assertEqual({(int(row['device'][3:]) % 2, row['ts']) for row in self.daemon.entries[300:]},
                         {(0, 1764000900010), (1, 1764000900051)})

    def test_spreadsheets(self):
        """A byte order mark, quotes, CRLF, blanks, and a file that can be read once only: all of them are registered."""
        row = self.rows(1)[0].split(',')
        quoted = ','.join('"%s"' % field for field in row)
        heading = ','.join('"%s"' % field for field in HEADING.split(','))
        for text in ('\ufeff%s\n%s\n' % (HEADING, ','.join(row)), '%s\r\n%s\r\n' % (HEADING, ','.join(row)), '\ufeff%s\r\n%s\r\n' % (heading, quoted),
                     '%s\n%s\n' % (HEADING, quoted), '%s\n%s\n' % (HEADING.replace(',', ', '), ' , '.join(row))):
            for pipe in (False, True):
                self.daemon.newest.clear()
                path = self.path('devices.csv', text)
                command = [support.POWERTRACK, 'device', 'register', '--csv', '/dev/stdin' if pipe else path, '--authority-key',
                           self.path('authority.pem'), '--url', self.daemon.url]
                done = support.subprocess.run(command, input=text.encode() if pipe else b'', capture_output=True, timeout=support.PATIENCE, check=False)
                self.assertEqual((done.returncode, done.stdout.decode()), (0, 'Registered 1 device; 0 known before, 0 refused\n'), (text, done.stderr))

    def test_key_that_others_may_read(self):
        os.chmod(self.path('authority.pem'), 0o644)
        _, err = self.register(self.rows(1), status=1)
        self.assertIn('authority.pem', err)

    def official(self, *arguments, status=0):
        return self.run_verb('official', 'register', '--official', 'officer-1', '--area', 'a', '--authority-key', self.path('authority.pem'),
                             *arguments, status=status)

    def test_official(self):
        options = ['--name', 'शिकायत "A"', '--role', 'officer', '--key', Key().text]
        self.assertEqual(self.official(*options)[0], 'Registered officer-1 in a\n')
        self.assertEqual(self.official(*options)[0], 'officer-1 is registered so in a already\n')
        self.assertEqual(self.official('--revoke')[0], 'Revoked officer-1 in a\n')
        self.assertEqual(self.official('--revoke')[0], 'officer-1 is revoked in a already\n')
        self.assertEqual([(entry['name'], entry['role'], entry['key'], entry['status']) for entry in self.daemon.entries],
                         [('शिकायत "A"', 'officer', options[-1], 'active'), ('शिकायत "A"', 'officer', options[-1], 'revoked')])
        self.daemon.reject = {'officer-1': ['unknown-area', 'unknown-area']}
        self.assertIn('unknown-area', self.official(*options, '--reactivate', status=1)[1])
        self.assertEqual(json.loads(self.official(*options, '--reactivate', '--json', status=1)[0]),
                         {'accepted': 0, 'duplicate': 0, 'same': 0, 'left': [], 'rejected': [{'line': 0, 'id': 'officer-1', 'error': 'unknown-area'}]})

    def test_official_registered_otherwise(self):
        """What differs is named and left unless that is meant, a revoked one stays so, and an entry is newer than the one before."""
        before, key = ['--name', 'A. Officer', '--role', 'officer', '--key', Key().text], Key().text
        self.official(*before)
        for wanted, names in ((['--name', 'B'], 'name'), (['--role', 'auditor'], 'role'), (['--key', key], 'key'),
                              (['--name', 'B', '--role', 'operator', '--key', key], 'name, role, key')):
            reason = 'is registered otherwise (%s); --change registers it so' % names
            self.assertEqual(self.official(*before, *wanted, status=1)[1], 'officer-1: %s\n' % reason)
            self.assertEqual(json.loads(self.official(*before, *wanted, '--json', status=1)[0]),
                             {'accepted': 0, 'duplicate': 0, 'same': 0, 'left': [{'id': 'officer-1', 'reason': reason}], 'rejected': []})
        self.assertEqual(len(self.daemon.entries), 1)
        self.official(*before, '--key', key, '--change', '--ts', '1')
        self.assertEqual([entry['key'] for entry in self.daemon.entries], [before[-1], key])
        self.official('--revoke')
        _, err = self.official(*before, '--change', status=1)
        self.assertEqual(err, 'officer-1: it is revoked; --reactivate registers it again\n')
        _, err = self.official(*before, '--reactivate', status=1)
        self.assertIn('is registered otherwise (key)', err)
        self.official(*before, '--reactivate', '--change')
        self.assertEqual([entry['status'] for entry in self.daemon.entries], ['active', 'active', 'revoked', 'active'])
        _, err = self.run_verb('official', 'register', '--official', 'nobody', '--area', 'a', '--authority-key', self.path('authority.pem'), '--revoke', status=1)
        self.assertEqual(err, 'nobody: nobody registered it\n')

    def test_answers_that_are_none(self):
        """Nothing, white space, a web page or a list is not taken for an answer."""
        known = self.daemon.get
        for body in (b'', b' \n', b'<html></html>', b'[1]', b'null'):
            self.daemon.post = lambda *_: (200, body)
            self.daemon.get = known
            _, err = self.register(self.rows(1), '--ts', '1764000900000', status=1)
            self.assertIn('answered 200: is --url the daemon\'s address?', err)
            self.assertNotIn('CRITICAL', err)
            self.daemon.get = lambda *_: (200, body)
            _, err = self.register(self.rows(1), '--ts', '1764000900000', status=1)
            self.assertIn('did not answer with a JSON object', err)
            _, err = self.run_verb('status', status=1)
            self.assertIn('did not answer with a JSON object', err)
            self.assertNotIn('CRITICAL', err)

    # Reading ------------------------------------------------------------------------------------

    def outages(self, count):
        self.daemon.rows['outages'] = [
            {'area': 'a', 'device': 'tx-%d' % i, 'site': 'T-%d' % i, 'start': 1764000000000 + i, 'customers': 3,
             'end': None if i == 0 else 1764000060000 + i} for i in range(count)]

    def test_status_asks_for_somebody(self):
        out, _ = self.run_verb('status')
        self.assertIn('Daemon     ok', out)
        self.daemon.state = 'attention'
        self.assertIn('Daemon     attention', self.run_verb('status', status=1)[0])
        self.assertEqual(json.loads(self.run_verb('status', '--json', status=1)[0])['state'], 'attention')
        self.assertNotIn('Copied', self.run_verb('status', status=1)[0])
        self.daemon.copied = 2
        self.assertIn('Copied     2 devices whose keys are in two hands', self.run_verb('status', status=1)[0])

    def test_evidence(self):
        self.assertEqual(self.run_verb('evidence')[0], 'No report was refused for a counter that was used.\n')
        self.daemon.rows['evidence'] = [
            {'area': 'a', 'device': 'tx-1', 'seq': seq, 'received': 1764000000000 + seq, 'entry': json.dumps({'power': 'OFF', 'ts': 1763000000000})}
            for seq in range(7, 12)] + [{'area': 'a', 'device': 'tx-2', 'seq': 12, 'received': 1764000000000, 'entry': '['}]
        out, _ = self.run_verb('evidence', '--all')
        self.assertIn('6 reports; times in', out)
        self.assertRegex(out, r'a +tx-1 +7 +OFF +2025-')
        self.assertRegex(out, r'a +tx-2 +12 +- +- +2025-')
        answer = json.loads(self.run_verb('evidence', '--json', '--limit', '3')[0])
        self.assertEqual([row['seq'] for row in answer['evidence']], [7, 8, 9])
        self.assertTrue(answer['next'])

    def test_rejected(self):
        token = self.path('token')
        with open(token, 'w', opener=lambda name, flags: os.open(name, flags, 0o600), encoding='utf-8') as file:
            file.write('secret\n')
        told = ('rejected', '--token-file', token)
        self.assertEqual(self.run_verb(*told)[0], 'No refused report is kept.\n')
        self.daemon.rows['rejected'] = [
            {'at': 1764000000000 + number, 'transport': 'coap', 'address': '192.0.2.1', 'certificate': None, 'area': None, 'device': 'tx-1',
             'reason': 'bad-signature', 'text': '{'} for number in range(3)]
        out, _ = self.run_verb(*told, '--all')
        self.assertIn('3 reports; times in', out)
        self.assertRegex(out, r'2025-.* +coap +192.0.2.1 +- +tx-1 +bad-signature')
        self.daemon.queries.clear()
        answer = json.loads(self.run_verb(*told, '--json', '--limit', '2', '--area', 'a', '--device', 'tx-1', '--reason', 'too-many', '--since', '2026-01-01T00:00:00Z')[0])
        self.assertEqual(len(answer['rejected']), 2)
        asked = self.daemon.queries[0]
        self.assertEqual([asked[name] for name in ('area', 'device', 'reason', 'since')], ['a', 'tx-1', 'too-many', '1767225600000'])
        self.run_verb('rejected', status=2)
        self.run_verb(*told, '--since', 'soon', status=2)

    def test_outages(self):
        self.outages(5)
        self.assertEqual(len(json.loads(self.run_verb('outages', '--json', '--all')[0])['outages']), 5)
        answer = json.loads(self.run_verb('outages', '--json', '--limit', '3')[0])
        self.assertEqual(len(answer['outages']), 3)
        self.assertTrue(answer['next'])
        out, _ = self.run_verb('outages', '--all')
        self.assertIn('5 outages; times in', out)
        self.assertIn('still out', out)
        self.assertIn('1 min 00 s', out)

    def test_outages_query(self):
        self.run_verb('outages', '--from', '2024-02-04T06:30:00Z', '--area', 'a', '--open', '--to', '1764000000000')
        self.assertEqual(self.daemon.queries[0], {'limit': '100', 'from': '1707028200000', 'area': 'a', 'open': 'true',
                                                  'to': '1764000000000'})
        self.assertEqual(self.run_verb('outages')[0], 'No outages.\n')

    def test_one_outage_is_singular(self):
        self.outages(1)
        self.assertIn('1 outage; times', self.run_verb('outages')[0])

    def test_batches(self):
        self.assertEqual(self.run_verb('batches')[0], 'No batches yet.\n')
        self.daemon.rows['batches'] = [{'area': 'a', 'batch': i + 1, 'state': 'FINAL', 'from': 1764000000000, 'to': 1764000900000,
                                        'prev_size': 5, 'size': 9, 'waits_for': '\x1b[31mred'} for i in range(3)]
        out, _ = self.run_verb('batches', '--all')
        self.assertIn('3 batches', out)
        self.assertNotIn('\x1b', out)

    def test_status(self):
        out, _ = self.run_verb('status')
        self.assertIn('1 area, 2 sites, 1 device, 0 reports', out)
        self.assertIn('1 open', out)
        self.assertIn('HTTP       1 line waits; durable after 12 ms, 80 ms at most\n', out)
        self.assertIn('MQTT       0 lines wait; none became durable in the last minute\n', out)
        self.assertNotIn('CoAP', out)
        self.assertEqual(json.loads(self.run_verb('status', '--json')[0])['now'], 1764000900000)

    # Proofs -------------------------------------------------------------------------------------

    def proof(self, **changes):
        log = Log()
        lines = [log.registration(log.now), log.report(log.now, 1)]
        leaves = [support.leaf_hash(line) for line in lines]
        bundle = {'area': log.area, 'batch': 1, 'cid': support.cid_text(support.raw_cid(b'')), 'entry': lines[1].decode(),
                  'chain': {'block': 1, 'chain_id': 1, 'contract': '0x' + '12' * 20, 'tx': '0x' + 'ab' * 32},
                  'format': 'powertrack-proof-1', 'index': 1, 'path': [leaves[0].hex()], 'root': support.root_of(leaves).hex(),
                  'signer': lines[0].decode(), 'size': 2, **changes}
        self.daemon.proof = 200, support.canonical(bundle)

    def fetch(self, *arguments, status=0):
        return self.run_verb('proof', '--out', self.path('proof.json'), *arguments, status=status)

    def test_proof(self):
        self.proof()
        self.fetch('--device', 'tx-1', '--seq', '1', '--area', 'test-area')
        self.assertEqual(support.read_bytes(self.path('proof.json')), self.daemon.proof[1])
        self.assertEqual(support.powertrack('verify', self.path('proof.json'))[0], 3)

    def test_lying_proofs_are_not_saved(self):
        for changes, seq in (({'root': '0' * 64}, '1'), ({'signer': ''}, '1'), ({}, '2'), ({'path': []}, '1')):
            self.proof(**changes)
            _, err = self.fetch('--device', 'tx-1', '--seq', seq, status=1)
            self.assertIn('nothing was saved', err)
            self.assertFalse(os.path.exists(self.path('proof.json')))

    def test_not_anchored(self):
        _, err = self.fetch('--device', 'tx-1', '--seq', '1', status=1)
        self.assertIn('the batch is not on the chain yet', err)

    # Areas --------------------------------------------------------------------------------------

    def test_areas_with_the_daemon(self):
        token = self.path('token', 'secret\n')
        options = ['area', 'register', 'a-1', 'a-2', '--authority-dir', self.path('keys'), '--token-file', token]
        out, _ = self.run_verb(*options, '--json')
        self.assertEqual([area['area'] for area in json.loads(out)['areas']], ['a-1', 'a-2'])
        self.assertEqual(set(self.daemon.tokens), {'Bearer secret'})
        self.assertTrue(os.path.exists(self.path('keys/a-2.pem')))
        self.run_verb(*options)
        self.daemon.areas['a-2'] = 'other'
        _, err = self.run_verb(*options, status=1)
        self.assertIn('area a-2', err)

    def test_token_that_others_may_read(self):
        token = self.path('token', 'secret\n')
        os.chmod(token, 0o644)
        _, err = self.run_verb('area', 'register', 'a', '--authority-dir', self.path('keys'), '--token-file', token, status=1)
        self.assertIn('chmod 600', err)

    def test_areas_on_the_chain(self):
        chain = support.Chain(self.directory)
        self.addCleanup(chain.stop)
        self.daemon.operator = chain.account
        options = ['area', 'register', 'a-1', 'a-2', '--authority-dir', self.path('keys'), '--token-file',
                   self.path('token', 'secret\n'), '--rpc', chain.url, '--contract', chain.contract, '--owner-keystore',
                   chain.keystore, '--password-file', chain.password, '--json']
        self.assertEqual(json.loads(self.run_verb(*options)[0])['transactions'], 2)
        options.insert(2, 'a-3')
        self.assertEqual(json.loads(self.run_verb(*options)[0])['transactions'], 1)
        self.assertEqual(json.loads(self.run_verb(*options)[0])['transactions'], 0)
        # Another account in the daemon's configuration than the one that the chain lets anchor.
        self.daemon.operator = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
        out, err = self.run_verb(*options, status=1)
        self.assertEqual(json.loads(out)['transactions'], 0)
        self.assertEqual(json.loads(out)['areas'][0]['chain_operator'].lower(), chain.account.lower())
        self.assertIn("the daemon's account is 0x70997970C51812dc3A010C7d01b50e0d17dc79C8", err)
        self.assertIn('powertrack area operator', err)
        self.daemon.service = Key()
        _, err = self.run_verb(*options, status=1)
        self.assertIn('with other keys', err)


class InstalledTest(unittest.TestCase):
    def test_a_tree_that_was_moved(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, place in (('powertrack', 'bin'), ('powertrack-online', 'libexec/powertrack')):
                os.makedirs(os.path.join(folder, place))
                shutil.copy(os.path.join(support.BUILD, 'cli', name), os.path.join(folder, place))
            program = os.path.join(folder, 'bin', 'powertrack')
            done = support.subprocess.run([program, 'status', '--help'], capture_output=True, timeout=support.PATIENCE, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, b''))

    def test_completion(self):
        """Verbs and options, in bash, as --help has them."""
        script = '. %s; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _powertrack %s; echo "${COMPREPLY[@]}"' % (
            os.path.join(support.SOURCE, 'data', 'completions', 'powertrack'), support.POWERTRACK)
        for words, wanted in (([''], {'verify', 'device', 'chain', 'audit'}), (['device', ''], {'decommission', 'enroll', 'invite', 'pending', 'register', 'revoke', 'rotate'}), (['verify', '--s'], {'--size', '--service-key'}),
                              (['device', 'register', '--re'], {'--revoke', '--reactivate'}), (['st'], {'status', 'store'}), (['store', ''], {'backup', 'check', 'copy', 'vacuum'})):
            done = support.subprocess.run(['bash', '-c', script, 'bash', 'powertrack', *words], capture_output=True, timeout=support.PATIENCE, check=False)
            found = set(done.stdout.decode().split())
            self.assertTrue(wanted <= found if words == [''] else wanted == found, (words, found, done.stderr))


class ManTest(unittest.TestCase):
    def test_every_option_stands_in_its_man_page_and_back(self):
        for verb in ('verify', 'keygen', 'status', 'outages', 'batches', 'proof', 'evidence', 'rejected', 'area register', 'area operator',
                     'device decommission', 'device enroll', 'device invite', 'device pending', 'device register', 'device revoke', 'device rotate', 'official register', 'official show', 'official keys', 'official list', 'chain deploy', 'chain area', 'chain owner', 'audit', 'receipt check'):
            _, out, _ = support.powertrack(*verb.split(), '--help')
            page = os.path.join(support.SOURCE, 'data', 'man', 'powertrack-%s.1' % verb.replace(' ', '-'))
            text = support.read_bytes(page).decode().replace('\\-', '-')
            documented = {option for line in re.findall(r'^\.B (-.*)$', text, re.M)
                          for option in re.findall(r'--[a-z-]+', line)}
            known = set(re.findall(r'--[a-z][a-z-]+', out))
            self.assertEqual(documented - known, set(), verb)
            told = {'--key'} if verb == 'official keys' else {'--ethereum'}  # another verb's, which its summary names
            self.assertEqual(known - documented - told, set(), verb)

    def test_every_verb_has_help_and_json_and_stands_in_the_list(self):
        _, listed, _ = support.powertrack('--help')
        for noun in ('area', 'ca', 'chain', 'complaint', 'device', 'notice', 'official', 'profile', 'store'):
            _, out, _ = support.powertrack(noun, '--help')
            for verb in re.findall(r'^  powertrack (\S+ \S+)$', out, re.M):
                status, text, _ = support.powertrack(*verb.split(), '--help')
                self.assertEqual(status, 0, verb)
                self.assertIn('--json', text, verb)
                self.assertRegex(listed, r'(?m)^  %s  ' % verb)

    def test_nouns_with_a_page_for_all_their_verbs(self):
        for noun in ('ca', 'complaint', 'notice', 'profile', 'store'):
            _, out, _ = support.powertrack(noun, '--help')
            verbs = re.findall(r'^  powertrack (\S+ \S+)$', out, re.M)
            text = support.read_bytes(os.path.join(support.SOURCE, 'data', 'man', 'powertrack-%s.1' % noun)).decode().replace('\\-', '-')
            documented = {option for line in re.findall(r'^\.B (-.*)$', text, re.M) for option in re.findall(r'--[a-z-]+', line)}
            known = set()
            for verb in verbs:
                self.assertIn('.B %s\n' % verb.split()[1], text)
                known |= set(re.findall(r'--[a-z][a-z-]+', support.powertrack(*verb.split(), '--help')[1]))
            self.assertGreater(len(verbs), 2)
            self.assertEqual(known ^ documented, set() if noun in ('ca', 'complaint', 'store') else {'--json'} & (known ^ documented), noun)


if __name__ == '__main__':
    unittest.main()
