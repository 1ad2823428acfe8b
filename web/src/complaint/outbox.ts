/* SPDX-License-Identifier: Apache-2.0 */
import { reactive } from 'vue'
import { type Api, type Given, Refused, Unreachable } from './api'
import { doWork } from './do-work'
import {
  type Draft,
  type Keeper,
  type Kept,
  type Prepared
} from './keep'
import { canSign, hashOf, type Keys, makeKeys, makeSalt, sign } from './keys'
import type { ComplaintAnswer, Ticket } from './rows'
import { writePrivate } from '../core/entry-write'
import { FormatError } from '../core/bytes'
import { setOwn } from '../store/own'

/* What waits to be sent. Its bytes are made once, kept, and sent until the daemon answered: the same
 * bytes are filed once, however often they come. */

export type Sending =
  | { readonly state: 'working' }
  | { readonly state: 'waiting'; readonly slug: string }
  | { readonly state: 'refused'; readonly slug: string; readonly detail: string; readonly now?: ComplaintAnswer }
  | { readonly state: 'done'; readonly area: string; readonly complaint: string }

export interface OutboxOptions {
  readonly api: Api
  readonly keeper: Keeper
  /** ms, the daemon's clock. */
  readonly now: () => number
  readonly firstWait: number
  readonly lastWait: number
  readonly work: (ticket: string, bits: number) => Promise<string>
}

const lookAgain = ['complaint-n', 'complaint-prev']
const newTicket = ['ticket-expired', 'bad-work', 'bad-ticket']
const triesMax = 5

/** Tickets that were asked for already, and their work, which began at once. */
export interface ReadyTicket {
  readonly ticket: Ticket
  readonly nonce: Promise<string>
}

export class Outbox {
  /** What became of each draft that is on its way, by its id. */
  readonly sending = reactive(new Map<string, Sending>())
  private readonly wakes = new Set<() => void>()
  private readonly running = new Map<string, Promise<void>>()
  private stopped = false

  constructor(private readonly options: OutboxOptions) {}

  /** Goes on with what an earlier page left. */
  async resume(): Promise<void> {
    const drafts = await this.options.keeper.all('drafts')
    for (const draft of drafts) if (draft.state === 'sending') void this.send(draft)
    await this.count()
  }

  /** There may be a line again. */
  wake(): void {
    for (const wake of [...this.wakes]) wake()
  }

  stop(): void {
    this.stopped = true
    this.wake()
  }

  /** Sends it, now or as soon as it can be; @ready: its ticket, where there is one. */
  send(draft: Draft, ready?: ReadyTicket): Promise<void> {
    const known = this.running.get(draft.id)
    if (known) return known
    this.sending.set(draft.id, { state: 'working' })
    const work = this.begin({ ...draft, state: 'sending' }, ready).finally(() =>
      this.running.delete(draft.id)
    )
    this.running.set(draft.id, work)
    return work
  }

  private async begin(draft: Draft, ready?: ReadyTicket): Promise<void> {
    const { keeper } = this.options
    if (!draft.prepared) await keeper.put('drafts', draft)
    await this.count()
    await alone(draft.id, async () => {
      const stored = await keeper.get('drafts', draft.id)
      // Another page of the reader's may have sent it meanwhile.
      if (stored) await this.run(stored, ready)
      else this.sending.delete(draft.id)
    })
  }

  /** The reader does not want to send it any more. */
  async drop(id: string): Promise<void> {
    this.sending.delete(id)
    await this.options.keeper.remove('drafts', id)
    await this.count()
  }

  private async run(first: Draft, ready?: ReadyTicket): Promise<void> {
    let draft = first
    let wait = this.options.firstWait
    let tries = 0
    while (!this.stopped) {
      try {
        draft = await this.prepare(draft, ready)
        ready = undefined
        const given = await this.hand(draft)
        return await this.done(draft, given)
      } catch (error) {
        if (error instanceof Refused && ++tries < triesMax) {
          const found = await this.find(draft).catch(() => undefined)
          if (found) return await this.done(draft, found)
          if ([...lookAgain, ...newTicket].includes(error.slug)) {
            draft = await this.forget(draft, newTicket.includes(error.slug))
            continue
          }
        }
        if (error instanceof Refused || error instanceof FormatError)
          return await this.refuse(draft, error)
        const { after = 0, slug = '' } = error as Partial<Unreachable>
        this.sending.set(draft.id, { state: 'waiting', slug })
        await this.sleep(Math.max(wait, after))
        wait = Math.min(2 * wait, this.options.lastWait)
        this.sending.set(draft.id, { state: 'working' })
      }
    }
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        this.wakes.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      this.wakes.add(wake)
      if (this.stopped) wake()
    })
  }

  /** Its bytes, made where they are not; kept before anything is sent. */
  private async prepare(draft: Draft, ready?: ReadyTicket): Promise<Draft> {
    if (draft.prepared) return draft
    const prepared = await this.make(draft, ready)
    const next = { ...draft, complaint: prepared.complaint, prepared }
    await this.options.keeper.put('drafts', next)
    return next
  }

  private async make(draft: Draft, ready?: ReadyTicket): Promise<Prepared> {
    const keys = canSign() ? await this.keysFor(draft) : undefined
    const isNew = draft.action === 'file' || draft.action === 'join'
    const { ticket, nonce } = isNew ? await this.ticketFor(draft, ready) : { ticket: undefined, nonce: '' }
    const complaint = ticket?.complaint ?? draft.complaint
    const worked = ticket ? { ticket: ticket.ticket, nonce } : {}
    if (!keys) return { complaint, ...worked }
    const signed = await this.signed(draft, complaint, keys)
    return { complaint, ...worked, ...signed, keys }
  }

  /** Of a complaint that is the reader's its own key, else a new one. */
  private async keysFor(draft: Draft): Promise<Keys | undefined> {
    if (draft.action === 'file' || draft.action === 'join') return makeKeys()
    return (await this.options.keeper.get('complaints', `${draft.area}/${draft.complaint}`))?.keys
  }

  private async ticketFor(draft: Draft, ready?: ReadyTicket) {
    const { api, now, work } = this.options
    if (ready && ready.ticket.expires > now()) return { ticket: ready.ticket, nonce: await ready.nonce }
    const { area, action, category, complaint, place } = draft
    const ticket = await api.ticket(area, action === 'file' ? { category, place } : { complaint })
    return { ticket, nonce: await work(ticket.ticket, ticket.bits) }
  }

  private async signed(draft: Draft, complaint: string, keys: Keys): Promise<{ entry: string; private?: string }> {
    const { action, area, category, place } = draft
    const last = action === 'file' ? undefined : await this.last(draft)
    const hidden = await this.privateOf(draft)
    const members = {
      kind: 'action',
      action,
      area,
      by: 'citizen',
      complaint,
      key: keys.public,
      n: (last?.n ?? 0) + 1,
      prev: last?.leaf ?? '0'.repeat(64),
      ts: Math.floor(this.options.now()),
      ...(action === 'file' ? { category } : {}),
      ...(hidden === undefined ? {} : { note_hash: await hashOf(new TextEncoder().encode(hidden)) }),
      ...place
    }
    return { entry: await sign(keys, members), ...(hidden === undefined ? {} : { private: hidden }) }
  }

  /** The private part, where there has to be one or there is something to say. */
  private async privateOf({ action, text, contact, photos }: Draft): Promise<string | undefined> {
    const must = action === 'file' || action === 'comment'
    if (!must && text === '' && contact === '' && photos.length === 0) return undefined
    const hashes = photos.map(async (photo) => hashOf(new Uint8Array(await photo.arrayBuffer())))
    return writePrivate({ contact, photos: await Promise.all(hashes), salt: makeSalt(), text })
  }

  private async last({ area, complaint }: Draft): Promise<{ n: number; leaf: string }> {
    const found = await this.options.api.complaint(area, complaint)
    const last = found?.chain[found.chain.length - 1]
    if (!last) throw new Refused(404, 'not-found', `no complaint ${complaint}`)
    return last
  }

  private hand({ action, area, category, contact, photos, place, prepared, text }: Draft): Promise<Given> {
    const { api } = this.options
    const { entry, ticket, nonce } = prepared!
    const both = ticket === undefined ? {} : { ticket, nonce: nonce ?? '' }
    if (entry !== undefined) {
      const hidden = prepared!.private
      const parts = { entry, ...(hidden === undefined ? {} : { private: hidden }), ...both }
      return api.hand(action, parts, photos)
    }
    const desk = { text, ...(contact === '' ? {} : { contact }), ticket: ticket ?? '', nonce: nonce ?? '' }
    return api.deskFile(area, category, place, desk)
  }

  /** Whether it was filed already, though nobody said so. */
  private async find({ action, area, prepared }: Draft): Promise<Given | undefined> {
    if (!prepared) return undefined
    const complaint = await this.options.api.complaint(area, prepared.complaint)
    const { entry } = prepared
    // One that the service signed is known by its number alone.
    if (entry === undefined) {
      const first = complaint?.chain[0]
      return action === 'file' && complaint && first ? { complaint, entry: first.entry, receipt: '' } : undefined
    }
    const signature = signatureOf(entry)
    const step = complaint?.chain.find((row) => signatureOf(row.entry) === signature)
    if (!complaint || !step) return undefined
    const receipt = await this.options.api.receipt(area, prepared.complaint, step.n)
    return { complaint, entry: step.entry, receipt }
  }

  /** Its bytes are made anew: others acted meanwhile, or its ticket ran out. */
  private async forget(draft: Draft, whole: boolean): Promise<Draft> {
    const { prepared: before, ...rest } = draft
    const kept = before && draft.action !== 'join' && !whole
    const next = kept ? rest : { ...rest, complaint: draft.action === 'file' ? '' : draft.complaint }
    await this.options.keeper.put('drafts', next)
    return next
  }

  private async refuse(draft: Draft, error: Refused | FormatError): Promise<void> {
    const { prepared: _, ...rest } = draft
    const { keeper } = this.options
    await keeper.remove('drafts', draft.id)
    await keeper.put('drafts', { ...rest, id: writingId(draft), state: 'writing' })
    await this.count()
    const slug = error instanceof Refused ? error.slug : error.code
    const now = error instanceof Refused ? error.complaint : undefined
    this.sending.set(draft.id, {
      state: 'refused',
      slug,
      detail: error.message,
      ...(now ? { now } : {})
    })
  }

  private async done(draft: Draft, given: Given): Promise<void> {
    const { keeper } = this.options
    const { area, complaint, chain } = given.complaint
    const id = `${area}/${complaint}`
    const before = await keeper.get('complaints', id)
    const keys = before?.keys ?? draft.prepared?.keys
    const hidden = draft.prepared?.private
    const kept: Kept = {
      id,
      area,
      complaint,
      ...(keys ? { keys } : {}),
      entries: [...(before?.entries ?? []), given.entry],
      receipts: [...(before?.receipts ?? []), ...(given.receipt === '' ? [] : [given.receipt])],
      privates: [...(before?.privates ?? []), ...(hidden === undefined ? [] : [hidden])],
      at: before?.at ?? this.options.now(),
      saved: before?.saved ?? false,
      seen: chain.length
    }
    await keeper.put('complaints', kept)
    await keeper.remove('drafts', draft.id)
    await this.count()
    this.sending.set(draft.id, { state: 'done', area, complaint })
  }

  /** Tells the page, before this is loaded again, whether there is something. */
  async count(): Promise<void> {
    const { keeper } = this.options
    const [complaints, drafts] = await Promise.all([keeper.all('complaints'), keeper.all('drafts')])
    setOwn(complaints.length + drafts.length)
  }
}

/** Under which a draft is kept while it is written: one form, and one of each act in a complaint. */
export function writingId({ action, area, complaint }: Pick<Draft, 'action' | 'area' | 'complaint'>): string {
  return action === 'file' ? 'report' : `${area}/${complaint} ${action}`
}

const signatureOf = (entry: string) => /"sig":"([^"]*)"/.exec(entry)?.[1] ?? entry

/** One page of several at a time: the others find it done. */
async function alone(id: string, work: () => Promise<void>): Promise<void> {
  const { locks } = navigator as { locks?: LockManager }
  if (locks) await locks.request(`powertracker-draft ${id}`, work)
  else await work()
}

export const usualWaits = { firstWait: 2000, lastWait: 60_000, work: doWork }
