/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, test } from 'vitest'

import { checkBundleFile, type CheckOptions, type CheckResult, stepNames } from '../../src/check'
import { hexEncode, utf8Encode } from '../../src/core/encoding'
import { emptyFrontier, leafHash } from '../../src/core/tree'
import { extendedEntries } from '../core/vectors'
import { daemon, dead, network, rpc, type Script } from './scripted'
import {
  area,
  type Batch,
  canonical,
  chainId,
  contract,
  deviceMembers,
  type Key,
  makeBatch,
  makeBundle,
  makeChain,
  makeKey,
  makeWorld,
  type Members,
  reportMembers,
  rosterMembers,
  sign,
  start
} from './world'

/* Proofs of entries that are no reports: who must have signed each, and what vouches for that. */

const world = await makeWorld()
const { authority, service, device } = world.keys
const [officer, citizen] = [await makeKey(), await makeKey()]
let received = start + 1000

const put = (key: Key, kind: string, members: Members) =>
  sign(key, ++received, { area, kind, ts: received - 5, ...members })
const officialMembers = (change: Members = {}): Members => ({
  key: officer.text,
  name: 'Assistant Engineer',
  official: 'officer-1',
  role: 'officer',
  status: 'active',
  ...change
})
const complaint = { complaint: 'C-1', site: 'T-1' }

const registration = await sign(authority, start + 10, deviceMembers(device))
const appointed = await put(authority, 'official', officialMembers())
const profile = extendedEntries.find(({ kind }) => kind === 'profile')!.entry
const rules = await put(authority, 'profile', {
  document: (JSON.parse(profile) as { document: string }).document
})
const filed = await put(citizen, 'action', {
  ...complaint,
  action: 'file',
  by: 'citizen',
  category: 'no-supply',
  key: citizen.text,
  n: 1,
  note_hash: '5'.repeat(64),
  prev: '0'.repeat(64)
})
const after = async (entry: string) => hexEncode(await leafHash(utf8Encode(entry)))
const joined = await put(service, 'action', {
  ...complaint,
  action: 'join',
  by: 'service',
  n: 2,
  prev: await after(filed)
})
const resolving = {
  ...complaint,
  action: 'resolve',
  by: 'officer-1',
  n: 3,
  note: 'a new fuse',
  prev: await after(joined)
}
const resolved = await put(officer, 'action', resolving)
const announced = await put(officer, 'notice', {
  about: 'shutdown',
  by: 'officer-1',
  end: start + 9e6,
  n: 1,
  note: '',
  notice: 'N-1',
  prev: '0'.repeat(64),
  scope: 'area',
  start: start + 8e6,
  status: 'active'
})
const reported = await sign(device, ++received, reportMembers(9))
const lost = await put(device, 'lost', { device: 'tx-1', first: 1, last: 3, reason: 'reset' })
const to = start + 60000
const roster = await sign(service, to, rosterMembers(1, to))

const entries = [
  ...[registration, appointed, rules, filed, joined, resolved, announced],
  ...[reported, lost, roster]
]

const seal = (list: readonly string[]) =>
  makeBatch({ area, batch: 1, from: start, to }, emptyFrontier, list)

async function check(
  batch: Batch,
  entry: string,
  signer: string,
  script: Script = {}
): Promise<CheckResult> {
  const chain = await makeChain(world.keys, [batch])
  const bundle = await makeBundle([batch], batch.entries.indexOf(entry), signer)
  const options: CheckOptions = {
    fetch: network({ ...world, batches: [batch, batch], chain }, script),
    daemon,
    chain: { rpcUrls: [rpc], chainId, contract }
  }
  return checkBundleFile(utf8Encode(canonical(bundle)), options)
}

const amiss = ({ steps }: CheckResult) =>
  Object.fromEntries(
    steps
      .filter((step) => step.verdict !== 'holds')
      .map((step) => [step.name, `${step.verdict} ${step.reasonCode}`])
  )

const whole = await seal(entries)
const alone = stepNames.filter((name) => name !== 'registration' && name !== 'authority')

describe('what holds', () => {
  test.each([
    ['lost counters', lost, registration, 'device'],
    ["an official's action", resolved, appointed, 'official'],
    ['a notice', announced, appointed, 'official'],
    ["a citizen's action", filed, '', 'citizen'],
    ["the service's action", joined, '', 'service'],
    ['a roster', roster, '', 'service'],
    ['a profile', rules, '', 'authority'],
    ['a registration', registration, '', 'authority'],
    ["an official's registration", appointed, '', 'authority']
  ])('%s', async (_, entry, signer, who) => {
    const result = await check(whole, entry, signer)
    expect(amiss(result)).toEqual({})
    expect(result.verdict).toBe('holds')
    expect(result.entry?.text).toBe(entry)
    expect(result.steps.map(({ name }) => name)).toEqual(signer === '' ? alone : [...stepNames])
    expect(result.steps.find(({ name }) => name === 'signature')!.values['signer']).toBe(who)
  })
})

describe('what does not', () => {
  const noKey = { signature: 'unchecked no-key', authority: 'unchecked no-registration' }
  test.each([
    ['a device for an official', resolved, registration, 'registration-other-official'],
    ['an official for a device', lost, appointed, 'registration-other-device'],
    ['nobody for an official', announced, '', 'registration-malformed']
  ])('%s', async (_, entry, signer, reason) => {
    const found = amiss(await check(whole, entry, signer))
    expect(found).toEqual({ ...noKey, registration: `fails ${reason}` })
  })

  test.each([
    ['revoked', { status: 'revoked' }, 'registration-revoked'],
    ['an operator', { role: 'operator' }, 'registration-other-role'],
    ['an auditor', { role: 'auditor' }, 'registration-other-role'],
    ['another id', { official: 'officer-2' }, 'registration-other-official']
  ])('the official is %s', async (_, change, reason) => {
    const other = await put(authority, 'official', officialMembers(change))
    const early = other.replace(/"received":\d+/, `"received":${start + 1}`)
    const found = amiss(await check(await seal([early, ...entries.slice(3)]), resolved, early))
    expect(found).toMatchObject({ registration: `fails ${reason}` })
  })

  test('an auditor may comment, and not announce', async () => {
    const auditor = await sign(authority, start + 1, {
      ...officialMembers({ role: 'auditor' }),
      area,
      kind: 'official',
      ts: start
    })
    const { action: _, ...members } = resolving
    const comment = await put(officer, 'action', { ...members, action: 'comment' })
    const list = [auditor, comment, announced, roster].sort(byReceived)
    const batch = await seal(list)
    expect(amiss(await check(batch, comment, auditor))).toEqual({})
    expect(amiss(await check(batch, announced, auditor))).toEqual({
      registration: 'fails registration-other-role'
    })
  })

  test('a registration that vouches for nothing', async () => {
    for (const entry of [filed, joined, roster, rules])
      expect(amiss(await check(whole, entry, appointed))).toEqual({
        registration: 'fails registration-needless'
      })
  })

  test('a newer registration of the official in the file', async () => {
    const newer = await sign(authority, start + 1500, {
      ...officialMembers({ name: 'Another' }),
      area,
      kind: 'official',
      ts: start + 1400
    })
    const later = resolved.replace(/"received":\d+/, `"received":${start + 1501}`)
    const batch = await seal([appointed, newer, later, roster])
    expect(amiss(await check(batch, later, appointed))).toEqual({
      registration: 'fails registration-superseded'
    })
    expect(amiss(await check(batch, later, newer))).toEqual({})
  })

  test.each([
    ['an action', resolved, /"note":"a new fuse"/, '"note":"nothing"', appointed],
    ['a notice', announced, /"note":""/, '"note":"x"', appointed],
    ["a citizen's words", filed, /"note_hash":"5/, '"note_hash":"6', ''],
    ["the service's words", joined, /"complaint":"C-1"/, '"complaint":"C-2"', ''],
    ['a profile', rules, /announce_min\\":1440/, 'announce_min\\":1441', ''],
    ['lost counters', lost, /"last":3/, '"last":4', registration]
  ])('%s changed after it was signed', async (_, entry, from, change, signer) => {
    const forged = entry.replace(from, change)
    expect(forged).not.toBe(entry)
    const batch = await seal(entries.map((each) => (each === entry ? forged : each)))
    expect(amiss(await check(batch, forged, signer))).toEqual({ signature: 'fails signature-bad' })
  })

  test('without the chain nobody knows the keys of the area', async () => {
    const found = amiss(await check(whole, rules, '', { rpc: dead }))
    expect(found).toMatchObject({ signature: 'unchecked rpc-unreachable' })
    const own = amiss(await check(whole, filed, '', { rpc: dead }))
    expect(own).not.toHaveProperty('signature')
  })
})

function byReceived(a: string, b: string): number {
  const of = (entry: string) => (JSON.parse(entry) as { received: number }).received
  return of(a) - of(b)
}
