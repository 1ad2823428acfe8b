# SPDX-License-Identifier: Apache-2.0
"""Dossiers of the complaints of the vectors, put together here."""
import json

from support import canonical, leaf_hash, root_of, vector

BATCHES = vector('v2/batches.json')
ENTRIES = [row['entry'].encode() for row in vector('v2/entries.json')['entries']]
LEAVES = [leaf_hash(line) for line in ENTRIES]
COMPLAINTS = vector('v2/complaints.json')
SIZES = []
for row in BATCHES['batches']:
    with_entries = vector('v2/' + row['file'])
    SIZES.append(with_entries['size'])


def path_of(index, leaves):
    if len(leaves) == 1:
        return []
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    if index < half:
        return path_of(index, leaves[:half]) + [root_of(leaves[half:])]
    return path_of(index - half, leaves[half:]) + [root_of(leaves[:half])]


def fields(index):
    return json.loads(ENTRIES[index])


def registration_of(official, before):
    """The newest one in the log, exact bytes; '' for whoever is no official."""
    found = ''
    for line in ENTRIES[:before]:
        entry = json.loads(line)
        if entry['kind'] == 'official' and entry['official'] == official:
            found = line.decode()
    return found


def device_of(device, before):
    found = ''
    for line in ENTRIES[:before]:
        entry = json.loads(line)
        if entry['kind'] == 'device' and entry['device'] == device:
            found = line.decode()
    return found


def batch_of(index):
    return next(i for i, size in enumerate(SIZES) if index < size)


def bundle(index):
    batch = batch_of(index)
    leaves = LEAVES[:SIZES[batch]]
    return canonical({'area': 'demo-east', 'batch': batch + 1, 'cid': BATCHES['batches'][batch]['cid'],
                      'chain': {'block': 7, 'chain_id': 31337, 'contract': '0x' + '11' * 20, 'tx': '0x' + '22' * 32},
                      'entry': ENTRIES[index].decode(), 'format': 'powertrack-proof-1', 'index': index,
                      'path': [node.hex() for node in path_of(index, leaves)], 'root': root_of(leaves).hex(),
                      'signer': device_of(fields(index)['device'], index) if fields(index)['kind'] == 'report' else
                      registration_of(fields(index)['by'], index), 'size': len(leaves)}).decode()


def receipts():
    return {row['entry']: row['receipt'] for commit in vector('v2/receipts.json')['commits'] for row in commit['receipts']}


def reports(complaint):
    """Where the reports of its site's devices stand."""
    site = fields(complaint['entries'][0]['index']).get('site')
    devices = {fields(i)['device'] for i in range(len(ENTRIES)) if fields(i)['kind'] == 'report' and fields(i)['site'] == site}
    return [i for i in range(len(ENTRIES)) if fields(i)['kind'] == 'report' and fields(i)['device'] in devices]


def dossier(complaint):
    """Everything of one of complaints.json, as an object that a test may spoil."""
    indices = [row['index'] for row in complaint['entries']]
    private = {row['note_hash']: row['private'] for row in COMPLAINTS['privates']}
    given = receipts()
    wanted = {fields(i).get('to') for i in indices} - {None}
    return {
        'area': 'demo-east', 'complaint': complaint['complaint'], 'format': 'powertrack-dossier-1', 'left_out': 0, 'made': 1764100000000,
        'privates': [private[fields(i)['note_hash']] for i in indices if fields(i).get('note_hash') in private],
        'profiles': [line.decode() for line in ENTRIES if json.loads(line)['kind'] == 'profile'],
        'registrations': sorted({registration_of(official, indices[-1]) for official in wanted}),
        'reports': [bundle(i) for i in reports(complaint)],
        'steps': [{'entry': ENTRIES[row['index']].decode(), 'evidence': row.get('evidence') or '', 'proof': bundle(row['index']),
                   'receipt': given.get(row['index'], '')} for row in complaint['entries']],
    }


def of_number(number):
    return next(row for row in COMPLAINTS['complaints'] if row['complaint'] == number)
