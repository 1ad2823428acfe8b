#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes rules.json: logs of one or more batches in which at most one entry doesn't count, and which rule it breaks.

    make-rules.py [--check]     writes rules.json beside itself, or says whether it is what would be written

What is expected stands beside each log, by hand, from docs/PROTOCOL.md; the files are made with the
Python of tests/cli/support.py. Frames, trees and roots are right in all of them.
"""
import hashlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
os.environ.setdefault('PT_SOURCE_DIR', os.path.dirname(os.path.dirname(HERE)))
os.environ.setdefault('PT_BUILD_DIR', HERE)
sys.path.insert(0, os.path.join(os.environ['PT_SOURCE_DIR'], 'tests', 'cli'))
import support  # noqa: E402

PATH = os.path.join(HERE, 'rules.json')
START, PERIOD = 1764000000000, 900000
BEHIND = 4096
AHEAD = 300000


class Key(support.Key):
    """One whose signatures are the same at each run. For tests only."""

    def __init__(self, name):
        super().__init__(int.from_bytes(hashlib.sha256(b'rules ' + name.encode()).digest(), 'big') % (support.N - 1) + 1)

    def sign(self, data):
        digest = int.from_bytes(hashlib.sha256(data).digest(), 'big')
        k = int.from_bytes(hashlib.sha256(b'%d' % self.scalar + data).digest(), 'big') % (support.N - 1) + 1
        r = support.point_multiply(k, support.G)[0] % support.N
        s = pow(k, -1, support.N) * (digest + r * self.scalar) % support.N
        return r.to_bytes(32, 'big') + s.to_bytes(32, 'big')


AUTHORITY, SERVICE, DEVICE, OTHER, OFFICIAL, CITIZEN, JOINER = (
    Key(name) for name in ('authority', 'service', 'device', 'other', 'official', 'citizen', 'joiner'))


class Case:
    """The log of an area of its own. Batch 1 begins with tx-1 at T-1 (line 2) and officer-1 (line 3); a case's own entries
    follow."""

    def __init__(self, desc):
        self.desc, self.files, self.leaves, self.lines = desc, [], [], []
        self.area = 'rules-' + hashlib.sha256(desc.encode()).hexdigest()[:8]
        self.begin = START
        self.chains, self.notices = {}, {}
        self.add(device()).add(official())

    def add(self, *entries):
        for make in entries:
            line = make(self)
            self.lines.append(line)
        return self

    def seal(self, expected, heard, silent=(), **changes):
        """Ends the batch with its roster."""
        return self.add(roster(expected, heard, silent, **changes)).end()

    def end(self):
        number, end = len(self.files) + 1, self.begin + PERIOD
        self.files.append(support.batch_file(self.area, number, self.lines, self.leaves, self.begin, end).decode())
        self.leaves += [support.leaf_hash(line) for line in self.lines]
        self.lines, self.begin = [], end
        return self

    def says(self, rule='holds', line=0, batch=1, alone=None):
        """@rule: what a reader of all batches says, of this line (0: of the file). @alone: the batches' words, (rule,
        line) each, for one who has a file alone; else the first says the same, and the others hold."""
        if alone is None:
            alone = [(rule, line) if number == batch and batch == 1 else ('holds', 0) for number in range(1, len(self.files) + 1)]
        return {'desc': self.desc, 'area': self.area, 'files': self.files, 'rule': rule, 'batch': 0 if rule == 'holds' else batch, 'line': line,
                'alone': [{'rule': word, 'line': at} for word, at in alone]}


# Entries: each is a function of the case, which knows the time and the complaints so far.


def make(signer, at, fields, area=None):
    def build(case):
        received = case.begin + at
        members = {'area': area or case.area, 'ts': received - 1, **fields}
        return support.entry(signer, received, **{name: value for name, value in members.items() if value is not None})
    return build


def device(name='tx-1', at=0, signer=AUTHORITY, key=DEVICE, **changes):
    return make(signer, at, {'kind': 'device', 'device': name, 'site': 'T-1', 'key': key if isinstance(key, str) else key.text,
                             'lat': 255900000, 'lon': 851400000, 'level': 'transformer', 'customers': 5, 'status': 'active', **changes})


def official(name='officer-1', at=0, signer=AUTHORITY, key=OFFICIAL, **changes):
    return make(signer, at, {'kind': 'official', 'official': name, 'key': key.text, 'role': 'officer', 'name': 'Officer',
                             'status': 'active', **changes})


def report(seq, at=10, signer=DEVICE, area=None, **changes):
    return make(signer, at, {'kind': 'report', 'device': 'tx-1', 'site': 'T-1', 'lat': 255900000, 'lon': 851400000, 'power': 'ON',
                             'seq': seq, **changes}, area)


def forged(entry):
    """The entry with one of its words changed after it was signed."""
    return lambda case: entry(case).replace(b'"power":"ON"', b'"power":"OFF"')


def chained(chains, name, n, prev, line_of):
    """Continues what is called @name as it stands, unless told otherwise; what @n and @prev say, the next one continues."""
    def build(case):
        known = getattr(case, chains)
        count, leaf = known.get(name, (0, '0' * 64))
        number = count + 1 if n is None else n
        line = line_of({'n': number, 'prev': leaf if prev is None else prev(case)})(case)
        known[name] = (number, support.leaf_hash(line).hex())
        return line
    return build


def action(complaint, word, by='officer-1', at=20, n=None, prev=None, signer=None, key=CITIZEN, **changes):
    """@key: the citizen's, where one acts."""
    fields = {'kind': 'action', 'complaint': complaint, 'action': word, 'by': by}
    if 'lat' not in changes:
        fields['site'] = 'T-1'
    if word == 'file':
        fields['category'] = 'no-supply'
    if by == 'citizen':
        fields['key'] = key.text
    if by in ('citizen', 'service'):
        fields['note_hash'] = '5' * 64
    else:
        fields['note'] = 'words'
    signer = signer or {'citizen': key, 'service': SERVICE}.get(by, OFFICIAL)
    return chained('chains', complaint, n, prev, lambda place: make(signer, at, {**fields, **place, **changes}))


def notice(name='N-1', by='officer-1', at=20, n=None, prev=None, signer=OFFICIAL, **changes):
    fields = {'kind': 'notice', 'notice': name, 'about': 'shutdown', 'scope': 'site', 'target': 'T-1', 'start': START + 3600000, 'end': START + 7200000,
              'by': by, 'note': '', 'status': 'active'}
    return chained('notices', name, n, prev, lambda place: make(signer, at, {**fields, **place, **changes}))


def profile(at=0, signer=AUTHORITY, ts=None, document=None, **changes):
    words = {'announce_min': 1440, 'categories': [{'acknowledge_min': 60, 'evidence': 'power', 'id': 'no-supply', 'resolve_min': 240, 'title': {'en': 'No supply'}}],
             'compensation': [], 'format': 'powertrack-profile-1', 'held_min': 60, 'major_event_days': 'none', 'reopen_days': 7,
             'sustained_ms': 300000, 'two_person': ['reject'], 'utc_offset_min': 330, **changes}
    fields = {'kind': 'profile', 'document': support.canonical(words).decode() if document is None else document}
    return make(signer, at, fields if ts is None else {**fields, 'ts': ts})


def lost(first, last, at=15, signer=DEVICE, **changes):
    return make(signer, at, {'kind': 'lost', 'device': 'tx-1', 'first': first, 'last': last, 'reason': 'overwritten', **changes})


def roster(expected, heard, silent=(), at=PERIOD, signer=SERVICE, **changes):
    root = support.root_of([support.leaf_hash(name.encode()) for name in silent]).hex()

    def build(case):
        fields = {'kind': 'roster', 'batch': len(case.files) + 1, 'expected': expected, 'heard': heard, 'silent_root': root}
        return make(signer, at, {**fields, **changes})(case)
    return build


def good():
    case = Case
    yield case('reports in order').add(report(1), report(2), report(3)).seal(1, 1).says()
    yield case('reports out of order, and gaps').add(report(9), report(3), report(12), report(8)).seal(1, 1).says()
    yield case('a counter exactly 4096 behind').add(report(9000), report(9000 - BEHIND)).seal(1, 1).says()
    yield case('counters beside one that is used').add(report(9000), report(9000 - BEHIND), report(9000 - BEHIND + 1), report(8999)).seal(1, 1).says()
    yield (case('the window moves on: 4904 was, 9001 is the same place in it').add(report(9000), report(9000 - BEHIND), report(9001))
           .seal(1, 1).says())
    yield case('far ahead: no counter of before is in the window').add(report(5), report(20000), report(20000 - BEHIND)).seal(1, 1).says()
    yield case('the largest counter').add(report((1 << 53) - 1), report((1 << 53) - 1 - BEHIND)).seal(1, 1).says()
    yield case('the edges of the window').add(report(1, at=0), report(2, at=PERIOD - 1), report(3, at=PERIOD - 1)).seal(1, 1).says()
    yield case('two devices with the same counter').add(device('tx-2', key=OTHER), report(1), report(1, device='tx-2', signer=OTHER)).seal(2, 2).says()
    yield case('a device moves').add(report(1), device(at=11, site='T-2', lat=1), report(2, at=12, site='T-2', lat=1)).seal(1, 1).says()
    yield (case('new hardware counts on, late reports of its own too').add(report(9), device(at=11, key=OTHER), report(12, at=12, signer=OTHER),
           report(10, at=13, signer=OTHER)).seal(1, 1).says())
    yield (case('a key that comes back goes on where it was').add(report(9), device(at=11, key=OTHER), report(10, at=12, signer=OTHER),
           device(at=13, ts=START + 13), report(5, at=14)).seal(1, 1).says())
    yield case('a device has a feeder, and then another').add(device(at=1, feeder='F-11kV.2'), report(1), device(at=11, feeder='F-3'), report(2, at=12)).seal(1, 1).says()
    yield case('a device gets another key').add(report(1), device(at=11, key=OTHER), report(2, at=12, signer=OTHER)).seal(1, 1).says()
    yield case('revoked, and registered again').add(device(at=1, status='revoked'), device(at=2), report(1)).seal(1, 1).says()
    yield case('a newer registration that is received late').add(device(at=400, ts=START), report(1, at=401)).seal(1, 1).says()
    yield case('ids of a device that no official may have').add(device('citizen'), device('service')).seal(3, 0, ['citizen', 'service', 'tx-1']).says()
    yield case('five minutes ahead').add(report(1, at=10, ts=START + 10 + AHEAD)).seal(1, 1).says()
    yield case('a report from long ago').add(report(1, ts=0)).seal(1, 1).says()
    yield case('the ids of silent devices, sorted by bytes').add(device('tx-2'), device('tx-10'), device('TX-9'), device('a'), report(1)).seal(
        5, 1, ['TX-9', 'a', 'tx-10', 'tx-2']).says()
    yield case('a revoked device is not expected').add(device('tx-2'), device('tx-2', at=1, status='revoked')).seal(1, 0, ['tx-1']).says()
    yield case('heard, then revoked').add(report(1), device(at=11, status='revoked')).seal(0, 0).says()
    yield case('two complaints').add(action('C-1', 'file', 'citizen'), action('C-2', 'file', 'service'), action('C-1', 'acknowledge'),
                                     action('C-2', 'resolve'), action('C-1', 'resolve'), action('C-1', 'reopen', 'citizen')).seal(1, 0, ['tx-1']).says()
    yield (case('a second batch').add(report(1), action('C-1', 'file', 'citizen')).seal(1, 1)
           .add(report(2), report(4), action('C-1', 'comment')).seal(1, 1).says())
    yield case('heard in an earlier batch only').add(report(1)).seal(1, 1).add(official(at=5)).seal(1, 0, ['tx-1']).says()


def wrong_signers():
    case = Case
    yield case('a device that nobody registered').add(report(1, device='tx-9')).seal(1, 0, ['tx-1']).says('unknown-device', 4)
    yield (case('a device that is registered after its report').add(report(1, device='tx-2', signer=OTHER), device('tx-2', key=OTHER, at=11))
           .seal(2, 0, ['tx-1', 'tx-2']).says('unknown-device', 4))
    yield case('an id that another one begins with').add(report(1, device='tx')).seal(1, 0, ['tx-1']).says('unknown-device', 4)
    yield case('an official is no device').add(report(1, device='officer-1', signer=OFFICIAL)).seal(1, 0, ['tx-1']).says('unknown-device', 4)
    yield case('a revoked device').add(device(at=1, status='revoked'), report(1)).seal(0, 0).says('revoked-device', 5)
    yield case('another site').add(report(1), report(2, site='T-2')).seal(1, 1).says('wrong-site', 5)
    yield case('another latitude').add(report(1, lat=255900001)).seal(1, 1).says('wrong-site', 4)
    yield case('another longitude').add(report(1, lon=851399999)).seal(1, 1).says('wrong-site', 4)
    yield case('the site that it was moved from').add(device(at=1, site='T-2'), report(1)).seal(1, 1).says('wrong-site', 5)
    yield case('a report with another key').add(report(1, signer=OTHER)).seal(1, 1).says('bad-signature', 4)
    yield case('a report with the key of before').add(device(at=1, key=OTHER), report(1)).seal(1, 1).says('bad-signature', 5)
    yield case('a report changed after it was signed').add(forged(report(1))).seal(1, 1).says('bad-signature', 4)
    yield case('a device with a feeder by the service').add(device('tx-2', feeder='F-11kV.2', signer=SERVICE)).seal(2, 0, ['tx-1', 'tx-2']).says('bad-signature', 4)
    yield case('a registration by the service').add(device('tx-2', signer=SERVICE)).seal(2, 0, ['tx-1', 'tx-2']).says('bad-signature', 4)
    yield case('a registration by the device itself').add(device('tx-2', signer=DEVICE)).seal(2, 0, ['tx-1', 'tx-2']).says('bad-signature', 4)
    yield case('an official by the service').add(official('officer-2', signer=SERVICE)).seal(1, 0, ['tx-1']).says('bad-signature', 4)
    yield case('a key off the curve').add(device('tx-2', key=support.base64url(b'\x04' + bytes(64)))).seal(2, 0, ['tx-1', 'tx-2']).says('bad-key', 4)
    yield case('a roster by the authority').add(report(1)).add(roster(1, 1, signer=AUTHORITY)).end().says('bad-signature', 5)


def wrong_registrations():
    case = Case
    yield (case('a revoked device, its old registration said again').add(device(at=1, status='revoked'), device(at=2, ts=START - 1)).seal(0, 0)
           .says('not-newer', 5))
    yield (case('the same of a device that reported').add(report(1), device(at=11, status='revoked'), device(at=12, ts=START - 1)).seal(0, 0)
           .says('not-newer', 6))
    yield case('the same registration at once').add(device()).seal(1, 0, ['tx-1']).says('not-newer', 4)
    yield (case('a registration as old as the one before').add(device(at=1, site='T-2', ts=START - 1)).seal(1, 0, ['tx-1']).says('not-newer', 4))
    yield (case('a device moved back by its first registration').add(device(at=1, site='T-2'), device(at=2, ts=START - 1), report(1, site='T-2'))
           .seal(1, 1).says('not-newer', 5))
    yield (case('an older revocation after a registration').add(device(at=1, status='revoked', ts=START - 2)).seal(1, 0, ['tx-1']).says('not-newer', 4))
    yield (case("a revoked official's registration said again").add(official(at=1, status='revoked'), official(at=2, ts=START - 1)).seal(1, 0, ['tx-1'])
           .says('not-newer', 5))
    yield (case('said again in a later batch').add(device(at=1, status='revoked')).seal(0, 0).add(device(ts=START - 1)).seal(0, 0)
           .says('not-newer', 2, 2))
    yield (case('said again in a later batch that has the revocation').add(report(1)).seal(1, 1)
           .add(device(status='revoked'), device(at=1, ts=START - 1)).seal(0, 0).says('not-newer', 3, 2, alone=[('holds', 0), ('not-newer', 3)]))


def wrong_counters():
    case = Case
    yield case('the same counter at once').add(report(1), report(1, power='OFF')).seal(1, 1).says('seq-used', 5)
    yield case('the same counter in a row').add(report(1), report(2), report(3), report(2)).seal(1, 1).says('seq-used', 7)
    yield case('the same counter after a gap').add(report(2), report(9), report(2)).seal(1, 1).says('seq-used', 6)
    yield case('the highest counter again').add(report(2), report(9), report(9)).seal(1, 1).says('seq-used', 6)
    yield case('the same counter exactly 4096 behind').add(report(9000), report(9000 - BEHIND), report(9000 - BEHIND)).seal(1, 1).says('seq-used', 6)
    yield case('the same counter 4095 behind').add(report(9000), report(9000 - BEHIND + 1), report(9000 - BEHIND + 1)).seal(1, 1).says('seq-used', 6)
    yield (case('a counter that is exactly 4096 behind by now').add(report(1), report(2), report(2 + BEHIND), report(2)).seal(1, 1)
           .says('seq-used', 7))
    yield case('4097 behind').add(report(9000), report(9000 - BEHIND - 1)).seal(1, 1).says('seq-old', 5)
    yield case('4097 behind by now').add(report(1), report(2 + BEHIND), report(1)).seal(1, 1).says('seq-old', 6)
    yield case('far behind').add(report(1 << 40), report(1)).seal(1, 1).says('seq-old', 5)
    yield case('used under the key of before').add(report(1), device(at=11, key=OTHER), report(1, at=12, signer=OTHER)).seal(1, 1).says('seq-used', 6)
    old, new = {"key": OTHER}, {"signer": OTHER}
    yield (case('a new key fills a gap of the old').add(report(1), report(9), device(at=11, **old), report(5, at=12, **new)).seal(1, 1)
           .says('seq-before-key', 7))
    yield (case('a new key fills a gap of the old in a later batch').add(report(1), report(9)).seal(1, 1)
           .add(device(at=1, **old), report(10, at=2, **new), report(5, at=3, **new)).seal(1, 1).says('seq-before-key', 4, 2, alone=[('holds', 0), ('holds', 0)]))
    yield (case('a new key fills its own gap below the old, registered again').add(report(9), device(at=11, **old), report(12, at=12, **new),
           device(at=13, ts=START + 13, customers=4, **old), report(8, at=14, **new)).seal(1, 1).says('seq-before-key', 8))
    yield case('used in the batch before').add(report(1), report(2)).seal(1, 1).add(report(3), report(2)).seal(1, 1).says('seq-used', 3, 2)
    yield (case('the same counter twice in a batch that does not register its device').add(report(1)).seal(1, 1)
           .add(report(9000), report(9000 - BEHIND), report(9000 - BEHIND)).seal(1, 1)
           .says('seq-used', 4, 2, alone=[('holds', 0), ('seq-used', 4)]))
    yield case('4097 behind that of the batch before').add(report(9000)).seal(1, 1).add(report(9000 - BEHIND - 1)).seal(1, 1).says('seq-old', 2, 2)


def wrong_actions():
    case, silent = Case, ['tx-1']
    file = action('C-1', 'file', 'citizen')
    yield case('an official that nobody registered').add(file, action('C-1', 'comment', 'officer-9')).seal(1, 0, silent).says('unknown-official', 5)
    yield (case('an official that is registered after acting').add(file, action('C-1', 'comment', 'officer-2', signer=OTHER), official('officer-2', 21, key=OTHER))
           .seal(1, 0, silent).says('unknown-official', 5))
    yield case('a device is no official').add(file, action('C-1', 'comment', 'tx-1', signer=DEVICE)).seal(1, 0, silent).says('unknown-official', 5)
    yield (case('a revoked official').add(file, official(at=21, status='revoked'), action('C-1', 'comment', at=22)).seal(1, 0, silent)
           .says('revoked-official', 6))
    yield (case('an official revoked in the file, whoever registered it').add(file).seal(1, 0, silent)
           .add(official(at=1, status='revoked'), action('C-1', 'comment')).seal(1, 0, silent)
           .says('revoked-official', 3, 2, alone=[('holds', 0), ('revoked-official', 3)]))
    yield case("a citizen's words by an official's key").add(action('C-1', 'file', 'citizen', signer=OFFICIAL)).seal(1, 0, silent).says('bad-signature', 4)
    yield case("the service's words by an official's key").add(action('C-1', 'file', 'service', signer=OFFICIAL)).seal(1, 0, silent).says('bad-signature', 4)
    yield case("an official's words by the service's key").add(file, action('C-1', 'comment', signer=SERVICE)).seal(1, 0, silent).says('bad-signature', 5)
    yield (case('a complaint that begins with 2').add(action('C-1', 'file', 'service', n=2, prev=lambda _: '7' * 64)).seal(1, 0, silent)
           .says('complaint-n', 4))
    yield case('a number left out').add(file, action('C-1', 'comment', n=3)).seal(1, 0, silent).says('complaint-n', 5)
    yield case('a number twice').add(file, action('C-1', 'comment'), action('C-1', 'comment', n=2)).seal(1, 0, silent).says('complaint-n', 6)
    yield case('filed twice').add(file, action('C-1', 'file', 'citizen', n=1, prev=lambda _: '0' * 64)).seal(1, 0, silent).says('complaint-n', 5)
    yield (case('the entry before of another complaint').add(file, action('C-2', 'file', 'citizen'), action('C-1', 'comment', prev=lambda log: log.chains['C-2'][1]))
           .seal(1, 0, silent).says('complaint-prev', 6))
    yield case('an entry before that is nowhere').add(file, action('C-1', 'comment', prev=lambda _: '1' * 64)).seal(1, 0, silent).says('complaint-prev', 5)
    yield (case('a number left out between batches').add(file).seal(1, 0, silent).add(official(at=1), action('C-1', 'comment', n=3)).seal(1, 0, silent)
           .says('complaint-n', 3, 2))
    yield (case('a number left out in a batch that does not begin it').add(file).seal(1, 0, silent)
           .add(official(at=1), action('C-1', 'comment'), action('C-1', 'comment', n=4)).seal(1, 0, silent)
           .says('complaint-n', 4, 2, alone=[('holds', 0), ('complaint-n', 4)]))
    yield (case('the wrong entry before, by an official of an earlier batch').add(file).seal(1, 0, silent)
           .add(report(1), action('C-1', 'comment'), action('C-1', 'comment', prev=lambda _: '1' * 64)).seal(1, 1)
           .says('complaint-prev', 4, 2, alone=[('holds', 0), ('complaint-prev', 4)]))


def good_promises():
    """Complaints, notices, profiles and lost counters; and files that alone do not show what the log has."""
    case, silent = Case, ['tx-1']
    file = action('C-1', 'file', 'citizen')
    second = official('officer-2', key=OTHER)
    yield (case('a complaint to its end').add(profile(), file, action('C-1', 'join', 'citizen', key=JOINER), action('C-1', 'join', 'service'),
           action('C-1', 'acknowledge'), action('C-1', 'assign', to='officer-1'), action('C-1', 'resolve', photo_hash='6' * 64),
           action('C-1', 'confirm', 'citizen', key=JOINER), action('C-1', 'confirm', 'citizen')).seal(1, 0, silent).says())
    yield (case('a complaint at a cell').add(action('C-1', 'file', 'service', lat=255900000, lon=-851400000),
           action('C-1', 'comment', lat=255900000, lon=-851400000)).seal(1, 0, silent).says())
    yield (case('rejected by two persons, and reopened').add(profile(), second, file, action('C-1', 'reject'),
           action('C-1', 'approve', 'officer-2', signer=OTHER), action('C-1', 'reopen', 'citizen')).seal(1, 0, silent).says())
    yield case('rejected by one where there is no profile').add(file, action('C-1', 'reject'), action('C-1', 'unresolve')).seal(1, 0, silent).says()
    yield case('a duplicate').add(file, action('C-2', 'file', 'service'), action('C-2', 'duplicate', of='C-1')).seal(1, 0, silent).says()
    yield case('confirmed, and reopened within the days').add(profile(), file, action('C-1', 'resolve'), action('C-1', 'confirm', 'citizen'),
                                                              action('C-1', 'reopen', 'citizen')).seal(1, 0, silent).says()
    yield case('withdrawn').add(file, action('C-1', 'withdraw', 'citizen'), action('C-1', 'comment')).seal(1, 0, silent).says()
    yield case('a shutdown, put off and withdrawn').add(notice(), notice(start=START + 3600001), notice(start=START + 3600001, status='withdrawn')).seal(
        1, 0, silent).says()
    yield case('an estimate of an area, made earlier').add(*(notice(about='estimate', scope='area', target=None, start=START + at) for at in (9, 3))).seal(
        1, 0, silent).says()
    yield case('a profile, and a newer one').add(profile(), profile(at=1, reopen_days=8)).seal(1, 0, silent).says()
    yield case('counters that were lost').add(report(1), report(9), lost(2, 5), lost(4, 7)).seal(1, 1).says()
    yield case('a counter that was not lost comes late').add(report(1), report(9), lost(2, 5), report(6, at=16)).seal(1, 1).says()
    yield case('lost far behind the highest').add(report(1), report(9000), lost(2, 4000)).seal(1, 1).says()

    yield (case('a complaint that goes on in a later file').add(profile(), file).seal(1, 0, silent)
           .add(official(at=1), action('C-1', 'join', 'citizen', key=JOINER), action('C-1', 'resolve'), action('C-1', 'confirm', 'citizen')).seal(1, 0, silent).says())
    yield (case('assigned to somebody of an earlier file').add(second).seal(1, 0, silent)
           .add(official(at=1), file, action('C-1', 'assign', to='officer-2')).seal(1, 0, silent).says())
    yield (case('a duplicate of one of an earlier file').add(file).seal(1, 0, silent)
           .add(official(at=1), action('C-2', 'file', 'service'), action('C-2', 'duplicate', of='C-1')).seal(1, 0, silent).says())
    yield (case('two persons by the profile of an earlier file').add(profile(), second).seal(1, 0, silent)
           .add(official(at=1), official('officer-2', 1, key=OTHER), file, action('C-1', 'reject'), action('C-1', 'approve', 'officer-2', signer=OTHER))
           .seal(1, 0, silent).says())
    yield (case('the days of the profile of an earlier file').add(profile()).seal(1, 0, silent)
           .add(official(at=1), file, action('C-1', 'resolve'), action('C-1', 'confirm', 'citizen'), action('C-1', 'reopen', 'citizen')).seal(1, 0, silent).says())
    yield (case('rejected by an official of an earlier file').add(profile(), second).seal(1, 0, silent)
           .add(profile(at=1), official(at=1), file, action('C-1', 'reject', 'officer-2', signer=OTHER), action('C-1', 'approve')).seal(1, 0, silent).says())
    yield case('a notice that goes on in a later file').add(notice()).seal(1, 0, silent).add(notice(), notice(status='withdrawn')).seal(1, 0, silent).says()
    yield (case('lost below a highest of an earlier file').add(report(1), report(9)).seal(1, 1)
           .add(device(at=1), lost(2, 5)).seal(1, 0, silent).says())


def wrong_promises():
    case, silent = Case, ['tx-1']
    file = action('C-1', 'file', 'citizen')
    second, auditor = official('officer-2', key=OTHER), official('auditor-1', key=OTHER, role='auditor')

    def refused(desc, rule, *entries, line=None):
        return case(desc).add(*entries).seal(1, 0, silent).says(rule, line or len(entries) + 3)

    yield refused('another site than at first', 'complaint-place', file, action('C-1', 'comment', site='T-2'))
    yield refused('a cell instead of the site', 'complaint-place', file, action('C-1', 'comment', lat=0, lon=0))
    yield refused('an official files', 'complaint-who', action('C-1', 'file'))
    yield refused('a stranger confirms', 'complaint-who', file, action('C-1', 'resolve'), action('C-1', 'confirm', 'citizen', key=JOINER))
    yield refused('who filed joins', 'complaint-who', file, action('C-1', 'join', 'citizen'))
    yield refused('joined twice with a key', 'complaint-who', file, *[action('C-1', 'join', 'citizen', key=JOINER)] * 2)
    yield refused('an auditor acknowledges', 'complaint-who', auditor, file, action('C-1', 'acknowledge', 'auditor-1', signer=OTHER))
    yield refused('an operator resolves', 'complaint-who', official('operator-1', key=OTHER, role='operator'), file,
                  action('C-1', 'resolve', 'operator-1', signer=OTHER))
    yield refused('the service withdraws', 'complaint-who', action('C-1', 'file', 'service'), action('C-1', 'withdraw', 'service'))
    yield refused('an official confirms', 'complaint-who', file, action('C-1', 'resolve'), action('C-1', 'confirm'))
    yield refused('approved by whoever rejected', 'complaint-who', profile(), file, action('C-1', 'reject'), action('C-1', 'approve'))
    yield refused('approved by another name with the same key', 'complaint-who', profile(), official('officer-2'), file, action('C-1', 'reject'),
                  action('C-1', 'approve', 'officer-2'))
    yield refused('a joined key confirms twice', 'complaint-who', file, action('C-1', 'join', 'citizen', key=JOINER), action('C-1', 'resolve'),
                  *[action('C-1', 'confirm', 'citizen', key=JOINER)] * 2)
    yield refused('reopened by who joined after it was resolved', 'complaint-who', file, action('C-1', 'resolve'),
                  action('C-1', 'join', 'citizen', key=JOINER), action('C-1', 'reopen', 'citizen', key=JOINER))
    yield refused('confirmed, and reopened by another', 'complaint-who', profile(), file, action('C-1', 'join', 'citizen', key=JOINER), action('C-1', 'resolve'),
                  action('C-1', 'confirm', 'citizen'), action('C-1', 'reopen', 'citizen', key=JOINER))
    yield refused('acknowledged twice', 'complaint-state', file, *[action('C-1', 'acknowledge')] * 2)
    yield refused('confirmed before it was resolved', 'complaint-state', file, action('C-1', 'confirm', 'citizen'))
    yield refused('resolved after it was withdrawn', 'complaint-state', file, action('C-1', 'withdraw', 'citizen'), action('C-1', 'resolve'))
    yield refused('approved where one is enough', 'complaint-state', second, file, action('C-1', 'reject'), action('C-1', 'approve', 'officer-2', signer=OTHER))
    yield refused('joined after it was confirmed', 'complaint-state', file, action('C-1', 'resolve'), action('C-1', 'confirm', 'citizen'),
                  action('C-1', 'join', 'citizen', key=JOINER))
    yield refused('filed again as the next', 'complaint-state', action('C-1', 'file', 'service'), action('C-1', 'file', 'service'))
    yield refused('a category that the profile has not', 'complaint-category', profile(), action('C-1', 'file', 'citizen', category='low-voltage'))
    yield refused('assigned to nobody', 'complaint-to', file, action('C-1', 'assign', to='officer-9'))
    yield refused('assigned to an auditor', 'complaint-to', auditor, file, action('C-1', 'assign', to='auditor-1'))
    yield refused('assigned to one who was revoked', 'complaint-to', second, official('officer-2', 1, key=OTHER, status='revoked'), file,
                  action('C-1', 'assign', to='officer-2'))
    yield refused('a duplicate of nothing', 'complaint-of', file, action('C-1', 'duplicate', of='C-9'))
    yield refused('a duplicate of itself', 'complaint-of', file, action('C-1', 'duplicate', of='C-1'))
    yield refused('a duplicate of a duplicate', 'complaint-of', file, action('C-2', 'file', 'service'), action('C-2', 'duplicate', of='C-1'),
                  action('C-3', 'file', 'service'), action('C-3', 'duplicate', of='C-2'))
    yield refused('confirmed, and reopened where there is no profile', 'complaint-late', file, action('C-1', 'resolve'), action('C-1', 'confirm', 'citizen'),
                  action('C-1', 'reopen', 'citizen'))
    yield refused("another citizen's key", 'bad-signature', file, action('C-1', 'comment', 'citizen', signer=JOINER))

    yield refused('a notice that begins with 2', 'notice-n', notice(n=2, prev=lambda _: '7' * 64))
    yield refused('the notice before is nowhere', 'notice-prev', notice(), notice(prev=lambda _: '1' * 64))
    yield refused('an auditor announces', 'notice-who', auditor, notice(by='auditor-1', signer=OTHER))
    yield refused('a notice by nobody', 'unknown-official', notice(by='officer-9'))
    yield refused('a notice by one who was revoked', 'revoked-official', official(at=1, status='revoked'), notice())
    yield refused('a notice with another key', 'bad-signature', notice(signer=OTHER))
    yield refused('a notice about another site', 'notice-changed', notice(), notice(target='T-2'))
    yield refused('a shutdown that begins earlier than was said', 'notice-earlier', notice(), notice(start=START + 3599999))
    yield refused('a notice after it was withdrawn', 'notice-ended', notice(), notice(status='withdrawn'), notice())
    yield (case('a notice whose number is left out in a later file').add(notice()).seal(1, 0, silent).add(notice(), notice(n=4)).seal(1, 0, silent)
           .says('notice-n', 3, 2, alone=[('holds', 0), ('notice-n', 3)]))

    yield refused('a profile said again', 'not-newer', profile(), profile(at=1, ts=START - 1))
    yield refused('a profile that is none', 'bad-profile', profile(document='{}'))
    yield refused('a profile without a category', 'bad-profile', profile(categories=[]))
    yield refused('a profile by the service', 'bad-signature', profile(signer=SERVICE))

    def counted(desc, rule, *entries, roster_heard=1):
        return case(desc).add(*entries).seal(1, roster_heard, [] if roster_heard else silent).says(rule, len(entries) + 3)

    yield counted('lost up to the highest', 'lost-not-below', report(1), report(9), lost(2, 9))
    yield counted('lost before there was a report', 'lost-not-below', lost(1, 1), roster_heard=0)
    yield counted('lost, and in the log', 'lost-used', report(1), report(4), report(9), lost(2, 5))
    yield counted('a report of a counter that was lost', 'seq-lost', report(1), report(9), lost(2, 5), report(3, at=16))
    yield counted('lost far behind, and in the log', 'lost-used', report(1), report(2000), report(9000), lost(2, 4000))
    yield counted('lost by a device that nobody registered', 'unknown-device', lost(1, 1, device='tx-9'), roster_heard=0)
    yield case('lost by a revoked device').add(report(9), device(at=11, status='revoked'), lost(1, 2)).seal(0, 0).says('revoked-device', 6)
    yield counted('lost, by another key', 'bad-signature', report(9), lost(1, 2, signer=OTHER))


def wrong_places():
    case = Case
    yield case("another area's entry").add(report(1, area='elsewhere')).seal(1, 0, ['tx-1']).says('other-area', 4)
    yield case('received runs backwards').add(report(1, at=12), report(2, at=11)).seal(1, 1).says('order', 5)
    yield case('received before the window').add(report(1, at=-1)).seal(1, 1).says('window', 4)
    yield case("received at the window's end").add(report(1, at=PERIOD)).seal(1, 1).says('window', 4)
    year = 366 * 86400000
    yield case('a report dated a year ahead').add(report(1, ts=START + year)).seal(1, 1).says('ahead', 4)
    yield case('five minutes ahead and a millisecond').add(report(1, at=10, ts=START + 10 + AHEAD + 1)).seal(1, 1).says('ahead', 4)
    yield case('a registration dated ahead').add(device('tx-2', at=1, ts=START + 2 + AHEAD)).seal(2, 0, ['tx-1', 'tx-2']).says('ahead', 4)
    yield case('an action dated ahead').add(action('C-1', 'file', 'citizen', ts=START + year)).seal(1, 0, ['tx-1']).says('ahead', 4)
    yield case('a roster dated ahead').add(report(1)).seal(1, 1, ts=START + year).says('ahead', 5)
    yield case('an entry after the roster').add(report(1), roster(1, 1), report(2, at=PERIOD - 1)).end().says('after-roster', 6)
    yield case('a second roster').add(report(1), roster(1, 1)).seal(1, 1).says('after-roster', 6)
    yield case('a roster before the end').add(report(1), roster(1, 1, at=PERIOD - 1)).end().says('roster-time', 5)
    yield case("another batch's roster").add(report(1)).seal(1, 1, batch=2).says('roster-batch', 5)
    yield case('no roster').add(report(1)).end().says('roster-missing')
    yield case('one too many expected').add(report(1)).seal(2, 1).says('roster-expected', 5)
    yield case('none expected').add(report(1)).seal(0, 0).says('roster-expected', 5)
    yield case('a revoked device expected').add(device('tx-2'), device('tx-2', at=1, status='revoked')).seal(2, 0, ['tx-1', 'tx-2']).says('roster-expected', 6)
    yield case('a silent one said to be heard').seal(1, 1).says('roster-heard', 4)
    yield case('a heard one said to be silent').add(report(1)).seal(1, 0, ['tx-1']).says('roster-heard', 5)
    yield (case('one heard in the batch before said to be heard').add(report(1)).seal(1, 1).add(official(at=1)).seal(1, 1)
           .says('roster-heard', 3, 2))
    yield case('the root of nothing').seal(1, 0).says('roster-silent', 4)
    yield case('the root of another device').seal(1, 0, ['tx-2']).says('roster-silent', 4)
    yield case('the root of ids in another order').add(device('tx-2'), device('tx-10')).seal(3, 0, ['tx-1', 'tx-2', 'tx-10']).says('roster-silent', 6)
    named = {'block': 17, 'block_hash': 'c' * 64}
    yield (case('the first rosters name no block, the later ones do').add(report(1)).seal(1, 1).add(report(2)).seal(1, 1, **named).add(report(3))
           .seal(1, 1, **{**named, 'block': 18}).says())
    yield (case('a roster that names no block after one that does').add(report(1)).seal(1, 1, **named).add(report(2)).seal(1, 1)
           .says('roster-block', 3, 2))
    yield (case('a roster that names no block long after one that does').add(report(1)).seal(1, 1, **named).add(report(2)).seal(1, 1, **named)
           .add(report(3)).seal(1, 1).says('roster-block', 3, 3))
    yield (case('window and roster in a batch that is not the first').add(report(1)).seal(1, 1).add(report(2, at=PERIOD)).seal(1, 1)
           .says('window', 2, 2, alone=[('holds', 0), ('window', 2)]))


def main():
    cases = [case for make in (good, wrong_signers, wrong_registrations, wrong_counters, wrong_actions, good_promises, wrong_promises, wrong_places) for case in make()]
    assert len({case['desc'] for case in cases}) == len(cases)
    text = json.dumps({'about': 'made by make-rules.py; line 1 is the first of a file', 'authority_key': AUTHORITY.text,
                       'service_key': SERVICE.text, 'cases': cases}, indent=1, ensure_ascii=False) + '\n'
    if sys.argv[1:] == ['--check']:
        with open(PATH, encoding='utf-8') as file:
            return 0 if file.read() == text else f'{PATH} is not what make-rules.py makes; run it'
    with open(PATH, 'w', encoding='utf-8') as file:
        file.write(text)
    return 0


if __name__ == '__main__':
    sys.exit(main())
