# SPDX-License-Identifier: Apache-2.0
"""`powertrack audit` on a real chain, against an operator who has the service key and lies about complaints: batches, trees and anchors are all made to
fit what he wrote, so only what the entries say can give him away. Each lie is told by its own finding, at its own line."""
import json
import os
import unittest

import support
from support import Gateway, Key, Log, canonical, entry, leaf_hash

if not os.path.exists(support.ANVIL):
    raise SystemExit('anvil is not installed; run `make deps`')

NOBODY = '0' * 64
NUMBER = '1234567894'


class Complaints(Log):
    """A log whose first lines are a device, an operator, an officer, an auditor and a profile, and then one complaint step by step."""

    def __init__(self, area):
        super().__init__(area)
        self.people = {name: Key() for name in ('op-1', 'ae-1', 'aud-1', 'asha', 'stranger')}
        self.lines = [self.registration(self.now)]
        for name, role in (('op-1', 'operator'), ('ae-1', 'officer'), ('aud-1', 'auditor')):
            self.lines.append(entry(self.authority, self.now, kind='official', area=area, ts=self.now, official=name, role=role, name=name, status='active',
                                    key=self.people[name].text))
        self.n, self.last = 0, NOBODY

    def step(self, action, by, signer=None, key=None, **more):
        """The next one; @by: an official, or whose key a citizen's is. @signer: who signs in truth. @key: the key that the entry says."""
        fields = {'kind': 'action', 'action': action, 'area': self.area, 'complaint': NUMBER, 'n': self.n + 1, 'prev': self.last, 'site': 'T-1', 'ts': self.now, **more}
        if by in ('asha', 'stranger'):
            fields |= {'by': 'citizen', 'key': key or self.people[by].text}
        else:
            fields['by'] = by
        keys = self.people | {'service': self.service}
        return entry(keys[signer or by], self.now + 1000 + self.n, **fields)

    def add(self, line):
        self.lines.append(line)
        self.n, self.last = self.n + 1, leaf_hash(line).hex()

    def say(self, action, by, **more):
        self.add(self.step(action, by, **more))
        return self.lines[-1]

    def close(self):
        """Seals what was said; the lie is what stands last before the roster, so its line of the file is that of the last of them."""
        end = self.now + 900000
        self.seal(self.lines + [self.roster(end, False)], end)
        line, self.lines = len(self.lines) + 1, []
        return line


class AuditComplaints(support.OwnChain):
    def setUp(self):
        """A complaint that was filed and acknowledged as it should be."""
        self.log = Complaints('lies-%d' % next(self.numbers))
        self.log.say('file', 'asha', category='no-supply', note_hash='5' * 64)
        self.log.say('acknowledge', 'op-1', note='seen')

    def audit(self):
        self.chain.publish(self.log)
        gateway = Gateway(self.log.blocks)
        self.addCleanup(gateway.stop)
        status, out, err = support.powertrack('audit', '--rpc', self.chain.url, '--contract', self.chain.contract, '--gateway', gateway.url, '--json',
                                              '--area', self.log.area)
        self.assertIn(status, (0, 1), err)
        return status, json.loads(out)

    def assert_lie(self, words):
        """What the newest line says is found, there and nowhere else."""
        line = self.log.close()
        status, report = self.audit()
        self.assertEqual((status, report['verdict'], report['failures']), (1, 'fails', 1), report['failed'])
        self.assertEqual(report['failed'], ['%s batch %d line %d: %s' % (self.log.area, self.log.number, line, words)])

    # What holds ---------------------------------------------------------------------------------

    def test_the_truth(self):
        self.log.say('resolve', 'ae-1', note='new fuse')
        self.log.say('reopen', 'asha', note_hash='6' * 64)
        self.log.close()
        status, report = self.audit()
        self.assertEqual((status, report['failed']), (0, []))
        self.assertEqual((report['complaints']['filed'], report['complaints']['open']), (1, 1))

    # Who acts -----------------------------------------------------------------------------------

    def test_resolved_by_who_may_not(self):
        """An operator, an auditor and the service itself close nothing, though each signs as itself."""
        for by in ('op-1', 'aud-1', 'service'):
            with self.subTest(by=by):
                self.setUp()
                self.log.say('resolve', by, **({'note_hash': '6' * 64} if by == 'service' else {'note': 'done'}))
                self.assert_lie('whoever acts may not do this to the complaint')

    def test_resolved_in_the_officers_name(self):
        """Signed with the service key, which is all that the operator of the service has."""
        self.log.say('resolve', 'ae-1', signer='service', note='done')
        self.assert_lie('the signature does not hold')

    def test_reopened_with_another_key(self):
        """The citizen's key is named and another one signed; or the other one is named too, which never filed and never joined."""
        self.log.say('resolve', 'ae-1', note='done')
        self.log.say('reopen', 'asha', signer='stranger', note_hash='6' * 64)
        self.assert_lie('the signature does not hold')
        self.setUp()
        self.log.say('resolve', 'ae-1', note='done')
        self.log.say('reopen', 'stranger', note_hash='6' * 64)
        self.assert_lie('whoever acts may not do this to the complaint')

    def test_confirmed_or_withdrawn_for_the_citizen(self):
        """What would make a complaint look settled."""
        self.log.say('resolve', 'ae-1', note='done')
        self.log.say('confirm', 'asha', signer='service')
        self.assert_lie('the signature does not hold')
        self.setUp()
        self.log.say('withdraw', 'asha', signer='service')
        self.assert_lie('the signature does not hold')

    # What was said ------------------------------------------------------------------------------

    def test_an_altered_note(self):
        """One word of an officer's note, before the tree is made: chain, root, CID and leaf all fit the altered bytes."""
        honest = self.log.step('resolve', 'ae-1', note='no fault found')
        altered = honest.replace(b'no fault found', b'new cable laid')
        self.assertNotEqual(altered, honest)
        self.log.add(altered)
        self.assert_lie('the signature does not hold')

    def test_an_altered_filing(self):
        """The words' hash, the category or the place of what a citizen signed."""
        for name, value in (('note_hash', '7' * 64), ('category', 'voltage'), ('site', 'T-2')):
            with self.subTest(name=name):
                log = self.log = Complaints('lies-%d' % next(self.numbers))
                fields = json.loads(log.step('file', 'asha', category='no-supply', note_hash='5' * 64))
                log.add(canonical({**fields, name: value}))
                self.assert_lie('the signature does not hold')

    def test_backdated(self):
        """An acknowledgement made to look in time: `received` is the service's own word, but it can't run backwards."""
        line = json.loads(self.log.step('assign', 'op-1', note='', to='ae-1'))
        self.log.add(canonical({**line, 'received': self.log.now + 500}))
        self.assert_lie('received is before that of the entry above')

    # What became of it --------------------------------------------------------------------------

    def test_a_step_left_out(self):
        """The reject was dropped from between and the next one kept; or its number was given to the next one, which names what it follows."""
        self.log.say('comment', 'ae-1', note='on the way')
        self.log.lines.pop()
        self.log.say('resolve', 'ae-1', note='done')
        self.assert_lie('n is not the complaint\'s next number')
        self.setUp()
        self.log.last = leaf_hash(self.log.step('comment', 'ae-1', note='on the way')).hex()
        self.log.say('resolve', 'ae-1', note='done')
        self.assert_lie('prev is not the complaint\'s last leaf hash')

    def test_resolved_twice(self):
        self.log.say('resolve', 'ae-1', note='done')
        self.log.say('resolve', 'ae-1', note='done again')
        self.assert_lie('the complaint is in a state in which this may not be done')

    def test_moved(self):
        """A resolve of a neighbour's site."""
        self.log.say('resolve', 'ae-1', note='done', site='T-2')
        self.assert_lie('its place is not that of the complaint\'s first entry')

    def test_in_a_later_batch(self):
        """The same where the batch before was true: the lie is of the second."""
        self.log.close()
        self.log.say('resolve', 'op-1', note='done')
        self.assert_lie('whoever acts may not do this to the complaint')


if __name__ == '__main__':
    unittest.main()
