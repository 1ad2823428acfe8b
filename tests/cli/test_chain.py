# SPDX-License-Identifier: Apache-2.0
"""The verbs that ask and change the contract, on a real chain; and endpoints that are busy or behind."""
import http.server
import json
import os
import threading
import unittest
import urllib.request

import support
from support import Log

NOBODY = '0x' + '00' * 20


class Proxy:
    """Before the chain: @refuse (method) gives (HTTP status, JSON-RPC error; None: no logs) or None; counts what was asked."""

    def __init__(self, target):
        proxy = self
        self.asked, self.refuse = [], lambda method: None

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                question = json.loads(body)
                proxy.asked.append(question['method'])
                refusal = proxy.refuse(question['method'])
                if refusal is None:
                    request = urllib.request.Request(target, body, {'Content-Type': 'application/json'})
                    with urllib.request.urlopen(request, timeout=support.PATIENCE) as answer:
                        status, data = 200, answer.read()
                else:
                    status, error = refusal
                    answer = {'error': error} if error else {'result': []}
                    data = json.dumps({'jsonrpc': '2.0', 'id': question['id'], **answer}).encode()
                self.send_response(status)
                self.send_header('Content-Length', str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.url = 'http://127.0.0.1:%d' % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def refuse_times(self, method, times, status, error):
        left = [times]

        def refuse(asked):
            if asked != method or left[0] == 0:
                return None
            left[0] -= 1
            return status, error
        self.refuse = refuse


class ChainTest(support.OwnChain):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.log = Log().good_batches(3)
        cls.chain.register(cls.log.area, cls.log.authority.public, cls.log.service.public)
        for checkpoint in cls.log.checkpoints[:2]:
            cls.chain.anchor(cls.log.area, checkpoint)
        cls.after_two = int(cls.chain.call('eth_blockNumber'), 16)
        cls.chain.anchor(cls.log.area, cls.log.checkpoints[2])
        cls.chain.register('no-batches', cls.log.authority.public, cls.log.service.public)

    def run_verb(self, *arguments, status=0, rpc=None):
        got, out, err = support.powertrack(*arguments, '--rpc', rpc or self.chain.url, '--contract', self.chain.contract)
        self.assertEqual(got, status, err)
        return out, err

    def read(self, *arguments, **options):
        return json.loads(self.run_verb(*arguments, '--json', **options)[0])

    def proxy(self):
        proxy = Proxy(self.chain.url)
        self.addCleanup(proxy.stop)
        return proxy

    def owner_options(self):
        return '--owner-keystore', self.chain.keystore, '--password-file', self.chain.password

    # Asking -------------------------------------------------------------------------------------

    def test_area(self):
        answer = self.read('chain', 'area', self.log.area, '2')
        last = self.log.checkpoints[2]
        self.assertEqual(answer['authority_key'], self.log.authority.text)
        self.assertEqual(answer['service_key'], self.log.service.text)
        self.assertEqual(answer['operator'].lower(), self.chain.account.lower())
        self.assertEqual(answer['latest'], {'batch': 3, 'size': last['size'], 'to': last['to'], 'root': last['root'].hex()})
        self.assertEqual((answer['batch'], answer['root']), (2, self.log.checkpoints[1]['root'].hex()))
        self.assertEqual(answer['prev_root'], self.log.checkpoints[0]['root'].hex())
        self.assertEqual(answer['size'], self.log.checkpoints[1]['size'])
        receipt = self.chain.call('eth_getTransactionReceipt', answer['transaction'])
        self.assertEqual(int(receipt['blockNumber'], 16), answer['anchored_in'])
        self.assertEqual(answer['chain_id'], 31337)
        block = self.chain.call('eth_getBlockByNumber', hex(answer['block']['number']), False)
        self.assertEqual(answer['block'], {'number': int(block['number'], 16), 'hash': block['hash'],
                                           'time': int(block['timestamp'], 16) * 1000})

    def test_area_at_a_block(self):
        """Everything is of that block, also the batches that were not there then."""
        at = '--block', str(self.after_two), '--from-block', str(self.after_two)
        answer = self.read('chain', 'area', self.log.area, '2', *at)
        self.assertEqual(answer['latest']['batch'], 2)
        self.assertEqual(answer['block']['number'], self.after_two)
        answer = self.read('chain', 'area', self.log.area, '3', *at, status=1)
        self.assertIsNone(answer['root'])
        _, err = self.run_verb('chain', 'area', self.log.area, '--block', '1000000', status=3)
        self.assertIn('does not know block 1000000', err)
        _, err = self.run_verb('chain', 'area', 'no-batches', '--block', str(self.after_two), status=1)
        self.assertIn('not registered', err)

    def test_area_feeds_verify(self):
        """What is printed is all that verify asks for."""
        path = os.path.join(self.directory.name, 'batch.json')
        for checkpoint in self.log.checkpoints[:2]:
            answer = self.read('chain', 'area', self.log.area, str(checkpoint['batch']))
            self.assertEqual(answer['cid'], support.cid_text(checkpoint['cid']))
            self.assertEqual((answer['from'], answer['to']), (checkpoint['from'], checkpoint['to']))
            with open(path, 'wb') as file:
                file.write(self.log.blocks[checkpoint['cid']])
            options = ['--authority-key', answer['authority_key'], '--service-key', answer['service_key'], '--root', answer['root'],
                       '--size', str(answer['size'])]
            options += ['--prev-root', answer['prev_root']] if answer['prev_root'] else []
            status, out, err = support.powertrack('verify', path, *options)
            self.assertNotIn('root', [line for line in out.splitlines() if 'not checked' in line], out)
            # A device that was registered in batch 1 is not known from the file of batch 2.
            self.assertEqual(status, 0 if checkpoint['batch'] == 1 else 3, out + err)

    def test_events_that_do_not_fit(self):
        """An endpoint that leaves out the event of a batch that the contract has is not believed."""
        proxy = self.proxy()
        logs = []

        def refuse(method):
            logs.append(method == 'eth_getLogs')
            return (200, None) if method == 'eth_getLogs' and sum(logs) > 1 else None
        proxy.refuse = refuse
        _, err = self.run_verb('chain', 'area', self.log.area, '2', status=3, rpc=proxy.url)
        self.assertIn('event of batch 2 is missing', err)

    def test_area_for_people(self):
        out, _ = self.run_verb('chain', 'area', self.log.area, '1')
        for words in (self.log.authority.text, self.log.service.text, '3, %d entries' % len(self.log.leaves),
                      self.log.checkpoints[0]['root'].hex(), 'of chain 31337'):
            self.assertIn(words, out)
        self.assertIn('none yet', self.run_verb('chain', 'area', 'no-batches')[0])

    def test_what_is_not_there(self):
        _, err = self.run_verb('chain', 'area', 'elsewhere', status=1)
        self.assertIn('area elsewhere is not registered', err)
        _, err = self.run_verb('chain', 'area', self.log.area, '9', status=1)
        self.assertIn('batch 9 of test-area is not anchored', err)
        got, _, err = support.powertrack('chain', 'area', self.log.area, '--rpc', self.chain.url, '--contract', '0x' + '12' * 20)
        self.assertEqual(got, 3)
        self.assertIn('there is no PowerAnchor at that address', err)
        for wrong in (['chain', 'area'], ['chain', 'area', 'Area'], ['chain', 'area', 'a', '0'], ['chain', 'area', 'a', 'b'],
                      ['chain', 'area', 'a', '1', '2']):
            self.run_verb(*wrong, status=2)

    # Endpoints that are busy, or answer some questions ------------------------------------------

    def test_busy_endpoint(self):
        """Limits of the rate are waited out: the same question again, not smaller ones, and no verdict of them."""
        for status, error in ((429, {'code': 429, 'message': 'Too Many Requests'}),
                              (200, {'code': -32005, 'message': 'limit exceeded'}),
                              (200, {'code': -32000, 'message': 'too many requests'}),
                              (502, {'code': -32000, 'message': 'bad gateway'})):
            proxy = self.proxy()
            proxy.refuse_times('eth_getLogs', 2, status, error)
            self.assertEqual(self.read('chain', 'area', self.log.area, rpc=proxy.url)['latest']['batch'], 3)
            self.assertEqual(proxy.asked.count('eth_getLogs'), 3)

    def test_audit_with_a_busy_endpoint(self):
        """One 429, 503 or 502 is no accusation, and the same question is asked again."""
        gateway = support.Gateway(self.log.blocks)
        self.addCleanup(gateway.stop)
        for method in ('eth_getLogs', 'eth_blockNumber', 'eth_getCode'):
            for status, code in ((429, 429), (503, -32000), (200, -32005), (502, -32000)):
                proxy = self.proxy()
                proxy.refuse_times(method, 1, status, {'code': code, 'message': 'limit exceeded'})
                out, _ = self.run_verb('audit', '--gateway', gateway.url, '--area', self.log.area, '--json', rpc=proxy.url)
                self.assertTrue(json.loads(out)['holds'])
                self.assertLess(len(proxy.asked), 20)

    def test_question_that_is_not_answered(self):
        """An answer that lacks is a failure, never 'nothing there'; and who gave the endpoint reads its words."""
        proxy = self.proxy()
        for method in ('eth_getLogs', 'eth_call', 'eth_getCode'):
            proxy.refuse = lambda asked, method=method: (403, {'code': -32000, 'message': 'key ab12'}) if asked == method else None
            out, err = self.run_verb('chain', 'area', self.log.area, '2', status=3, rpc=proxy.url)
            self.assertEqual(out, '')
            self.assertIn('key ab12', err)

    # Changing -----------------------------------------------------------------------------------

    def test_operator(self):
        other = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
        self.chain.register('op-1', self.log.authority.public, self.log.service.public)
        self.chain.register('op-2', self.log.authority.public, self.log.service.public)
        options = ['area', 'operator', 'op-1', 'op-2', '--operator', other, *self.owner_options()]
        answer = self.read(*options)
        self.assertEqual(answer['transactions'], 2)
        self.assertEqual([row['operator'] for row in answer['areas']], [other, other])
        self.assertEqual([row['before'].lower() for row in answer['areas']], [self.chain.account.lower()] * 2)
        self.assertEqual(self.read('chain', 'area', 'op-2')['operator'], other)
        self.assertEqual(self.read('chain', 'area', 'op-2')['authority_key'], self.log.authority.text)
        self.assertEqual(self.read(*options)['transactions'], 0)
        self.assertIn('its operator already', self.run_verb(*options)[0])
        options[2] = 'nowhere'
        self.assertIn('area nowhere is not registered', self.run_verb(*options, status=1)[1])
        self.run_verb('area', 'operator', 'op-1', '--operator', '0x12', *self.owner_options(), status=2)

    def test_ownership(self):
        key, keystore = (os.path.join(self.directory.name, name) for name in ('second.key', 'second.json'))
        with open(os.open(key, os.O_CREAT | os.O_WRONLY, 0o600), 'w', encoding='ascii') as file:
            file.write('59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d\n')  # anvil's second
        _, out, _ = support.powertrack('keygen', '--ethereum', '--fast', '--out', keystore, '--import', key, '--password-file',
                                       self.chain.password)
        second = out.strip()
        first = self.read('chain', 'owner')['owner']
        owner = '--keystore', self.chain.keystore, '--password-file', self.chain.password
        taker = '--keystore', keystore, '--password-file', self.chain.password
        self.assertIn('NotPendingOwner', self.run_verb('chain', 'owner', '--accept', *taker, status=1)[1])
        self.assertEqual(self.read('chain', 'owner', '--offer', NOBODY, *owner)['offered_to'], None)
        answer = self.read('chain', 'owner', '--offer', second, *owner)
        self.assertEqual((answer['owner'], answer['offered_to']), (first, second))
        self.assertIn('when that account accepts', self.run_verb('chain', 'owner')[0])
        answer = self.read('chain', 'owner', '--accept', *taker)
        self.assertEqual((answer['owner'], answer['offered_to']), (second, None))
        self.assertIn('NotOwner', self.run_verb('chain', 'owner', '--offer', first, *owner, status=1)[1])
        self.read('chain', 'owner', '--offer', first, *taker)
        self.assertEqual(self.read('chain', 'owner', '--accept', *owner)['owner'], first)
        self.run_verb('chain', 'owner', '--accept', '--offer', first, *owner, status=2)
        self.run_verb('chain', 'owner', '--accept', status=2)

    def test_bounds_of_fees(self):
        """More than the bound is not paid, and nothing is sent."""
        self.chain.register('dear', self.log.authority.public, self.log.service.public)
        before = self.chain.call('eth_blockNumber')
        _, err = self.run_verb('area', 'operator', 'dear', '--operator', '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
                               '--max-fee', '0.000000001', *self.owner_options(), status=1)
        self.assertIn('allow more by --max-fee', err)
        self.assertEqual(self.chain.call('eth_blockNumber'), before)


if __name__ == '__main__':
    unittest.main()
