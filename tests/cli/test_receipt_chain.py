# SPDX-License-Identifier: Apache-2.0
"""`powertrack receipt check --rpc` and `audit --receipt` on a real chain: a service that keeps its word, one that is late, and one that
dropped an entry after its receipt; and gateways and chains that can't say, which accuse nobody."""
import json
import os
import unittest

import support
from support import Gateway, Key, Log, base64url, canonical, leaf_hash, root_of

if not os.path.exists(support.ANVIL):
    raise SystemExit('anvil is not installed; run `make deps`')


def receipt_of(log, line, by, key=None, received=None):
    """For one entry, alone in its commit."""
    leaf = leaf_hash(line)
    signed = {'area': log.area, 'by': by, 'format': 'powertrack-receipt-1', 'received': received or json.loads(line)['received'],
              'root': root_of([leaf]).hex(), 'size': 1}
    sig = base64url((key or log.service).sign(b'powertrack receipt v1\n' + canonical(signed)))
    return canonical({**signed, 'index': 0, 'leaf': leaf.hex(), 'path': [], 'sig': sig})


class Receipts(support.OwnChain):
    def setUp(self):
        self.log = Log('receipt-%d' % next(self.numbers))
        self.later = 2_000_000_000_000  # a promise that anvil's clock keeps
        self.gateway_url = None

    def publish(self, lie=None):
        self.chain.publish(self.log)
        gateway = Gateway(self.log.blocks, lie)
        self.addCleanup(gateway.stop)
        self.gateway_url = gateway.url

    def lines(self):
        """Of a first batch: a registration and three reports."""
        start = self.log.now
        return [self.log.registration(start)] + [self.log.report(start + 1000 + k, k + 1) for k in range(3)]

    def seal(self, lines):
        end = self.log.now + 900000
        self.log.seal(lines + [self.log.roster(end, True)], end)

    def file(self, name, data):
        path = os.path.join(self.directory.name, self.log.area + name)
        with open(path, 'wb') as file:
            file.write(data)
        return path

    def ask(self, *arguments):
        return ['--rpc', self.chain.url, '--contract', self.chain.contract, '--gateway', self.gateway_url, *arguments]

    def check(self, receipt, *more, confirmations='0'):
        path = self.file('.json', receipt)
        depth = ['--confirmations', confirmations] if confirmations else []
        status, out, err = support.powertrack('receipt', 'check', path, *self.ask('--json', *depth, *more))
        self.assertTrue(out, err)
        row, = json.loads(out)['receipts']
        return status, row

    def audit(self, receipt):
        status, out, _ = support.powertrack('audit', *self.ask('--json', '--area', self.log.area, '--confirmations', '0', '--receipt',
                                                               self.file('.json', receipt)))
        return status, json.loads(out)

    def test_kept(self):
        lines = self.lines()
        self.seal(lines)
        self.publish()
        status, row = self.check(receipt_of(self.log, lines[2], self.later))
        self.assertEqual((status, row['promise'], row['batch']), (0, 'kept', 1))
        status, report = self.audit(receipt_of(self.log, lines[2], self.later))
        self.assertEqual((status, report['receipts'][0]['promise']), (0, 'kept'))

    def test_dropped(self):
        lines = self.lines()
        self.seal(lines[:2] + lines[3:])
        self.publish()
        receipt = receipt_of(self.log, lines[2], self.later)
        status, row = self.check(receipt)
        self.assertEqual((status, row['promise'], row['batch']), (1, 'broken', 1))
        status, report = self.audit(receipt)
        self.assertEqual((status, report['verdict']), (1, 'fails'))
        self.assertTrue(any('BROKEN' in line for line in report['failed']), report['failed'])
        status, out, _ = support.powertrack('receipt', 'check', self.file('.json', receipt), *self.ask('--confirmations', '0'))
        self.assertIn('BROKEN', out)

    def test_in_a_later_batch_is_broken_too(self):
        lines = self.lines()
        self.seal(lines[:3])
        self.seal([self.log.report(self.log.now + 5, 3)])
        self.publish()
        status, row = self.check(receipt_of(self.log, lines[3], self.later))
        self.assertEqual((status, row['promise']), (1, 'broken'))

    def test_late(self):
        lines = self.lines()
        self.seal(lines)
        self.publish()
        status, row = self.check(receipt_of(self.log, lines[2], 1_764_000_000_000))
        self.assertEqual((status, row['promise'], row['batch']), (1, 'late', 1))

    def test_not_due_yet_and_overdue(self):
        lines = self.lines()
        self.seal(lines)
        self.publish()
        after = self.log.report(self.log.now + 10, 9)
        status, row = self.check(receipt_of(self.log, after, 9_000_000_000_000))
        self.assertEqual((status, row['promise'], 'batch' in row), (3, 'pending', False))
        self.assertEqual(self.audit(receipt_of(self.log, after, 9_000_000_000_000))[0], 3)
        status, row = self.check(receipt_of(self.log, after, self.log.now + 20))
        self.assertEqual((status, row['promise']), (1, 'late'))

    def test_what_is_not_final_is_not_judged(self):
        """Nothing here is as deep as the chain's own finalized block, so the promise is not due."""
        lines = self.lines()
        self.seal(lines[:2] + lines[3:])
        self.publish()
        for confirmations in (None, '1000000'):
            status, row = self.check(receipt_of(self.log, lines[2], 9_000_000_000_000), confirmations=confirmations)
            self.assertEqual((status, row['promise']), (3, 'pending'))

    def test_of_nobody(self):
        lines = self.lines()
        self.seal(lines)
        self.publish()
        status, row = self.check(receipt_of(self.log, lines[2], self.later, Key()))
        self.assertEqual((status, row['promise']), (1, 'bad-signature'))
        other = Log('nowhere')
        status, row = self.check(receipt_of(other, lines[2], self.later))
        self.assertEqual((status, row['promise']), (3, 'unknown-area'))

    def test_a_gateway_that_has_nothing_accuses_nobody(self):
        lines = self.lines()
        self.seal(lines[:2] + lines[3:])
        self.publish(lambda cid, block, handler: None)
        status, row = self.check(receipt_of(self.log, lines[2], self.later))
        self.assertEqual((status, row['promise']), (3, 'unreachable'))

    def test_no_receipt(self):
        self.gateway_url = 'http://127.0.0.1:1'
        status, out, err = support.powertrack('receipt', 'check', self.file('.json', b'{}'), *self.ask())
        self.assertEqual((status, out), (1, ''))
        self.assertIn('no receipt', err)
        self.assertEqual(support.powertrack('receipt', 'check', '/nowhere', '--rpc', 'x')[0], 2)

    def test_verify_asks_the_chain(self):
        """A batch file whose root, keys and the root before come from there."""
        self.log.good_batches(2)
        self.publish()
        data = next(block for block in self.log.blocks.values() if b'"batch":2,' in block)
        path = self.file('.batch', data)
        chain = ['--rpc', self.chain.url, '--contract', self.chain.contract]
        status, out, err = support.powertrack('verify', path, *chain, '--json')
        found = {row['name']: row['state'] for row in json.loads(out)['findings']}
        self.assertEqual((found['root'], found['size'], found['previous']), ('ok', 'ok', 'ok'), (out, err))
        self.assertNotEqual(status, 1, out)
        spoiled = data.replace(b'"heard":1', b'"heard":0')
        self.assertEqual(support.powertrack('verify', self.file('.batch', spoiled), *chain)[0], 1)
        self.assertEqual(support.powertrack('verify', path, '--rpc', 'http://127.0.0.1:1', '--contract', self.chain.contract)[0], 3)


if __name__ == '__main__':
    unittest.main()
