# SPDX-License-Identifier: Apache-2.0
"""`powertrack audit` on a real chain, against gateways that tell the truth and that do not, and
against operators who anchored something wrong."""
import json
import os
import tempfile
import threading
import time
import unittest

import support
from support import Gateway, Key, Log

if not os.path.exists(support.ANVIL):
    raise SystemExit('anvil is not installed; run `make deps`')


class AuditTest(support.OwnChain):
    block_timeout = str(support.PATIENCE)

    def log(self):
        return Log('area-%d' % next(self.numbers))

    def audit(self, gateway, *arguments, rpc=None, contract=None):
        status, out, err = support.powertrack('audit', '--rpc', rpc or self.chain.url, '--contract',
                                              contract or self.chain.contract, '--gateway', gateway, '--json',
                                              '--block-timeout', self.block_timeout, *arguments)
        report = json.loads(out)
        self.assertEqual(status, {'holds': 0, 'fails': 1, 'not-checked': 3}[report['verdict']], err)
        self.assertEqual(report['holds'], report['verdict'] == 'holds')
        self.assertEqual(report['failures'] > 0, report['verdict'] == 'fails')
        return report

    def audit_log(self, log, lie=None, publish=True, blocks=None):
        if publish:
            self.chain.publish(log)
        gateway = Gateway(log.blocks if blocks is None else blocks, lie)
        self.addCleanup(gateway.stop)
        self.gateway = gateway
        return self.audit(gateway.url + '/', '--area', log.area)

    def assert_fails(self, report, *expected):
        self.assertFalse(report['holds'], report)
        for text in expected:
            self.assertTrue(any(text in line for line in report['failed']), (text, report['failed']))

    def assert_not_checked(self, report, *expected):
        """Nobody is accused of what could not be looked at."""
        self.assertEqual((report['verdict'], report['failures']), ('not-checked', 0), report)
        for text in expected:
            self.assertTrue(any(text in line for line in report['not_checked']), (text, report['not_checked']))

    # What holds ---------------------------------------------------------------------------------

    def test_vectors(self):
        vectors = support.vector('v2/batches.json')
        log = Log('demo-east')
        decode = lambda text: support.base64.urlsafe_b64decode(text + '==')
        self.chain.register('demo-east', decode(vectors['authority_key']), decode(vectors['service_key']))
        for number, item in enumerate(vectors['batches'], 1):
            data, cid = support.vector_bytes('v2/' + item['file']), bytes.fromhex(item['cid_hex'])
            last = json.loads(b'{' + data.split(b'\n],')[1])
            log.blocks[cid] = data
            self.chain.anchor('demo-east', {**last, 'batch': number, 'root': bytes.fromhex(last['root']), 'cid': cid})
        report = self.audit_log(log, publish=False)
        # What blocks they name is another chain's.
        self.assertEqual([line for line in report['failed'] if 'its roster names block' not in line], [])
        self.assertEqual(report['entries'], {'device': 9, 'official': 9, 'report': 52, 'lost': 3, 'action': 81, 'notice': 8,
                                             'profile': 2, 'roster': 4, 'total': 168})
        self.assertEqual(report['signatures'], 168)
        complaints = support.vector('v2/complaints.json')['complaints']
        closed = [row['closed'] for row in complaints]
        self.assertEqual(report['complaints'], {
            'filed': len(complaints),
            'open': sum(row['state'] in ('open', 'acknowledged', 'assigned', 'rejecting') for row in complaints),
            'closed': {name: closed.count(name) for name in ('citizen', 'devices', 'unconfirmed', 'against')}})
        self.assertEqual(self.gateway.accepts, {'application/vnd.ipld.raw'})
        self.assertEqual(len(self.gateway.requests), 4)

    def test_own_log(self):
        report = self.audit_log(self.log().good_batches(3))
        self.assertTrue(report['holds'], report)
        self.assertEqual((report['areas'], report['batches'], report['gaps']), (1, 3, 0))

    def test_gaps_late_and_silent_are_no_failures(self):
        log = self.log().good_batches(1)
        start, end = log.now, log.now + 9000000
        hour = 3600000
        late = [log.report(end - 1, 9, ts=start), log.report(end - 1, 8, ts=end - 1 - hour), log.report(end - 1, 7, ts=end - hour)]
        log.seal([log.report(start, 5), *late, log.roster(end, True)], end)
        log.seal([log.registration(end + 5), log.roster(end + 10, False)], end + 10)
        report = self.audit_log(log)
        self.assertTrue(report['holds'], report)
        self.assertEqual((report['gaps'], report['late'], report['silent']), (2, 2, 1))

    def test_file_of_several_blocks(self):
        log = self.log()
        end = log.now + 900000
        official = Key()
        notes = [log.registration(log.now), support.entry(
            log.authority, log.now, kind='official', area=log.area, ts=log.now, official='officer-1', role='officer',
            key=official.text, name='Officer', status='active')]
        previous = '0' * 64
        for n in range(1, 22):
            fields = {'kind': 'action', 'area': log.area, 'ts': log.now, 'complaint': 'C-1', 'n': n, 'prev': previous, 'site': 'T-1'}
            if n == 1:
                line = support.entry(log.service, log.now, action='file', by='service', category='no-supply', note_hash='5' * 64, **fields)
            else:
                line = support.entry(official, log.now, action='comment', by='officer-1', note='x' * 60000, **fields)
            previous = support.leaf_hash(line).hex()
            notes.append(line)
        data = log.seal(notes + [log.roster(end, False)], end)
        self.assertGreater(len(data), support.CHUNK)
        report = self.audit_log(log)
        self.assertTrue(report['holds'], report)
        self.assertEqual(report['bytes'], len(data))

    def test_area_without_batches(self):
        log = self.log()
        self.assertTrue(self.audit_log(log)['holds'])

    def test_text_for_people(self):
        log = self.log().good_batches(1)
        self.chain.publish(log)
        gateway = Gateway(log.blocks)
        self.addCleanup(gateway.stop)
        status, out, _ = support.powertrack('audit', '--rpc', self.chain.url, '--contract', self.chain.contract,
                                            '--gateway', gateway.url, '--area', log.area)
        self.assertEqual(status, 0)
        self.assertIn('1 area, 1 batch, 5 entries', out)
        self.assertIn('All of it holds.', out)

    # Gateways that lie --------------------------------------------------------------------------

    def test_changed_byte(self):
        def lie(cid, block, handler):
            return block[:300] + bytes([block[300] ^ 1]) + block[301:]
        self.assert_not_checked(self.audit_log(self.log().good_batches(), lie), 'batch 1: the gateway\'s block is not what')

    def test_another_block(self):
        log = self.log().good_batches()
        first = log.blocks[log.checkpoints[0]['cid']]
        self.assert_not_checked(self.audit_log(log, lambda cid, block, handler: first), 'batch 2: the gateway\'s block')

    def test_missing_block(self):
        log = self.log().good_batches()
        del log.blocks[log.checkpoints[1]['cid']]
        self.assert_not_checked(self.audit_log(log), 'batch 2: block', 'the gateway answered 404')

    def test_too_large(self):
        def lie(cid, block, handler):
            return bytes(3 * 1024 * 1024)
        self.assert_not_checked(self.audit_log(self.log().good_batches(1), lie), 'batch 1: block')

    def test_stalls(self):
        over = threading.Event()
        self.addCleanup(over.set)

        def lie(cid, block, handler):
            over.wait()
            handler.close_connection = True
        self.block_timeout = '2'
        self.assert_not_checked(self.audit_log(self.log().good_batches(1), lie), 'can\'t be fetched')

    def test_never_ends(self):
        def lie(cid, block, handler):
            handler.close_connection = True
            handler.send_response(200)
            handler.end_headers()
            while True:
                handler.wfile.write(b'x' * 65536)
        self.block_timeout = '2'
        self.assert_not_checked(self.audit_log(self.log().good_batches(1), lie), 'can\'t be fetched')

    def test_drips(self):
        def lie(cid, block, handler):
            handler.close_connection = True
            handler.send_response(200)
            handler.send_header('Content-Length', str(len(block)))
            handler.end_headers()
            for byte in block:
                handler.wfile.write(bytes([byte]))
                time.sleep(0.2)
        self.block_timeout = '2'
        self.assert_not_checked(self.audit_log(self.log().good_batches(1), lie), 'can\'t be fetched')

    def test_busy_is_asked_again(self):
        for status in (429, 500, 502, 503, 504):
            self.busy_once(status)

    def busy_once(self, status):
        answered = []

        def lie(cid, block, handler):
            if answered:
                return block
            answered.append(cid)
            handler.send_response(status)
            handler.send_header('Content-Length', '0')
            handler.end_headers()
            handler.close_connection = True
            return None
        self.assertTrue(self.audit_log(self.log().good_batches(1), lie)['holds'])

    def test_nobody_there(self):
        self.chain.publish(log := self.log().good_batches(1))
        report = self.audit('http://127.0.0.1:%d' % support.unused_port(), '--area', log.area)
        self.assert_not_checked(report, 'can\'t be fetched')

    def test_one_area_does_not_stop_another(self):
        bad, good = self.log().good_batches(3), self.log().good_batches(2)
        self.chain.publish(bad)
        self.chain.publish(good)
        gateway = Gateway({**good.blocks})
        self.addCleanup(gateway.stop)
        report = self.audit(gateway.url)
        self.assertFalse(any(line.startswith(good.area + ' ') for line in report['not_checked']), report)
        self.assertEqual(sum(line.startswith(bad.area + ' ') for line in report['not_checked']), 1)

    # Operators who anchored something wrong -----------------------------------------------------

    def wrong_entry(self, make, *expected):
        """@make (log, start) returns the lines between the registration and the roster."""
        log = self.log()
        start, end = log.now, log.now + 900000
        log.seal([log.registration(start)] + make(log, start) + [log.roster(end, True)], end)
        self.assert_fails(self.audit_log(log), *expected)

    def test_forged_signature(self):
        self.wrong_entry(lambda log, t: [support.entry(Key(), t, **{
            'kind': 'report', 'area': log.area, 'ts': t, 'device': 'tx-1', 'site': 'T-1', 'lat': 255900000,
            'lon': 851400000, 'power': 'OFF', 'seq': 1})], 'line 3: the signature does not hold')

    words = {'unknown-device': 'the device is not registered', 'unknown-official': 'the official is not registered',
             'revoked-device': 'the device is revoked', 'revoked-official': 'the official is revoked', 'wrong-site': 'site or place',
             'bad-signature': 'the signature does not hold', 'bad-key': 'the registered key', 'not-newer': 'the registration is not newer',
             'bad-profile': 'its document is no profile', 'ahead': 'ts is more than 5 minutes', 'seq-used': 'the counter was used',
             'seq-old': 'the counter is more', 'seq-before-key': 'the counter is not above', 'complaint-n': 'n is not', 'complaint-prev': 'prev is not',
             'seq-lost': 'the device had said', 'lost-not-below': 'counters that are lost', 'lost-used': 'a counter that is called lost',
             'complaint-place': 'its place is not', 'complaint-who': 'whoever acts', 'complaint-state': 'the complaint is in a state',
             'complaint-category': 'the profile in force has no', 'complaint-to': 'it is assigned to nobody', 'complaint-of': 'it is called a duplicate',
             'complaint-late': 'it was reopened too long', 'notice-n': 'n is not', 'notice-prev': 'prev is not', 'notice-who': 'an auditor announces',
             'notice-changed': 'about, scope or target', 'notice-earlier': 'the shutdown begins earlier', 'notice-ended': 'the notice was withdrawn',
             'other-area': 'it is of another area', 'order': 'received is before', 'window': 'received lies outside',
             'after-roster': 'an entry after the roster', 'roster-time': "the roster's received", 'roster-batch': 'the roster names another',
             'roster-block': 'the roster names no block',
             'roster-expected': "the roster's expected", 'roster-heard': "the roster's heard",
             'roster-silent': "the roster's silent_root", 'roster-missing': 'the batch has no roster'}

    def test_rules(self):
        """rules.json: many of its logs on one contract; for each wrong one its rule and line, for the others nothing."""
        rules = support.vector('rules.json')
        keys = [support.base64.urlsafe_b64decode(rules[name] + '==') for name in ('authority_key', 'service_key')]
        for first in range(0, len(rules['cases']), 80):  # an audit names 100 failures
            self.check_rules(rules['cases'][first:first + 80], keys)

    def check_rules(self, cases, keys):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        chain, blocks = support.Chain(directory.name), {}
        self.addCleanup(chain.stop)
        for case in cases:
            chain.register(case['area'], *keys)
            for number, file in enumerate(case['files'], 1):
                more, cid = support.unixfs(file.encode())
                last = json.loads('{' + file.split('\n],')[1])
                blocks.update(more)
                chain.anchor(case['area'], {**last, 'batch': number, 'root': bytes.fromhex(last['root']), 'cid': cid})
        gateway = Gateway(blocks)
        self.addCleanup(gateway.stop)
        report = self.audit(gateway.url, rpc=chain.url, contract=chain.contract)
        self.assertEqual(report['areas'], len(cases))
        for case in cases:
            with self.subTest(case['desc']):
                # What blocks they name is another chain's.
                lines = [line for line in report['failed'] if line.startswith(case['area'] + ' ') and 'its roster names block' not in line]
                if case['rule'] == 'holds':
                    self.assertEqual(lines, [])
                    continue
                place = f"{case['area']} batch {case['batch']}" + (f" line {case['line']}" if case['line'] else '')
                self.assertTrue(lines and lines[0].startswith(f"{place}: {self.words[case['rule']]}"), lines)

    def test_used_counter(self):
        self.wrong_entry(lambda log, t: [log.report(t, 4), log.report(t, 4, power='OFF')],
                         'line 4: the counter was used before')

    def test_old_counter(self):
        self.wrong_entry(lambda log, t: [log.report(t, 9000), log.report(t, 9000 - 4097)],
                         'line 4: the counter is more than 4096 behind')

    def test_oldest_counter_allowed(self):
        log = self.log()
        end = log.now + 10
        log.seal([log.registration(log.now), log.report(log.now, 9000), log.report(log.now, 9000 - 4096),
                  log.roster(end, True)], end)
        self.assertTrue(self.audit_log(log)['holds'])

    def test_unknown_device(self):
        self.wrong_entry(lambda log, t: [log.report(t, 1), log.report(t, 2, device='tx-2')], 'line 4: the device')

    def test_revoked_device(self):
        self.wrong_entry(lambda log, t: [log.registration(t + 1, 'revoked'), log.report(t + 2, 1)], 'line 4: the device')

    def test_wrong_site(self):
        self.wrong_entry(lambda log, t: [log.report(t, 1), log.report(t, 2, site='T-2')], 'line 4: site or place')

    def test_wrong_place(self):
        self.wrong_entry(lambda log, t: [log.report(t, 1), log.report(t, 2, lat=1)], 'line 4: site or place')

    def test_received_backwards(self):
        self.wrong_entry(lambda log, t: [log.report(t + 5, 1), log.report(t + 4, 2)], 'line 4: received is before')

    def test_received_outside(self):
        self.wrong_entry(lambda log, t: [log.report(t + 900000, 1)], 'line 3: received lies outside')

    def test_another_area(self):
        self.wrong_entry(lambda log, t: [log.report(t, 1), log.report(t, 2, area='demo-else')], 'line 4: it is of another area')

    def test_not_canonical(self):
        self.wrong_entry(lambda log, t: [log.report(t, 1).replace(b',"kind"', b', "kind"')], 'line 3: it is JSON, but not')

    def test_not_json(self):
        self.wrong_entry(lambda log, t: [log.report(t, 1), b'nonsense'], 'line 4: it is not what the format says')

    def test_second_roster(self):
        self.wrong_entry(lambda log, t: [log.report(t, 1), log.roster(t + 900000, True)], 'line 5: an entry after the roster')

    def test_authority_forged(self):
        def make(log, t):
            log.authority, other = Key(), log.authority
            line = log.registration(t, ts=t + 1)
            log.authority = other
            return [line, log.report(t, 1)]
        self.wrong_entry(make, 'line 3: the signature does not hold')

    def test_key_off_the_curve(self):
        self.wrong_entry(lambda log, t: [log.report(t, 1), log.registration(t, ts=t + 1, key=support.base64url(b'\x04' + bytes(64)))],
                         'line 4: the registered key is not a point')

    def wrong_roster(self, text, **changes):
        log = self.log()
        end = log.now + 900000
        log.seal([log.registration(log.now), log.report(log.now, 1), log.roster(end, True, **changes)], end)
        self.assert_fails(self.audit_log(log), text)

    def test_roster_expected(self):
        self.wrong_roster('line 4: the roster\'s expected', expected=2)

    def test_roster_heard(self):
        self.wrong_roster('line 4: the roster\'s heard', heard=0)

    def test_roster_silent(self):
        self.wrong_roster('line 4: the roster\'s silent_root', silent_root='0' * 64)

    def test_roster_batch(self):
        self.wrong_roster('line 4: the roster names another batch', batch=7)

    def test_roster_received(self):
        log = self.log()
        end = log.now + 900000
        log.seal([log.registration(log.now), log.report(log.now, 1), log.roster(end - 1, True)], end)
        self.assert_fails(self.audit_log(log), 'line 4: the roster\'s received')

    def test_no_roster(self):
        log = self.log()
        log.seal([log.registration(log.now), log.report(log.now, 1)], log.now + 900000)
        self.assert_fails(self.audit_log(log), 'batch 1: the batch has no roster')

    def wrong_complaint(self, n, prev):
        log = self.log()
        end = log.now + 900000
        fields = {'kind': 'action', 'area': log.area, 'ts': log.now, 'complaint': 'C-1', 'by': 'citizen',
                  'site': 'T-1', 'note_hash': '5' * 64, 'key': log.service.text}
        first = support.entry(log.service, log.now, n=1, prev='0' * 64, action='file', category='no-supply', **fields)
        prev = prev or support.leaf_hash(first).hex()
        second = support.entry(log.service, log.now, n=n, prev=prev, action='comment', **fields)
        log.seal([log.registration(log.now), first, second, log.roster(end, False)], end)
        return self.audit_log(log)

    def test_complaint(self):
        self.assertTrue(self.wrong_complaint(2, None)['holds'])

    def test_complaint_number(self):
        self.assert_fails(self.wrong_complaint(3, None), 'line 4: n is not')

    def test_complaint_prev(self):
        self.assert_fails(self.wrong_complaint(2, '1' * 64), 'line 4: prev is not')

    def spoiled(self, change):
        log = self.log()
        end = log.now + 900000
        log.seal([log.registration(log.now), log.report(log.now, 1), log.roster(end, True)], end, change=change)
        return self.audit_log(log)

    def test_spoiled_files(self):
        for change in (lambda data: data + b'\n', lambda data: data[:-1], lambda data: b' ' + data,
                       lambda data: data.replace(b',"from"', b', "from"'),
                       lambda data: data.replace(b'"prev_size":0', b'"prev_size":1'),
                       lambda data: data.replace(b'"size":3', b'"size":4'),
                       lambda data: data.replace(b'"batch":1,"entries"', b'"batch":01,"entries"'),
                       lambda data: data.replace(b'"batch":1,"entries"', b'"batch":2,"entries"')):
            self.assert_fails(self.spoiled(change), 'batch 1')

    def test_other_layout(self):
        log = self.log()
        end = log.now + 900000
        log.seal([log.registration(log.now), log.report(log.now, 1), log.roster(end, True)], end, chunk=1000)
        self.assert_fails(self.audit_log(log), 'the CID of the bytes in our layout is not the chain\'s')

    def checkpoint(self, **changes):
        log = self.log().good_batches(1)
        log.checkpoints[0].update(changes)
        return self.audit_log(log)

    def test_chain_says_another_root(self):
        self.assert_fails(self.checkpoint(root=b'\1' * 32), 'the root of the entries is not the chain\'s')

    def test_chain_says_another_size(self):
        self.assert_fails(self.checkpoint(size=50), 'the file\'s size is not the chain\'s')

    def test_chain_says_a_smaller_size(self):
        self.assert_fails(self.checkpoint(size=2), 'the file holds more entries than the chain says')

    def test_chain_says_another_window(self):
        self.assert_fails(self.checkpoint(to=1764000900001), 'the file\'s window is not the chain\'s')

    def test_chain_says_no_cid_of_ours(self):
        self.assert_fails(self.checkpoint(cid=b'\x12\x20' + bytes(32)), 'CID')

    def test_dropped_past(self):
        log = self.log().good_batches(1)
        log.leaves = log.leaves[:-1] + [bytes(32)]
        log.good_batches(1)
        self.assert_fails(self.audit_log(log), 'batch 2 line')

    # The chain ----------------------------------------------------------------------------------

    def test_no_chain(self):
        self.assert_not_checked(self.audit('http://127.0.0.1:9', rpc='http://127.0.0.1:%d' % support.unused_port()),
                                'the chain can\'t be read')

    def test_no_contract(self):
        self.assert_not_checked(self.audit('http://127.0.0.1:9', contract='0x' + '11' * 20), 'there is no PowerAnchor')

    def endpoint(self, lie):
        endpoint = support.Endpoint(self.chain.url, lie)
        self.addCleanup(endpoint.stop)
        return endpoint.url

    def published(self, batches):
        self.chain.publish(log := self.log().good_batches(batches))
        gateway = Gateway(log.blocks)
        self.addCleanup(gateway.stop)
        return log, gateway.url

    def without(self, log, number):
        """An endpoint that leaves out the Anchored event of one batch."""
        area, batch = '0x' + log.area.encode().ljust(32, b'\0').hex(), '0x%064x' % number

        def lie(method, _, result):
            if method != 'eth_getLogs':
                return result
            return [row for row in result if row['topics'][1:] != [area, batch]]
        return self.endpoint(lie)

    def test_newest_event_left_out(self):
        log, gateway = self.published(2)
        report = self.audit(gateway, '--area', log.area, rpc=self.without(log, 2))
        self.assertEqual(report['batches'], 1)
        self.assert_not_checked(report, f'{log.area} batch 2: the contract has it')

    def test_event_left_out_between(self):
        log, gateway = self.published(3)
        self.assert_not_checked(self.audit(gateway, '--area', log.area, rpc=self.without(log, 2)), f'{log.area} batch 3: its number')

    def test_area_left_out(self):
        """An event of an area that is not told accuses nobody."""
        log, gateway = self.published(1)
        area = '0x' + log.area.encode().ljust(32, b'\0').hex()

        def lie(method, _, result):
            if method != 'eth_getLogs':
                return result
            return [row for row in result if len(row['topics']) != 2 or row['topics'][1] != area]
        report = self.audit(gateway, rpc=self.endpoint(lie))
        self.assertNotIn('fails', report['verdict'])
        self.assertTrue(any(line.startswith(log.area) for line in report['not_checked']), report)

    def test_from_block_after_the_beginning(self):
        log, gateway = self.published(1)
        self.assert_not_checked(self.audit(gateway, '--area', log.area, '--from-block', '2'), 'the contract is older than block 2')

    def test_endpoints_must_agree(self):
        log, gateway = self.published(2)
        arguments = ('--area', log.area, '--rpc')
        report = self.audit(gateway, *arguments, self.endpoint(lambda method, params, result: result))
        self.assertTrue(report['holds'], report)
        lying = self.without(log, 2)
        self.assert_not_checked(self.audit(gateway, *arguments, lying), f'{lying} says something else')
        nobody = 'http://127.0.0.1:%d' % support.unused_port()
        self.assert_not_checked(self.audit(gateway, *arguments, nobody), f'{nobody} can\'t be asked')

    def test_other_code(self):
        """A look-alike at the address: what it tells may hold, and is not said to."""
        log, gateway = self.published(1)

        def lie(method, _, result):
            return result[:-2] + ('00' if result[-2:] != '00' else '01') if method == 'eth_getCode' else result
        self.assert_not_checked(self.audit(gateway, '--area', log.area, rpc=self.endpoint(lie)), "the code at the contract's address")

    def test_up_to_when(self):
        log, gateway = self.published(2)
        report = self.audit(gateway, '--area', log.area)
        self.assertTrue(report['holds'], report)
        self.assertEqual(report['chain_id'], 31337)
        self.assertLessEqual(abs(report['block_time'] - time.time() * 1000), 600000)
        (until,) = report['until']
        self.assertEqual((until['area'], until['batches'], until['to']), (log.area, 2, log.now))

    def test_anchored_late(self):
        """The vectors' windows ended long before their blocks: a figure, and a failure where it is asked for."""
        log, gateway = self.published(2)
        (until,) = self.audit(gateway, '--area', log.area)['until']
        self.assertEqual(until['delayed'], 2)
        self.assertGreater(until['longest_delay'], 86400000)
        report = self.audit(gateway, '--area', log.area, '--max-delay', '3600')
        self.assert_fails(report, f'{log.area} batch 1: it was anchored', f'{log.area} batch 2: it was anchored')
        report = self.audit(gateway, '--area', log.area, '--max-delay', str(until['longest_delay'] // 1000 + 1))
        self.assertTrue(report['holds'], report)

    # Blocks that rosters name -------------------------------------------------------------------

    def naming(self, **changes):
        """A log of one batch whose roster names the chain's newest block, but for @changes; that block's number besides."""
        block = self.chain.call('eth_getBlockByNumber', 'latest', False)
        number = int(block['number'], 16)
        named = {'block': number, 'block_hash': block['hash'][2:], **changes}
        log = self.log()
        end = log.now + 900000
        log.seal([log.registration(log.now), log.report(log.now, 1), log.roster(end, True, **named)], end)
        return log, number

    def test_roster_names_a_block(self):
        log, _ = self.naming()
        report = self.audit_log(log)
        self.assertTrue(report['holds'], report)

    def test_roster_names_another_block(self):
        log, number = self.naming(block_hash='7' * 64)
        self.assert_fails(self.audit_log(log), f'{log.area} batch 1: its roster names block {number} by a hash that is not')

    def test_roster_names_a_later_block(self):
        log, number = self.naming(block=1 << 40)
        self.assert_fails(self.audit_log(log), f'{log.area} batch 1: its roster names block {1 << 40}, which is not older')

    def test_roster_names_no_block_any_more(self):
        log, _ = self.naming()
        end = log.now + 900000
        log.seal([log.report(log.now, 2), log.roster(end, True)], end)
        self.assert_fails(self.audit_log(log), 'batch 2 line 3: the roster names no block of the chain')

    def test_named_block_is_not_told(self):
        """An endpoint that does not say what the block is accuses nobody."""
        log, number = self.naming()
        self.chain.publish(log)
        gateway = Gateway(log.blocks)
        self.addCleanup(gateway.stop)

        def lie(method, params, result):
            return None if method == 'eth_getBlockByNumber' and params[0] == hex(number) else result
        report = self.audit(gateway.url, '--area', log.area, rpc=self.endpoint(lie))
        self.assert_not_checked(report, "the blocks that rosters name can't be read")

    def test_block_replaced_while_asking(self):
        log, gateway = self.published(1)
        asked = []

        def lie(method, _, result):
            if method == 'eth_getBlockByNumber':
                asked.append(method)
                if len(asked) > 1:
                    result['hash'] = '0x' + '7' * 64
            return result
        self.assert_not_checked(self.audit(gateway, '--area', log.area, rpc=self.endpoint(lie)), 'the chain replaced block')

    def test_area_not_registered(self):
        self.assert_not_checked(self.audit('http://127.0.0.1:9', '--area', 'nowhere'), 'nowhere: not registered')

    def test_usage(self):
        for arguments in ([], ['--rpc', 'x'], ['--bogus'], ['extra'],
                          ['--rpc', 'http://x', '--gateway', 'http://x', '--contract', '0x12']):
            status, out, err = support.powertrack('audit', *arguments)
            self.assertEqual((status, out), (2, ''))
            self.assertEqual(err.count('\n'), 1, err)


if __name__ == '__main__':
    unittest.main()
