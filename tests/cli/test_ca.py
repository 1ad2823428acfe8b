# SPDX-License-Identifier: Apache-2.0
"""`powertrack ca`: authorities that openssl judges."""
import json
import os
import subprocess
import tempfile
import unittest

import support


class Authorities(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.secret = self.path('secret', 'a passphrase\n')
        self.folder = os.path.join(self.directory.name, 'deep', 'ca')

    def path(self, name, text=None, mode=0o600):
        path = os.path.join(self.directory.name, name)
        if text is not None:
            with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode), 'w', encoding='utf-8') as file:
                file.write(text)
        return path

    def run_verb(self, *arguments, status=0):
        got, out, err = support.powertrack('ca', *arguments)
        self.assertEqual(got, status, (out, err))
        return out, err

    def init(self, *options, status=0):
        return self.run_verb('init', self.folder, '--passphrase-file', self.secret, *options, status=status)

    def file(self, name):
        return os.path.join(self.folder, name)

    def openssl(self, *arguments):
        done = subprocess.run(['openssl', *arguments], capture_output=True, text=True, timeout=support.PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout + done.stderr

    def test_made(self):
        """What openssl says of certificate, key and list; nothing is overwritten."""
        made = json.loads(self.init('--name', 'पटना devices', '--days', '100', '--json')[0])
        text = self.openssl('x509', '-in', self.file('ca.pem'), '-noout', '-text', '-nameopt', 'utf8')
        for word in ('CA:TRUE, pathlen:0', 'Certificate Sign, CRL Sign', 'NIST CURVE: P-256', 'ecdsa-with-SHA256', 'पटना devices'):
            self.assertIn(word, text)
        self.openssl('verify', '-x509_strict', '-check_ss_sig', '-CAfile', self.file('ca.pem'), self.file('ca.pem'))
        self.assertIn('verify OK', self.openssl('crl', '-in', self.file('crl.pem'), '-noout', '-CAfile', self.file('ca.pem')))
        fingerprint = self.openssl('x509', '-in', self.file('ca.pem'), '-noout', '-fingerprint', '-sha256')
        self.assertEqual(fingerprint.split('=')[1].strip().replace(':', '').lower(), made['fingerprint'])
        public = self.openssl('pkey', '-in', self.file('ca-key.pem'), '-passin', f'file:{self.secret}', '-pubout')
        self.assertEqual(public, self.openssl('x509', '-in', self.file('ca.pem'), '-noout', '-pubkey'))
        self.assertEqual([os.stat(self.file(name)).st_mode & 0o777 for name in ('ca-key.pem', 'index.jsonl', '.')], [0o600, 0o600, 0o700])
        before = support.read_bytes(self.file('ca-key.pem'))
        self.assertIn('never overwritten', self.init(status=2)[1])
        self.assertEqual(support.read_bytes(self.file('ca-key.pem')), before)

    def test_lists(self):
        """Each list has a number above the one before; `show` says until when."""
        self.init()
        for number in (2, 3):
            made = json.loads(self.run_verb('crl', self.folder, '--days', '7', '--passphrase-file', self.secret, '--json')[0])
            self.assertEqual(made['number'], number)
            self.assertIn(f'CRL Number: \n                {number}', self.openssl('crl', '-in', self.file('crl.pem'), '-noout', '-text'))
        shown = json.loads(self.run_verb('show', self.folder, '--json')[0])
        self.assertEqual((shown['crl_number'], shown['crl_until'], shown['certificates']), (3, made['until'], []))
        os.unlink(self.file('crl.pem'))
        self.assertIn('There is no revocation list', self.run_verb('show', self.folder)[0])

    def test_broken_off(self):
        """A line that a crash broke off is none; one that was changed is named."""
        self.init()
        with open(self.file('index.jsonl'), 'a', encoding='utf-8') as file:
            file.write('{"what":"issu')
        self.run_verb('show', self.folder)
        self.run_verb('crl', self.folder, '--passphrase-file', self.secret)
        self.assertEqual([json.loads(line)['number'] for line in support.read_bytes(self.file('index.jsonl')).splitlines()], [1, 2])
        with open(self.file('index.jsonl'), 'a', encoding='utf-8') as file:
            file.write('{"what":"issued"}\n')
        self.assertIn('index.jsonl line 3', self.run_verb('show', self.folder, status=1)[1])

    def test_asked_wrongly(self):
        """Passphrases that are none, files that others may read, numbers that are none."""
        for options, words in ((('--days', '0'), '--days are 1 to 36525'), (('--name', ''), '1 to 64 characters'), (('--crl-days', '40000'), '--days')):
            self.assertIn(words, self.init(*options, status=2)[1])
        self.secret = self.path('short', 'short\n')
        self.assertIn('at least 8 bytes', self.init(status=2)[1])
        self.secret = self.path('open', 'a passphrase\n', 0o644)
        os.chmod(self.secret, 0o644)
        self.assertIn('may be read by others', self.init(status=2)[1])
        self.assertIn('give --passphrase-file', self.run_verb('init', self.folder, status=2)[1])
        self.assertFalse(os.path.exists(self.folder))
        self.secret = self.path('secret')
        self.init()
        self.assertIn('does not open', self.run_verb('crl', self.folder, '--passphrase-file', self.path('other', 'another one\n'), status=2)[1])
        self.assertIn('is no certificate authority', self.run_verb('show', self.directory.name, status=2)[1])
        self.assertIn('name one folder', self.run_verb('show', status=2)[1])


if __name__ == '__main__':
    support.unittest.main()
