# SPDX-License-Identifier: Apache-2.0
"""`powertrack verify` of dossiers: of every complaint of the vectors, and of each thing in one that may be a lie."""
import json
import os
import tempfile
import unittest

import dossiers
from support import Key, base64url, canonical, entry, powertrack

KEYS = ['--authority-key', dossiers.BATCHES['authority_key'], '--service-key', dossiers.BATCHES['service_key']]


class Dossier(unittest.TestCase):
    def verify(self, made, *options, keys=KEYS):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'dossier.json')
            with open(path, 'wb') as file:
                file.write(made if isinstance(made, bytes) else canonical(made) + b'\n')
            status, out, err = powertrack('verify', '--json', *keys, *options, path)
        answer = json.loads(out) if out else None
        found = {row['name']: row for row in answer['findings']} if answer else {}
        return status, answer, found, err

    def assert_state(self, found, name, state):
        self.assertEqual(found[name]['state'], state, found[name])

    def test_every_complaint_of_the_vectors(self):
        for complaint in dossiers.COMPLAINTS['complaints']:
            with self.subTest(complaint['complaint']):
                status, answer, found, _ = self.verify(dossiers.dossier(complaint))
                self.assertEqual(status, 3, found)  # what the chain has was not asked
                self.assertEqual(answer['state'], complaint['state'])
                self.assertEqual([row['state'] for row in answer['steps']], [row['state'] for row in complaint['entries']])
                for name in ('entries', 'inclusion', 'order', 'profile', 'signatures'):
                    self.assert_state(found, name, 'ok')
                has_other = any(row['action'] == 'duplicate' for row in complaint['entries'])
                self.assert_state(found, 'rules', 'not-checked' if has_other else 'ok')
                self.assert_state(found, 'roots', 'not-checked')
                for row, step in zip(complaint['entries'], answer['steps']):
                    self.assertEqual(step.get('evidence'), row.get('evidence'))

    def of_resolve(self, change=None, until=8):
        """C-2025-000001 up to its reopening after a resolve that a device contradicts."""
        def cut(made):
            del made['steps'][until:]
            made['privates'] = []
            if change:
                change(made)

        return self.spoil(cut)

    def counter(self, bundle):
        return json.loads(json.loads(bundle)['entry'])['seq']

    def test_a_device_contradicts(self):
        status, answer, found, _ = self.of_resolve()
        self.assertEqual(status, 3, found)
        self.assert_state(found, 'evidence', 'ok')
        self.assert_state(found, 'reports', 'not-checked')  # what the chain has was not asked
        self.assertEqual((answer['steps'][5]['evidence'], answer['steps'][5]['evidence_shown']), ('contradicted', True))
        said = {row['seq']: row['power'] for row in answer['reports']}
        self.assertEqual((said[7], said[8]), ('OFF', 'ON'))

    def test_a_verdict_against_its_device(self):
        """The device said that supply was off; whoever says otherwise is told as what it is."""
        for said in ('supported', 'unsupported', ''):
            status, _, found, _ = self.of_resolve(lambda made, said=said: made['steps'][5].update(evidence=said))
            self.assertEqual(status, 1)
            self.assert_state(found, 'evidence', 'failed')
            self.assertIn('step 6:', found['evidence']['why'])

    def test_a_report_tampered_with(self):
        def alter(made):
            at = next(i for i, text in enumerate(made['reports']) if self.counter(text) == 7)
            made['reports'][at] = made['reports'][at].replace('OFF', 'ON')

        status, _, found, _ = self.of_resolve(alter)
        self.assertEqual(status, 1)
        self.assert_state(found, 'reports', 'failed')
        self.assert_state(found, 'evidence', 'not-checked')

    def test_a_report_left_out(self):
        """The last one before the resolve, the next one, or all of them: what they said is not known then, whatever is told."""
        for kept in (lambda seq: seq != 7, lambda seq: seq != 8, lambda seq: False):
            for said in ('contradicted', 'supported', 'unsupported'):
                def leave_out(made, kept=kept, said=said):
                    made['reports'] = [text for text in made['reports'] if kept(self.counter(text))]
                    made['steps'][5]['evidence'] = said

                status, answer, found, _ = self.of_resolve(leave_out)
                self.assertEqual(status, 3, found)
                self.assertFalse(answer['steps'][5]['evidence_shown'])
                self.assert_state(found, 'evidence', 'not-checked')

    def test_supply_was_back(self):
        """That the site has no other device nobody shows who can leave it out."""
        status, _, found, _ = self.of_resolve(until=14)
        self.assertEqual(status, 3)
        self.assert_state(found, 'evidence', 'not-checked')
        self.assertIn('step 9: the devices shown say that supply was back', found['evidence']['why'])

    def log_of_backlog(self, later):
        """A device that said OFF, a resolve, and the device's next report behind it in the log, made @later than the resolve."""
        authority, officer, device, citizen = Key(), Key(), Key(), Key()
        start, place = 1764000000000, {'lat': 1, 'lon': 2}
        file = entry(citizen, start + 30, kind='action', area='demo-east', ts=start, complaint='1', n=1, prev='0' * 64, action='file',
                     by='citizen', key=citizen.text, site='T-1', category='no-supply', note_hash='0' * 64)
        said = {'kind': 'report', 'area': 'demo-east', 'device': 'tx', 'site': 'T-1', **place}
        log = [entry(authority, start, kind='device', area='demo-east', ts=start, device='tx', site='T-1', key=device.text, level='transformer',
                     customers=1, status='active', **place),
               entry(authority, start, kind='official', area='demo-east', ts=start, official='ae', key=officer.text, role='officer', name='x',
                     status='active'),
               entry(authority, start, kind='profile', area='demo-east', ts=start,
                     document=next(json.loads(line) for line in dossiers.ENTRIES if b'"kind":"profile"' in line)['document']),
               file, entry(device, start + 40, ts=start + 40, seq=1, power='OFF', **said),
               entry(officer, start + 50, kind='action', area='demo-east', ts=start + 50, complaint='1', n=2, prev=dossiers.leaf_hash(file).hex(),
                     action='resolve', by='ae', site='T-1', note='done'),
               entry(device, start + 60, ts=start + 50 + later, seq=2, power='OFF', **said)]
        leaves = [dossiers.leaf_hash(line) for line in log]

        def bundle(index, signer):
            made = json.loads(dossiers.bundle(39))
            return canonical({**made, 'entry': log[index].decode(), 'index': index, 'path': [node.hex() for node in dossiers.path_of(index, leaves)],
                              'root': dossiers.root_of(leaves).hex(), 'signer': signer, 'size': len(leaves)}).decode()

        steps = [(3, '', ''), (5, log[1].decode(), 'contradicted')]
        made = {'area': 'demo-east', 'complaint': '1', 'format': 'powertrack-dossier-1', 'left_out': 0, 'made': start, 'privates': [],
                'profiles': [log[2].decode()], 'registrations': [log[1].decode()], 'reports': [bundle(i, log[0].decode()) for i in (4, 6)],
                'steps': [{'entry': log[i].decode(), 'evidence': said, 'proof': bundle(i, signer), 'receipt': ''} for i, signer, said in steps]}
        return made, ['--authority-key', authority.text]

    def test_a_backlog_shows_nothing(self):
        """Reports come in any order: one with a higher counter may stand before the resolve unless the next was made after it."""
        for later, state in ((1, 'ok'), (0, 'not-checked'), (-20, 'not-checked')):
            made, keys = self.log_of_backlog(later)
            status, _, found, _ = self.verify(made, keys=keys)
            self.assertEqual(status, 3, found)
            self.assert_state(found, 'evidence', state)

    def test_verdicts_that_are_none(self):
        for step, said in ((5, 'perhaps'), (0, 'supported')):
            status, _, found, _ = self.of_resolve(lambda made, step=step, said=said: made['steps'][step].update(evidence=said))
            self.assertEqual(status, 1)
            self.assert_state(found, 'evidence', 'failed')

    def test_reports_of_another_authority_or_log(self):
        status, _, found, _ = self.verify(dossiers.dossier(dossiers.of_number('C-2025-000001')), keys=['--authority-key', Key().text])
        self.assertEqual(status, 1)
        self.assert_state(found, 'reports', 'failed')

    def spoil(self, change, number='C-2025-000001'):
        made = dossiers.dossier(dossiers.of_number(number))
        change(made)
        return self.verify(made)

    def test_a_step_left_out(self):
        for at, name in ((0, 'rules'), (5, 'rules')):
            status, _, found, _ = self.spoil(lambda made, at=at: made['steps'].pop(at))
            self.assertEqual(status, 1)
            self.assert_state(found, name, 'failed')
            self.assertIn(f'step {at + 1}:', found[name]['why'])

    def test_steps_in_another_order(self):
        def swap(made):
            made['steps'][7], made['steps'][8] = made['steps'][8], made['steps'][7]

        status, _, found, _ = self.spoil(swap)
        self.assertEqual(status, 1)
        self.assert_state(found, 'entries', 'failed')

    def test_a_note_altered(self):
        def alter(made):
            step = json.loads(made['steps'][5]['entry'])
            step['note'] += '.'
            made['steps'][5]['entry'] = canonical(step).decode()

        status, _, found, _ = self.spoil(alter)
        self.assertEqual(status, 1)
        for name in ('signatures', 'inclusion', 'rules'):
            self.assert_state(found, name, 'failed')
        self.assertIn('step 6:', found['signatures']['why'])

    def test_words_altered(self):
        def alter(made):
            made['privates'][0] = made['privates'][0].replace('no power', 'my power')

        status, _, found, _ = self.spoil(alter)
        self.assertEqual(status, 1)
        self.assert_state(found, 'privates', 'failed')

    def test_a_resolve_by_a_wrong_role(self):
        """An operator with a good key and registration resolves; the signature holds, the role does not."""
        authority, operator, citizen = Key(), Key(), Key()
        start = 1764000000000
        registration = entry(authority, start, kind='official', area='demo-east', ts=start, official='op', key=operator.text, role='operator',
                             name='Desk', status='active')
        file = entry(citizen, start + 10, kind='action', area='demo-east', ts=start + 9, complaint='1', n=1, prev='0' * 64, action='file',
                     by='citizen', key=citizen.text, site='T-1', category='no-supply', note_hash='0' * 64)
        resolve = entry(operator, start + 20, kind='action', area='demo-east', ts=start + 19, complaint='1', n=2,
                        prev=dossiers.leaf_hash(file).hex(), action='resolve', by='op', site='T-1', note='done')
        made = {'area': 'demo-east', 'complaint': '1', 'format': 'powertrack-dossier-1', 'left_out': 0, 'made': start, 'privates': [], 'profiles': [],
                'registrations': [registration.decode()], 'reports': [],
                'steps': [{'entry': line.decode(), 'evidence': '', 'proof': '', 'receipt': ''} for line in (file, resolve)]}
        status, _, found, _ = self.verify(made, keys=['--authority-key', base64url(authority.public)])
        self.assertEqual(status, 1)
        self.assert_state(found, 'signatures', 'ok')
        self.assert_state(found, 'authority', 'ok')
        self.assert_state(found, 'rules', 'failed')
        self.assertIn('step 2:', found['rules']['why'])
        self.assert_state(found, 'inclusion', 'not-checked')
        made['registrations'] = []
        status, _, found, _ = self.verify(made, keys=['--authority-key', base64url(authority.public)])
        self.assertEqual(status, 3)  # who signed is not known, so nobody is accused
        self.assert_state(found, 'signatures', 'not-checked')
        self.assert_state(found, 'rules', 'not-checked')

    def test_a_reopen_by_a_key_that_is_not_of_it(self):
        def forge(made):
            stranger = Key()
            step = json.loads(made['steps'][6]['entry'])
            received = step.pop('received')
            step.pop('sig')
            step['key'] = stranger.text
            made['steps'][6] = {'entry': entry(stranger, received, **step).decode(), 'evidence': '', 'proof': '', 'receipt': ''}
            del made['steps'][7:]

        status, _, found, _ = self.spoil(forge)
        self.assertEqual(status, 1)
        self.assert_state(found, 'signatures', 'ok')
        self.assert_state(found, 'rules', 'failed')

    def test_registrations_of_another_authority(self):
        made = dossiers.dossier(dossiers.of_number('C-2025-000001'))
        status, _, found, _ = self.verify(made, keys=['--authority-key', Key().text])
        self.assertEqual(status, 1)
        self.assert_state(found, 'authority', 'failed')
        self.assert_state(found, 'profile', 'failed')

    def test_a_profile_altered(self):
        """A promise made longer afterwards: the authority signed another."""
        def alter(made):
            profile = json.loads(made['profiles'][0])
            profile['document'] = profile['document'].replace('"resolve_min":', '"resolve_min":9', 1)
            made['profiles'][0] = canonical(profile).decode()

        status, _, found, _ = self.spoil(alter)
        self.assertEqual(status, 1)
        self.assert_state(found, 'profile', 'failed')

    def test_a_receipt_of_another_entry(self):
        given = dossiers.receipts()

        def swap(made):
            made['steps'][0]['receipt'] = next(iter(given.values()))

        status, _, found, _ = self.spoil(swap)
        self.assertEqual(status, 1)
        self.assert_state(found, 'receipts', 'failed')

    def test_receipts_hold(self):
        wanted = set(dossiers.receipts())
        number = next(row['complaint'] for row in dossiers.COMPLAINTS['complaints'] if wanted & {step['index'] for step in row['entries']})
        status, _, found, _ = self.verify(dossiers.dossier(dossiers.of_number(number)))
        self.assertEqual(status, 3)
        self.assert_state(found, 'receipts', 'ok')

    def test_a_proof_of_another_place(self):
        def swap(made):
            made['steps'][1]['proof'], made['steps'][2]['proof'] = made['steps'][2]['proof'], made['steps'][1]['proof']

        status, _, found, _ = self.spoil(swap)
        self.assertEqual(status, 1)
        self.assert_state(found, 'inclusion', 'failed')

    def test_forms(self):
        made = dossiers.dossier(dossiers.of_number('C-2025-000005'))
        whole = canonical(made)
        for spoiled in (whole[:-1], whole.replace(b'"made":1', b'"made":-1'), whole.replace(b'"steps":[', b'"steps":[1,'),
                        canonical({**made, 'more': 1}), canonical({**made, 'steps': []})):
            status, answer, found, err = self.verify(spoiled)
            self.assertEqual(status, 1, err)
            self.assertEqual(found['form']['state'], 'failed')
        status, _, _, err = self.verify(json.dumps(made, indent=1).encode())
        self.assertEqual(status, 1)
        self.assertIn('formatted anew', err)

    def test_for_people(self):
        made = dossiers.dossier(dossiers.of_number('C-2025-000001'))
        made['privates'] = made['privates'][:1]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'dossier.json')
            with open(path, 'wb') as file:
                file.write(canonical(made))
            status, out, _ = powertrack('verify', *KEYS, path)
        self.assertEqual(status, 3)
        self.assertIn('C-2025-000001', out)
        self.assertIn('said: no power since 6', out)
        self.assertIn('officer-1 (officer)', out)
        self.assertIn('now confirmed', out)
        self.assertNotIn('FAILED', out)


if __name__ == '__main__':
    unittest.main()
