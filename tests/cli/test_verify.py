# SPDX-License-Identifier: Apache-2.0
"""`powertrack verify`, `keygen` and the program's own behaviour, as real processes: what holds, and
every kind of tampering."""
import json
import os
import resource
import stat
import subprocess
import tempfile
import unittest

import support
from support import Key, Log, vector, vector_bytes


class ProcessTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def path(self, name, data=None):
        path = os.path.join(self.directory, name)
        if data is not None:
            with open(path, 'wb') as file:
                file.write(data)
        return path

    def verify(self, data, *arguments):
        status, out, err = support.powertrack('verify', '--json', self.path('file.json', data), *arguments)
        if not out:
            return status, {}, err
        report = json.loads(out)
        self.assertEqual(status, {'holds': 0, 'fails': 1, 'not-checked': 3}[report['verdict']], out)
        self.assertEqual(report['holds'], report['verdict'] == 'holds')
        return status, {item['name']: item for item in report['findings']}, report

    def assert_refused(self, data, *arguments, name=None, why=None):
        status, findings, report = self.verify(data, *arguments)
        self.assertEqual(status, 1, report)
        if name:
            self.assertEqual(findings[name]['state'], 'failed', findings)
        if why:
            self.assertIn(why, findings[name]['why'])


class BatchTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.vectors = vector('v2/batches.json')
        self.keys = ['--authority-key', self.vectors['authority_key'], '--service-key', self.vectors['service_key']]
        self.first, self.second = vector_bytes('v2/batch-1.json'), vector_bytes('v2/batch-2.json')

    def test_vectors(self):
        for item, data in zip(self.vectors['batches'], (self.first, self.second)):
            status, findings, report = self.verify(data, *self.keys)
            self.assertEqual(status, 3, report)
            self.assertEqual(report['cid'], item['cid'])
            self.assertEqual(report['bytes'], item['bytes'])
            self.assertNotIn('failed', [found['state'] for found in findings.values()])
        self.assertEqual(findings['silent']['state'], 'not-checked')
        self.assertIn('56:', findings['elsewhere']['why'])

    def test_first_batch_is_checked_whole(self):
        root = json.loads(self.first)['root']
        status, findings, _ = self.verify(self.first, *self.keys, '--root', root, '--size', '15')
        self.assertEqual((status, {found['state'] for found in findings.values()}), (0, {'ok'}))

    def test_record_before(self):
        """That the entries were added to the tree of the file's prev_root says nothing of the batch before."""
        before, other = json.loads(self.first)['root'], '1' * 64
        _, findings, _ = self.verify(self.second, *self.keys)
        self.assertEqual(findings['previous']['state'], 'not-checked')
        self.assertIn('powertrack chain area AREA 1', findings['previous']['why'])
        _, findings, _ = self.verify(self.second, *self.keys, '--prev-root', before)
        self.assertEqual(findings['previous']['state'], 'ok')
        self.assert_refused(self.second, *self.keys, '--prev-root', other, name='previous')
        self.assert_refused(self.second, *self.keys, '--size', '105', name='size')

    def test_without_keys_says_what_is_not_checked(self):
        status, findings, _ = self.verify(self.first)
        self.assertEqual(status, 3)
        for name in ('authority', 'service', 'root', 'size'):
            self.assertEqual(findings[name]['state'], 'not-checked')
            self.assertIn('--', findings[name]['why'])

    def test_wrong_keys_and_root(self):
        self.assert_refused(self.first, '--authority-key', self.vectors['service_key'], name='signatures')
        self.assert_refused(self.first, '--service-key', self.vectors['authority_key'], name='signatures')
        self.assert_refused(self.first, '--root', '0' * 64, name='root')

    def test_every_changed_byte(self):
        """Any one byte: with the keys given, nothing at all may be changed unseen."""
        for at in range(0, len(self.first), 7):
            data = bytearray(self.first)
            data[at] ^= 1
            self.assert_refused(bytes(data), *self.keys)

    def test_cut_anywhere(self):
        for at in list(range(1, len(self.first), 97)) + [len(self.first) - 1]:
            self.assert_refused(self.first[:at], *self.keys)

    def lines(self):
        return self.second.split(b'\n')

    def test_dropped_line(self):
        lines = self.lines()
        del lines[3]
        self.assert_refused(b'\n'.join(lines))

    def test_doubled_line(self):
        lines = self.lines()
        lines.insert(3, lines[3])
        self.assert_refused(b'\n'.join(lines))

    def test_swapped_lines(self):
        lines = self.lines()
        lines[2], lines[3] = lines[3], lines[2]
        self.assert_refused(b'\n'.join(lines))

    def test_whitespace(self):
        for old, new in ((b'{"area"', b' {"area"'), (b',\n', b', \n'), (b'\n],', b'\n] ,'), (b'\n', b'\r\n'),
                         (b'"kind":', b'"kind": ')):
            self.assert_refused(self.second.replace(old, new, 1))

    def test_around(self):
        for data in (self.second + b'\n', self.second + b'x', b'\n' + self.second, self.second[:-1],
                     b'\xef\xbb\xbf' + self.second, self.second + self.second):
            self.assert_refused(data)

    def test_last_line(self):
        for old, new in ((b'"size":106', b'"size":107'), (b'"prev_size":15', b'"prev_size":14'),
                         (b'"format":"powertrack-batch-1"', b'"format":"powertrack-batch-2"'),
                         (b',"to":1764000900000}', b'}'), (b',"to":1764000900000}', b',"to":1764000900000,"x":1}'),
                         (b'"frontier":["a', b'"frontier":["b'), (b'"root":"1', b'"root":"2')):
            self.assertIn(old, self.second)
            self.assert_refused(self.second.replace(old, new))

    def test_no_file(self):
        status, out, err = support.powertrack('verify', self.path('none'))
        self.assertEqual((status, out), (3, ''))
        self.assertIn('none: No such file', err)

    def test_not_ours(self):
        for data in (b'', b'{}', b'hello\n', os.urandom(5000)):
            status, out, err = support.powertrack('verify', self.path('x', data))
            self.assertEqual((status, out), (1, ''))
            self.assertIn('neither a proof bundle', err)

    def test_folder(self):
        self.assertEqual(support.powertrack('verify', self.directory)[0], 3)

    def assert_changed(self, data, how):
        status, out, err = support.powertrack('verify', self.path('changed', data))
        self.assertEqual((status, out), (1, ''))
        self.assertIn('changed on its way: ' + how, err)

    def test_changed_on_its_way(self):
        """What an editor, mail or git does to a text is no forgery."""
        for data in (self.first, self.second):
            self.assert_changed(data.replace(b'\n', b'\r\n'), 'its lines end with CR')
            self.assert_changed(b'\xef\xbb\xbf' + data, 'a byte order mark')
            self.assert_changed(json.dumps(json.loads(data), indent=2).encode(), 'its JSON was formatted')
            self.assert_changed(data.decode().encode('utf-16'), 'it is no UTF-8')


class LyingBatchTest(ProcessTest):
    """Files whose tree and root are right and whose entries are not."""

    def seal(self, make, roster=None, end=1764000900000):
        log = Log()
        lines = [log.registration(log.now)] + make(log, log.now)
        lines += [log.roster(end, True)] if roster is None else roster(log, end)
        self.keys = ['--authority-key', log.authority.text, '--service-key', log.service.text]
        return log.seal(lines, end)

    def test_good(self):
        data = self.seal(lambda log, t: [log.report(t, 1), log.report(t, 3), log.report(t, 2)])
        status, findings, _ = self.verify(data, *self.keys)
        self.assertEqual(status, 3, findings)
        self.assertNotIn('failed', {found['state'] for found in findings.values()})

    def lie(self, name, why, make, roster=None):
        self.assert_refused(self.seal(make, roster), *self.keys, name=name, why=why)

    def test_entries(self):
        report = lambda log, t: [log.report(t, 1)]
        self.lie('entries', 'line 3', lambda log, t: [log.report(t, 1).replace(b',"kind"', b' ,"kind"')])
        self.lie('entries', 'line 3', lambda log, t: [log.report(t, 1).replace(b'"ON"', b'"ON","x":1')])
        self.lie('entries', 'line 3', lambda log, t: [b'nonsense'])
        self.lie('entries', 'line 3: it is of another area', lambda log, t: [log.report(t, 1, area='b')])
        self.lie('order', 'line 4: received is before', lambda log, t: [log.report(t + 2, 1), log.report(t + 1, 2)])
        self.lie('order', 'line 3: received lies outside', lambda log, t: [log.report(t + 900000, 1)])
        self.lie('order', 'line 3', lambda log, t: [log.report(t - 1, 1)])
        self.lie('signers', 'line 3: its signer is not', lambda log, t: [log.report(t, 1, device='tx-2')])
        self.lie('signers', 'line 3: its site', lambda log, t: [log.report(t, 1, lon=3)])
        self.lie('signers', 'line 4: its device was revoked',
                 lambda log, t: [log.registration(t + 1, 'revoked'), log.report(t + 1, 1)])
        self.lie('counters', 'line 4: its counter was used', lambda log, t: [log.report(t, 2), log.report(t, 2)])
        self.lie('counters', 'line 5: its counter was used',
                 lambda log, t: [log.report(t, 2), log.report(t, 9), log.report(t, 2)])
        self.lie('counters', 'line 5: its counter was used',
                 lambda log, t: [log.report(t, 9000), log.report(t, 9000 - 4096), log.report(t, 9000 - 4096)])
        self.lie('counters', 'line 4: its counter is more',
                 lambda log, t: [log.report(t, 5000), log.report(t, 5000 - 4097)])
        self.lie('roster', 'there is no roster', report, lambda log, end: [])
        self.lie('roster', 'line 5: an entry after the roster', report, lambda log, end: [log.roster(end, True)] * 2)
        self.lie('roster', 'line 4: the roster names', report, lambda log, end: [log.roster(end, True, batch=2)])
        self.lie('roster', 'line 4: the roster\'s received', report, lambda log, end: [log.roster(end - 1, True)])
        self.lie('silent', 'line 4: expected', report, lambda log, end: [log.roster(end, True, expected=2)])
        self.lie('silent', 'line 4: expected', report, lambda log, end: [log.roster(end, True, heard=0)])
        self.lie('silent', 'line 4: silent_root', report, lambda log, end: [log.roster(end, True, silent_root='0' * 64)])

    def test_signature(self):
        def forge(log, t):
            log.device, honest = Key(), log.device
            line = log.report(t, 1)
            log.device = honest
            return [line]
        self.lie('signatures', 'line 3', forge)

    def test_memory_is_bounded(self):
        """A file of some 40 MB with only 64 MB of address space above what the program needs."""
        log = Log()
        end = log.now + 900000
        lines = [log.registration(log.now)] + [b'{"x":"%s"}' % (b'y' * 60000)] * 700
        path = self.path('big', log.seal(lines + [log.roster(end, False)], end))
        limit = 64 * 1024 * 1024
        done = subprocess.run([support.POWERTRACK, 'verify', path], stdout=subprocess.PIPE, check=False,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b'700 in all', done.stdout)


class RulesTest(ProcessTest):
    """rules.json, one file at a time: which question each rule belongs to, and the line."""

    questions = {'unknown-device': 'signers', 'unknown-official': 'signers', 'revoked-device': 'signers',
                 'revoked-official': 'signers', 'wrong-site': 'signers', 'bad-signature': 'signatures', 'bad-key': 'entries',
                 'not-newer': 'signers', 'bad-profile': 'profiles', 'ahead': 'order',
                 'seq-used': 'counters', 'seq-old': 'counters', 'seq-before-key': 'counters', 'seq-lost': 'counters', 'lost-not-below': 'counters',
                 'lost-used': 'counters', **{f'complaint-{name}': 'complaints' for name in ('n', 'prev', 'place', 'who', 'state', 'category', 'to', 'of', 'late')},
                 **{f'notice-{name}': 'notices' for name in ('n', 'prev', 'who', 'changed', 'earlier', 'ended')},
                 'other-area': 'entries', 'order': 'order', 'window': 'order', 'after-roster': 'roster', 'roster-time': 'roster',
                 'roster-batch': 'roster', 'roster-missing': 'roster', 'roster-expected': 'silent', 'roster-heard': 'silent',
                 'roster-silent': 'silent'}

    def test_vectors(self):
        rules = vector('rules.json')
        keys = ['--authority-key', rules['authority_key'], '--service-key', rules['service_key']]
        for case in rules['cases']:
            for file, expected in zip(case['files'], case['alone']):
                with self.subTest(case['desc']):
                    _, findings, report = self.verify(file.encode(), *keys)
                    failed = {name: found['why'] for name, found in findings.items() if found['state'] == 'failed'}
                    if expected['rule'] == 'holds':
                        self.assertEqual((report['verdict'], failed), ('not-checked', {}))
                    else:
                        self.assertRegex(failed.get(self.questions[expected['rule']], str(failed)), f"^line {expected['line']}: ")


class BundleTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.log = Log()
        end = self.log.now + 900000
        lines = [self.log.registration(self.log.now), self.log.report(self.log.now, 1), self.log.report(self.log.now, 2),
                 self.log.roster(end, True)]
        self.log.seal(lines, end)
        leaves = self.log.leaves
        node = support.sha256(b'\1' + leaves[0] + leaves[1])
        self.bundle = {
            'area': self.log.area, 'batch': 1,
            'chain': {'block': 17, 'chain_id': 31337, 'contract': '0x' + '12' * 20, 'tx': '0x' + 'ab' * 32},
            'cid': support.cid_text(self.log.checkpoints[0]['cid']), 'entry': lines[2].decode(),
            'format': 'powertrack-proof-1', 'index': 2, 'path': [leaves[3].hex(), node.hex()],
            'root': support.root_of(leaves).hex(), 'signer': lines[0].decode(), 'size': 4}
        self.lines = lines

    def data(self, **changes):
        return support.canonical({**self.bundle, **changes})

    def test_holds(self):
        status, findings, _ = self.verify(self.data(), '--authority-key', self.log.authority.text, '--root',
                                          self.bundle['root'], '--size', '4')
        self.assertEqual(status, 0, findings)
        self.assertEqual({found['state'] for found in findings.values()}, {'ok'})

    def test_says_what_is_not_checked(self):
        status, findings, _ = self.verify(self.data())
        self.assertEqual(status, 3)
        self.assertEqual({name for name, found in findings.items() if found['state'] == 'not-checked'},
                         {'authority', 'root', 'size'})

    def test_size_is_not_bound_by_the_root(self):
        """Another place in a smaller tree, with the same root: the size alone tells."""
        before, leaf = self.bundle['path'][1], self.log.leaves[2]
        third = {'index': 2, 'size': 3, 'path': [before], 'root': support.sha256(b'\1' + bytes.fromhex(before) + leaf).hex()}
        second = {**third, 'index': 1, 'size': 2}
        for place in (third, second):
            _, findings, _ = self.verify(self.data(**place), '--root', third['root'])
            self.assertEqual({findings[name]['state'] for name in ('inclusion', 'root')}, {'ok'})
            self.assertEqual(findings['size']['state'], 'not-checked')
        self.assert_refused(self.data(**second), '--root', third['root'], '--size', '3', name='size')
        self.assert_refused(self.data(), '--size', '5', name='size')

    def test_signature_after_another_registration(self):
        """What was not verified is not said to be false."""
        _, findings, _ = self.verify(self.data(signer=self.log.registration(1764000000000, site='T-2').decode()))
        self.assertEqual((findings['signer']['state'], findings['signature']['state']), ('failed', 'not-checked'))

    def test_changed_on_its_way(self):
        data = self.data()
        self.assertEqual(self.verify(data + b'\n')[0], 3)
        for changed in (data + b'\r\n', b'\xef\xbb\xbf' + data, json.dumps(self.bundle, indent=1).encode(), json.dumps(self.bundle).encode()):
            status, out, err = support.powertrack('verify', self.path('changed', changed))
            self.assertEqual((status, out), (1, ''))
            self.assertIn('changed on its way', err)

    def test_text_for_people(self):
        status, out, _ = support.powertrack('verify', self.path('bundle', self.data()))
        self.assertEqual(status, 3)
        self.assertIn('Says it was anchored in block 17', out)
        self.assertIn('Nothing in this bundle is wrong, but not all of it was checked.', out)
        self.assertIn('Device tx-1 at site T-1 said ON', out)
        self.assertIn('not checked: give --authority-key', out)

    def test_lies(self):
        other = self.log.report(self.log.now, 2, power='OFF').decode()
        self.assert_refused(self.data(entry=other), name='inclusion')
        self.assert_refused(self.data(index=1), name='inclusion')
        self.assert_refused(self.data(path=self.bundle['path'][::-1]), name='inclusion')
        self.assert_refused(self.data(path=self.bundle['path'][:1]), name='inclusion')
        self.assert_refused(self.data(root='0' * 64), name='inclusion')
        self.assert_refused(self.data(entry=self.bundle['entry'] + ' '), name='entry')
        self.assert_refused(self.data(signer=self.log.registration(1764000000000, site='T-2').decode()), name='signer')
        self.assert_refused(self.data(signer=self.log.registration(1764000000000, 'revoked').decode()), name='signer')
        self.assert_refused(self.data(signer=self.log.registration(1764000000000, key=Key().text).decode()),
                            name='signature')
        self.assert_refused(self.data(signer=''), name='signer')

    def test_wrong_keys_and_root(self):
        self.assert_refused(self.data(), '--authority-key', Key().text, name='authority')
        self.assert_refused(self.data(), '--root', '1' * 64, name='root')

    def test_form(self):
        data = self.data()
        for spoiled in (data + b'\n\n', data.replace(b',"cid"', b', "cid"'), data[:-1], data.replace(b'"size":4', b'"size":04'),
                        data.replace(b'"index":2,', b''), data.replace(b'"0x12', b'"0X12')):
            self.assert_refused(spoiled)

    def test_every_changed_byte(self):
        data = self.data()
        arguments = ['--authority-key', self.log.authority.text, '--root', self.bundle['root'], '--size', '4']
        unproven = [data.index(b'"chain":{'), data.index(b'"entry":')]
        for at in range(0, len(data), 13):
            if unproven[0] <= at < unproven[1] or data[at - 10:at + 9].find(b'"batch"') >= 0:
                continue  # where the anchor stands is what the chain, not the bundle, proves
            changed = bytearray(data)
            changed[at] ^= 1
            self.assert_refused(bytes(changed), *arguments)


class ProgramTest(ProcessTest):
    def test_links_little(self):
        done = subprocess.run(['ldd', support.POWERTRACK], stdout=subprocess.PIPE, check=True)
        names = [line.split()[0] for line in done.stdout.decode().splitlines()]
        names = {os.path.basename(name).split('.so')[0] for name in names}
        names = {name for name in names if not name.startswith(('ld-linux', 'linux-vdso', 'linux-gate'))}
        self.assertLessEqual(names, {'libcrypto', 'libc', 'libdl', 'libpthread'})

    def test_holds_no_archive(self):
        """What is linked into it, and so is no library that is seen beside it: none of crypto_mb."""
        done = subprocess.run(['nm', support.POWERTRACK], stdout=subprocess.PIPE, check=True)
        self.assertIn(b'pt_p256_verifier_new', done.stdout)
        self.assertNotIn(b' mbx_', done.stdout)

    def test_help_and_version(self):
        for arguments in (['--help'], ['help'], ['-h']):
            status, out, _ = support.powertrack(*arguments)
            self.assertEqual(status, 0)
            self.assertIn('verify FILE', out)
        self.assertRegex(support.powertrack('--version')[1], r'^powertrack \d+\.\d+\.\d+\n$')

    def test_every_verb_has_help(self):
        for verb in ('verify', 'keygen', 'keygen --ethereum', 'status', 'outages', 'batches', 'proof', 'evidence', 'area register',
                     'device register', 'official register', 'official revoke', 'official show', 'chain deploy', 'audit', 'area', 'chain', 'complaint', 'profile',
                     'official', 'receipt check', 'profile check', 'profile set', 'profile show', 'complaint list', 'complaint file', 'complaint dossier'):
            status, out, err = support.powertrack(*verb.split(), '--help')
            self.assertEqual((status, err), (0, ''), verb)
            self.assertIn('--json', out)

    def test_usage(self):
        for arguments in ([], ['nonsense'], ['area'], ['area', 'nonsense'], ['verify'], ['verify', 'a', 'b'],
                          ['verify', '--root', 'xyz', 'a'], ['verify', '--authority-key', 'xyz', 'a'], ['keygen'],
                          ['keygen', '--ethereum'], ['status'], ['status', '--url', 'ftp://x'], ['status', 'extra'],
                          ['outages', '--url', 'http://x', '--from', 'yesterdayish'], ['outages', '--limit', '0'],
                          ['proof', '--url', 'http://x'], ['area', 'register'],
                          ['area', 'register', 'UPPER', '--token-file', 'x', '--authority-key', 'x', '--url', 'http://x'],
                          ['device', 'register', '--url', 'http://x'], ['chain', 'deploy']):
            status, out, err = support.powertrack(*arguments)
            self.assertEqual((status, out), (2, ''), arguments)
            self.assertTrue(err.strip(), arguments)

    def test_keygen(self):
        path = self.path('key.pem')
        status, out, _ = support.powertrack('keygen', '--out', path)
        self.assertEqual(status, 0)
        self.assertRegex(out, r'^B[A-Za-z0-9_-]{86}\n$')
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        before = support.read_bytes(path)
        status, _, err = support.powertrack('keygen', '--out', path)
        self.assertEqual(status, 1)
        self.assertIn(path, err)
        self.assertEqual(support.read_bytes(path), before)

    def test_keygen_is_what_openssl_reads(self):
        path = self.path('key.pem')
        _, out, _ = support.powertrack('keygen', '--out', path, '--json')
        done = subprocess.run(['openssl', 'pkey', '-in', path, '-pubout', '-outform', 'DER'], stdout=subprocess.PIPE,
                              check=True)
        self.assertEqual(support.base64url(done.stdout[-65:]), json.loads(out)['public_key'])

    def test_nobody_listens(self):
        url = 'http://127.0.0.1:%d' % support.unused_port()
        for verb in ('status', 'outages', 'batches', 'evidence'):
            status, out, err = support.powertrack(verb, '--url', url)
            self.assertEqual((status, out), (1, ''))
            self.assertEqual(err.count('\n'), 1)


if __name__ == '__main__':
    unittest.main()
