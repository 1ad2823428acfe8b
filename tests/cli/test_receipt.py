# SPDX-License-Identifier: Apache-2.0
"""`powertrack receipt check` with the network off: held, broken and what can't be said, from files alone."""
import json
import os
import tempfile
import unittest

from support import Key, VECTORS, base64url, batch_file, canonical, entry, leaf_hash, powertrack, root_of, vector

RECEIPTS = vector('v2/receipts.json')
ENTRIES = [row['entry'].encode() for row in vector('v2/entries.json')['entries']]


def batches():
    return [vector('v2/' + row['file']) | {'path': os.path.join(VECTORS, 'v2', row['file'])} for row in vector('v2/batches.json')['batches']]


class Check(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, 'wb') as file:
            file.write(data)
        return path

    def check(self, receipt, *options):
        path = self.path('receipt.json', receipt.encode() if isinstance(receipt, str) else receipt)
        status, out, err = powertrack('receipt', 'check', '--json', path, *options)
        answer = json.loads(out) if out else None
        return status, answer, {row['name']: row['state'] for row in answer['findings']} if answer else err


class Vectors(Check):
    def test_all_are_held(self):
        count = 0
        for commit in RECEIPTS['commits']:
            for row in commit['receipts']:
                batch = next(b for b in batches() if b['from'] <= commit['received'] < b['to'])
                status, answer, found = self.check(row['receipt'] + '\n', '--service-key', RECEIPTS['service_key'], '--batch-file', batch['path'],
                                                   '--root', batch['root'], '--entry', self.path('entry', ENTRIES[row['entry']]))
                self.assertEqual((status, answer['promise'], answer['verdict']), (0, 'held', 'holds'), found)
                count += 1
        self.assertGreater(count, 5)

    def test_invalid_ones(self):
        for row in RECEIPTS['invalid']:
            if row['receipt'].endswith('\n'):  # what saves a text ends its last line
                continue
            with self.subTest(row['why']):
                status, answer, found = self.check(row['receipt'], '--service-key', RECEIPTS['service_key'])
                self.assertEqual(status, 1, found)
                self.assertEqual(answer['promise'], 'not-checked')

    def test_what_is_not_given_is_not_checked(self):
        receipt = RECEIPTS['commits'][0]['receipts'][0]
        status, answer, found = self.check(receipt['receipt'])
        self.assertEqual((status, answer['promise']), (3, 'not-checked'))
        self.assertEqual(found, {'form': 'ok', 'signature': 'not-checked', 'held': 'not-checked'})

    def test_a_batch_of_another_time_accuses_nobody(self):
        commit = RECEIPTS['commits'][0]
        other = next(b for b in batches() if not b['from'] <= commit['received'] < b['to'])
        status, answer, found = self.check(commit['receipts'][0]['receipt'], '--batch-file', other['path'])
        self.assertEqual((status, answer['promise'], found['held']), (3, 'not-checked', 'not-checked'))

    def test_of_another_entry(self):
        row = RECEIPTS['commits'][0]['receipts'][0]
        status, _, found = self.check(row['receipt'], '--entry', self.path('entry', ENTRIES[row['entry'] + 1]))
        self.assertEqual((status, found['entry']), (1, 'failed'))


class Kept(Check):
    """The file that the page gives to whoever files: all its receipts are checked."""

    def kept(self, receipts):
        return canonical({'area': 'demo-east', 'complaint': 'C-2025-000001', 'entries': [ENTRIES[0].decode()], 'format': 'powertrack-kept-1',
                          'key': {'private': 'x', 'public': 'y'}, 'privates': ['{"text":"a"}'], 'receipts': receipts, 'url': 'http://x/'})

    def test_all_of_them(self):
        receipts = [row['receipt'] for commit in RECEIPTS['commits'] for row in commit['receipts']][:3]
        for more, wanted in (([], 0), ([RECEIPTS['invalid'][0]['receipt']], 1)):
            path = self.path('kept.json', self.kept(receipts + more))
            status, out, _ = powertrack('receipt', 'check', '--json', path, '--service-key', RECEIPTS['service_key'])
            rows = [json.loads(line) for line in out.splitlines()]
            self.assertEqual(len(rows), 3 + len(more))
            self.assertEqual(status, wanted or 3)
        for broken in (self.kept([]), self.kept([5]), self.kept(receipts)[:-30]):
            self.assertEqual(powertrack('receipt', 'check', self.path('kept.json', broken))[0], 1)


class Broken(Check):
    """A service that gave its receipt and sealed the batch without the entry."""

    def setUp(self):
        super().setUp()
        self.service, citizen = Key(), Key()
        self.start, self.end = 1764000000000, 1764000900000
        self.dropped, self.kept = (
            entry(citizen, self.start + 5, kind='action', area='lost', ts=self.start, complaint=str(i), n=1, prev='0' * 64, action='file', by='citizen',
                  key=citizen.text, site='T-1', category='x', note_hash='0' * 64) for i in range(2))
        leaves = [leaf_hash(self.dropped), leaf_hash(self.kept)]
        signed = {'area': 'lost', 'by': self.end + 60000, 'format': 'powertrack-receipt-1', 'received': self.start + 5,
                  'root': root_of(leaves).hex(), 'size': 2}
        sig = base64url(self.service.sign(b'powertrack receipt v1\n' + canonical(signed)))
        self.receipts = [canonical({**signed, 'index': i, 'leaf': leaves[i].hex(), 'path': [leaves[1 - i].hex()], 'sig': sig}) for i in range(2)]
        roster = entry(self.service, self.end, kind='roster', area='lost', ts=self.end, batch=1, expected=0, heard=0, silent_root=root_of([]).hex())
        self.data = batch_file('lost', 1, [self.kept, roster], [], self.start, self.end)
        self.root = root_of([leaf_hash(self.kept), leaf_hash(roster)]).hex()

    def options(self):
        return ['--service-key', self.service.text, '--batch-file', self.path('batch.json', self.data), '--root', self.root]

    def test_the_files_prove_it(self):
        status, answer, found = self.check(self.receipts[0], *self.options())
        self.assertEqual((status, answer['promise']), (1, 'broken'), found)
        self.assertEqual(found, {'form': 'ok', 'signature': 'ok', 'batch': 'ok', 'held': 'failed', 'root': 'ok'})
        status, answer, _ = self.check(self.receipts[1], *self.options())
        self.assertEqual((status, answer['promise']), (0, 'held'))
        status, out, _ = powertrack('receipt', 'check', self.path('receipt.json', self.receipts[0]), *self.options())
        self.assertEqual(status, 1)
        self.assertIn('THE PROMISE WAS BROKEN', out)

    def test_a_file_that_is_cut_off_accuses_nobody(self):
        for data in (self.data[:-10], self.data.replace(b'"size":2', b'"size":3'), b'{}\n'):
            status, answer, found = self.check(self.receipts[0], '--batch-file', self.path('batch.json', data))
            self.assertEqual((status, answer['promise'], found['batch']), (1, 'not-checked', 'failed'))

    def test_usage(self):
        for arguments in ([], ['a', 'b'], ['a', '--root', 'xyz'], ['a', '--service-key', 'abc'], ['a', '--nonsense']):
            self.assertEqual(powertrack('receipt', 'check', *arguments)[0], 2, arguments)
        self.assertEqual(powertrack('receipt', 'check', '/nowhere/at/all')[0], 3)
        self.assertEqual(powertrack('receipt', 'check', '--help')[0], 0)


if __name__ == '__main__':
    unittest.main()
