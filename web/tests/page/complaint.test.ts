// @vitest-environment happy-dom
/* SPDX-License-Identifier: Apache-2.0 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { looksLikeReceipt } from '../../src/check/look'
import { checkComplaint, checkReceiptAlone } from '../../src/complaint/check'
import type { ComplaintChecked } from '../../src/complaint/check-types'
import { Followed } from '../../src/complaint/follow'
import { type Draft, MemoryKeeper } from '../../src/complaint/keep'
import { looksAlone, readKept, writeKept } from '../../src/complaint/kept-file'
import { keysOf, privateText } from '../../src/complaint/keys'
import { Office } from '../../src/complaint/office'
import { WorkSearch } from '../../src/core/work'
import { parseEntryText } from '../../src/core/entry'
import { createLive } from '../../src/store/live'
import { area, chainId, contract, makeKey, type Members, sign } from '../check/world'
import { comes } from '../patience'
import { ComplaintDaemon, rpc } from './complaint-daemon'

/* The page's half of a complaint, against a daemon that verifies what it is sent. */

let daemon: ComplaintDaemon
let office: Office

const place = { site: 'T-1' }
const work = (ticket: string, bits: number) => {
  const search = new WorkSearch(ticket, bits)
  let nonce = ''
  while (nonce === '') nonce = search.search(64)
  return Promise.resolve(nonce)
}

function makeOffice(keeper = new MemoryKeeper()): Office {
  const live = createLive({ base: '' })
  live.clock.set(daemon.now, 1)
  return new Office(live, keeper, { firstWait: 1, lastWait: 4, work })
}

const draft = (more: Partial<Draft> = {}): Draft => ({
  id: 'one',
  area,
  action: 'file',
  place,
  complaint: '',
  category: 'no-supply',
  text: 'Transformer near the school sparked.',
  contact: '',
  photos: [],
  state: 'sending',
  ...more
})

/** Files one; its number. */
async function filed(more: Partial<Draft> = {}): Promise<string> {
  const one = draft(more)
  await office.outbox.send(one)
  await office.refresh()
  const done = office.outbox.sending.get(one.id)
  if (done?.state !== 'done') throw new Error(JSON.stringify(done))
  return done.complaint
}

async function followed(id: string): Promise<Followed> {
  const one = new Followed(office, area, id)
  await comes(() => expect(one.state.value).toBe('there'))
  return one
}

async function check(id: string): Promise<ComplaintChecked> {
  return checkComplaint({
    area,
    complaint: id,
    answer: await office.api.complaint(area, id),
    kept: office.find(area, id),
    profile: await office.api.profile(area),
    proofs: () => office.api.proofs(area, id),
    options: { fetch: daemon.fetch, daemon: 'http://daemon.test', chain: { rpcUrls: [rpc], chainId, contract } }
  })
}

const verdicts = ({ steps }: ComplaintChecked) =>
  Object.fromEntries(steps.map(({ name, verdict }) => [name, verdict]))
const step = (checked: ComplaintChecked, name: string) => checked.steps.find((one) => one.name === name)

beforeEach(async () => {
  daemon = await ComplaintDaemon.make()
  vi.stubGlobal('fetch', daemon.fetch)
  office = makeOffice()
})
afterEach(() => vi.unstubAllGlobals())

describe('sending', () => {
  it('files, and keeps key, entry, private part and receipt', async () => {
    const id = await filed()
    const kept = office.find(area, id)!
    expect(kept).toMatchObject({ saved: false, seen: 1 })
    expect(kept.receipts).toHaveLength(1)
    expect(JSON.parse(kept.privates[0]!)).toMatchObject({ text: 'Transformer near the school sparked.', photos: [] })
    const entry = parseEntryText(kept.entries[0]!)
    expect(entry).toMatchObject({ kind: 'action', action: 'file', key: kept.keys!.public, site: 'T-1' })
    expect(await office.keeper.all('drafts')).toEqual([])
  })

  it('is filed once where the answer was lost, with the same bytes', async () => {
    daemon.gone = 'after'
    const sent = office.outbox.send(draft())
    await comes(() => expect(office.outbox.sending.get('one')).toMatchObject({ state: 'waiting' }))
    daemon.gone = ''
    office.outbox.wake()
    await sent
    expect(office.outbox.sending.get('one')).toMatchObject({ state: 'done' })
    expect([...daemon.cases.values()].map(({ steps }) => steps.length)).toEqual([1])
  })

  it('goes on in another page where the line was gone', async () => {
    const keeper = new MemoryKeeper()
    const before = makeOffice(keeper)
    daemon.gone = 'before'
    const sent = before.outbox.send(draft())
    await comes(() => expect(before.outbox.sending.get('one')).toMatchObject({ state: 'waiting' }))
    before.outbox.stop()
    await sent
    daemon.gone = ''
    const after = makeOffice(keeper)
    await after.start()
    await comes(() => expect(after.outbox.sending.get('one')).toMatchObject({ state: 'done' }))
    expect(daemon.cases.size).toBe(1)
  })

  it('is signed anew where somebody acted in between', async () => {
    const id = await filed()
    const one = await followed(id)
    const real = daemon.fetch
    let once = true
    vi.stubGlobal('fetch', async (...request: Parameters<typeof real>) => {
      if (once && String(request[0]).endsWith('/actions')) {
        once = false
        await daemon.act('operator-1', id, 'acknowledge')
      }
      return real(...request)
    })
    await one.act('comment', 'still dark')
    expect(daemon.cases.get(id)!.steps.map(({ entry }) => entry.action)).toEqual(['file', 'acknowledge', 'comment'])
  })

  it('what is refused is said, with how it is now, and stays written', async () => {
    const id = await filed()
    await daemon.act('officer-1', id, 'resolve')
    const one = await followed(id)
    await daemon.act('officer-1', id, 'unresolve')
    await one.act('reopen', 'it is dark')
    expect(one.sending.value).toMatchObject({ state: 'refused', slug: 'complaint-state', now: { state: 'open' } })
    expect(await office.keeper.get('drafts', `${area}/${id} reopen`)).toMatchObject({ text: 'it is dark', state: 'writing' })
  })

  it('sends photos by what they hash to', async () => {
    const id = await filed({ photos: [new Blob(['one']), new Blob(['two'])] })
    const { photos } = JSON.parse(office.find(area, id)!.privates[0]!) as { photos: string[] }
    expect(photos.map((hash) => hash.slice(0, 8))).toEqual(['7692c3ad', '3fc4ccfe'])
  })
})

describe('following', () => {
  const actsOf = async (id: string) => [...(await followed(id)).acts.value].sort()

  it('its filer may do what the table says', async () => {
    const id = await filed()
    expect(await actsOf(id)).toEqual(['comment', 'withdraw'])
    await daemon.act('officer-1', id, 'resolve')
    expect(await actsOf(id)).toEqual(['comment', 'confirm', 'reopen', 'withdraw'])
    const one = await followed(id)
    await one.act('confirm')
    expect(await actsOf(id)).toEqual(['comment', 'reopen'])
  })

  it('a stranger may join, once', async () => {
    const id = await filed()
    const other = makeOffice()
    office = other
    expect(await actsOf(id)).toEqual(['join'])
    const one = await followed(id)
    await one.act('join')
    expect(one.answer.value?.people).toBe(2)
    expect(await actsOf(id)).toEqual(['comment'])
  })

  it('what officials wrote is read from what they signed', async () => {
    const id = await filed()
    await daemon.act('officer-1', id, 'resolve', { note: 'fuse replaced' })
    daemon.lie = (_, answer) => {
      for (const row of (answer['chain'] ?? []) as Members[]) row['note'] = 'paid'
      return answer
    }
    const one = await followed(id)
    expect(one.steps.value[1]!.entry?.note).toBe('fuse replaced')
  })
})

describe('the receipt', () => {
  it('is opened on another phone, where the key signs on', async () => {
    const id = await filed()
    const bytes = await writeKept(office.find(area, id)!, 'https://power.example/')
    expect([looksLikeReceipt(bytes), looksAlone(bytes)]).toEqual([true, false])
    office = makeOffice()
    await office.keep(await readKept(bytes, daemon.now))
    const one = await followed(id)
    await one.act('withdraw')
    expect(one.answer.value?.state).toBe('withdrawn')
  })

  it.each([
    ['a key of another', (text: string, other: string) => text.replace(/"public":"[^"]*"/, `"public":"${other}"`)],
    ['another format', (text: string) => text.replace('powertrack-kept-1', 'powertrack-kept-2')],
    ['no JSON', (text: string) => text.slice(1)]
  ] as const)('with %s is none', async (_, change) => {
    const id = await filed()
    const text = new TextDecoder().decode(await writeKept(office.find(area, id)!, ''))
    const changed = change(text, (await makeKey()).text)
    await expect(readKept(new TextEncoder().encode(changed), 0)).rejects.toThrow()
  })

  it('alone can be checked too, and nothing that is none is called one', async () => {
    const id = await filed()
    const [receipt = ''] = office.find(area, id)!.receipts
    const bytes = new TextEncoder().encode(receipt)
    expect([looksLikeReceipt(bytes), looksAlone(bytes)]).toEqual([true, true])
    await daemon.seal()
    const options = {
      fetch: (...request: Parameters<typeof fetch>) => fetch(...request),
      daemon: '',
      chain: { rpcUrls: [rpc], chainId, contract, fromBlock: 0 }
    }
    const check = (text: string) => checkReceiptAlone(text, options)
    expect(await check(receipt)).toMatchObject({ name: 'receipt', verdict: 'holds', receipt: { state: 'kept' } })
    const other = receipt.replace(/"by":(\d+)/, (_, by) => `"by":${Number(by) + 1}`)
    expect(await check(other)).toMatchObject({ verdict: 'fails', reason: 'receipt-signature' })
    expect(await check(receipt.slice(1))).toBeUndefined()
    expect(await check(receipt.replace(area, 'other'))).toMatchObject({ verdict: 'unchecked', reason: 'no-keys' })
    expect(looksLikeReceipt(new TextEncoder().encode('{"format":"powertrack-proof-1"}'))).toBe(false)
  })

  it('its key fits only its own public half', async () => {
    const id = await filed()
    const keys = office.find(area, id)!.keys!
    const text = await privateText(keys)
    expect(text).toHaveLength(43)
    expect((await keysOf(text, keys.public))?.public).toBe(keys.public)
    expect(await keysOf(text, (await makeKey()).text)).toBeUndefined()
    expect(await keysOf('x', keys.public)).toBeUndefined()
  })
})

describe('check it yourself', () => {
  const all = { chain: 'holds', own: 'holds', signatures: 'holds', roles: 'holds', places: 'holds', roots: 'holds', receipt: 'holds' }

  async function resolved(): Promise<string> {
    const id = await filed()
    await daemon.act('operator-1', id, 'acknowledge')
    await daemon.act('officer-1', id, 'resolve')
    await (await followed(id)).act('reopen', 'still dark')
    return id
  }

  it('holds for what is true', async () => {
    const id = await resolved()
    await daemon.seal()
    const checked = await check(id)
    expect(verdicts(checked)).toEqual(all)
    expect(checked.verdict).toBe('holds')
    expect([...checked.signed.values()]).toEqual(['holds', 'holds', 'holds', 'holds'])
    expect(step(checked, 'receipt')?.receipt?.state).toBe('kept')
  })

  it('says what waits for the chain', async () => {
    const id = await filed()
    await daemon.seal()
    await daemon.act('officer-1', id, 'resolve')
    const checked = await check(id)
    expect(verdicts(checked)).toEqual({ ...all, signatures: 'unchecked', roles: 'unchecked', places: 'unchecked' })
    expect(checked.verdict).toBe('unchecked')
    expect([...checked.signed.values()]).toEqual(['holds', 'unchecked'])
  })

  it('nothing is called true where nobody can be asked', async () => {
    const id = await resolved()
    await daemon.seal()
    const chain = { rpcUrls: [], contract }
    const checked = await checkComplaint({
      area, complaint: id, answer: await office.api.complaint(area, id), kept: office.find(area, id), profile: undefined,
      proofs: () => office.api.proofs(area, id), options: { fetch: daemon.fetch, chain }
    })
    expect(verdicts(checked)).toMatchObject({ chain: 'holds', own: 'holds', roots: 'unchecked', signatures: 'unchecked', receipt: 'unchecked' })
  })

  it('a complaint that is dropped after its receipt is a lie, for ever', async () => {
    const id = await filed()
    const gone = daemon.log.pop()!
    daemon.cases.delete(id)
    const soon = await check(id)
    expect(verdicts(soon)).toMatchObject({ chain: 'fails', own: 'fails', receipt: 'unchecked' })
    expect(step(soon, 'receipt')?.receipt?.state).toBe('pending')
    await daemon.seal()
    const checked = await check(id)
    expect(step(checked, 'receipt')).toMatchObject({ verdict: 'fails', receipt: { state: 'broken' } })
    expect(checked.verdict).toBe('fails')
    expect(gone).toContain(id)
  })

  it('a step of the reader’s that is dropped is missed', async () => {
    const id = await resolved()
    daemon.lie = (_, answer) => (answer['chain'] ? { ...answer, chain: (answer['chain'] as Members[]).slice(0, 3) } : answer)
    expect(step(await check(id), 'own')).toMatchObject({ verdict: 'fails', reason: 'dropped' })
  })

  it('an altered note is a lie', async () => {
    const id = await resolved()
    await daemon.seal()
    daemon.lie = (_, answer) => JSON.parse(JSON.stringify(answer).replaceAll('crew called', 'crew came')) as Members
    const checked = await check(id)
    // What follows names the leaf of what was said.
    expect(verdicts(checked)).toMatchObject({ chain: 'fails' })
    expect(checked.verdict).toBe('fails')
  })

  it('an altered note at the end is a lie, too', async () => {
    const id = await filed()
    await daemon.act('officer-1', id, 'resolve', { note: 'fuse replaced' })
    await daemon.seal()
    daemon.lie = (_, answer) => JSON.parse(JSON.stringify(answer).replaceAll('fuse replaced', 'fuse not bad')) as Members
    expect(verdicts(await check(id))).toMatchObject({ chain: 'holds', places: 'fails', signatures: 'fails' })
  })

  it('a resolve by who may not is a lie', async () => {
    const id = await filed()
    await daemon.act('operator-1', id, 'resolve')
    await daemon.seal()
    const checked = await check(id)
    expect(step(checked, 'roles')).toMatchObject({ verdict: 'fails', reason: 'role', values: { n: 2, rule: 'complaint-who' } })
    expect(verdicts(checked)).toMatchObject({ signatures: 'holds' })
  })

  it('an officer whom the authority never registered is none', async () => {
    const id = await filed()
    const [forger, key] = [await makeKey(), await makeKey()]
    const text = await sign(forger, daemon.now, {
      area, key: key.text, kind: 'official', name: 'Nobody', official: 'officer-9', role: 'officer', status: 'active', ts: 1
    })
    daemon.registrations.set('officer-9', text)
    await daemon.act('officer-9', id, 'resolve', {}, key)
    await daemon.seal()
    expect(step(await check(id), 'signatures')).toMatchObject({ verdict: 'fails', reason: 'registration' })
  })

  it('a reopen that nobody signed is a lie', async () => {
    const id = await filed()
    await daemon.act('officer-1', id, 'resolve')
    const { key } = daemon.cases.get(id)!.steps[0]!.entry
    await daemon.act('citizen', id, 'reopen', { by: 'citizen', key, note: undefined }, await makeKey())
    await daemon.seal()
    const checked = await check(id)
    expect(verdicts(checked)).toMatchObject({ chain: 'holds', own: 'fails', signatures: 'fails' })
    expect(checked.signed.get(3)).toBe('fails')
  })

  it('a root that the chain has not is a lie', async () => {
    const id = await filed()
    await daemon.seal()
    daemon.chain.roots.set(1, new Uint8Array(32).fill(7))
    expect(verdicts(await check(id))).toMatchObject({ roots: 'fails', places: 'holds' })
  })

  it('a receipt that the service did not sign is told', async () => {
    const id = await filed()
    await daemon.seal()
    const kept = office.find(area, id)!
    const forged = kept.receipts[0]!.replace(/"by":\d+/, '"by":1764000000001')
    await office.keep({ ...kept, receipts: [forged] })
    expect(step(await check(id), 'receipt')).toMatchObject({ verdict: 'fails', reason: 'receipt-signature' })
  })
})
