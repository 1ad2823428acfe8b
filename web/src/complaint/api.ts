/* SPDX-License-Identifier: Apache-2.0 */
import { parseProfile, type Profile } from '../core/profile'
import { parseEntryText, type ProfileEntry } from '../core/entry'
import { listOf, membersOf, refuse } from '../net/rows'
import {
  type ComplaintAnswer,
  complaintAnswer,
  type StepRow,
  type Ticket,
  ticketOf
} from './rows'

/* The daemon's interface to complaints. */

const timeout = 60_000 // ms: a photo on a slow line
const pagesMax = 20
const answerMax = 64 * 1024 * 1024 // characters

export type Place =
  | { readonly site: string }
  | { readonly lat: number; readonly lon: number } // 1e-7 degree, multiples of `cell`

export const cell = 100_000

/** The cell of about a kilometre that a place lies in. Degrees. */
export function cellOf(lat: number, lon: number): Place {
  const round = (degrees: number) => Math.round((degrees * 1e7) / cell) * cell
  const most = 1_800_000_000
  // -180 and 180 are one meridian; -0 is no integer of ours.
  return { lat: round(lat) + 0, lon: Math.max(-most, Math.min(most, round(lon))) + 0 }
}

/** Nobody answered, or nobody who can say yes or no: it may be tried again. */
export class Unreachable extends Error {
  constructor(
    detail: string,
    /** ms after which the daemon wants to be asked again. */
    readonly after = 0,
    readonly slug = ''
  ) {
    super(detail)
  }
}

/** The daemon said no: RFC 9457. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly slug: string,
    detail: string,
    /** Of who was too late: the complaint as it is now. */
    readonly complaint?: ComplaintAnswer
  ) {
    super(detail)
  }
}

function problemOf(status: number, text: string): Refused {
  try {
    const row = membersOf(JSON.parse(text), 'a problem')
    const slug = String(row['type'] ?? '').replace(/^.*[/:#]/, '')
    const detail = String(row['detail'] ?? row['title'] ?? `HTTP status ${status}`)
    const complaint = row['complaint'] ? complaintAnswer(row['complaint']) : undefined
    return new Refused(status, slug, detail, complaint)
  } catch {
    return new Refused(status, '', `HTTP status ${status}`)
  }
}

/** Statuses after which the same is asked again. */
const passing = (status: number) => status === 429 || status === 408 || status >= 500

function afterOf(answer: Response): number {
  const seconds = Number(answer.headers.get('Retry-After'))
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3600) * 1000 : 0
}

async function ask(address: string, options: RequestInit = {}): Promise<unknown> {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), timeout)
  let answer: Response
  let text: string
  try {
    answer = await fetch(address, {
      cache: 'no-store',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      signal: controller.signal,
      ...options
    })
    text = await answer.text()
  } catch (error) {
    throw new Unreachable(error instanceof Error ? error.message : String(error))
  } finally {
    clearTimeout(timer)
  }
  if (passing(answer.status)) {
    const { message, slug } = problemOf(answer.status, text)
    throw new Unreachable(message, afterOf(answer), slug)
  }
  if (!answer.ok) throw problemOf(answer.status, text)
  const type = answer.headers.get('Content-Type') ?? ''
  // A router's page to log in is no answer.
  if (!/json/i.test(type) || text.length > answerMax) throw new Unreachable(`content type ${type}`)
  try {
    return JSON.parse(text)
  } catch {
    throw new Unreachable('not JSON')
  }
}

function post(address: string, body: unknown): Promise<unknown> {
  return ask(address, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body)
  })
}

export interface Handed {
  readonly entry: string
  readonly private?: string
  readonly ticket?: string
  readonly nonce?: string
}

export interface Given {
  /** The stored entry's exact bytes. */
  readonly entry: string
  /** The receipt in its one form; '' where there is none. */
  readonly receipt: string
  readonly complaint: ComplaintAnswer
}

function canonicalReceipt(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return ''
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(Object.fromEntries(members))
}

function givenOf(value: unknown): Given {
  const row = membersOf(value, 'what was filed')
  const { entry } = row
  if (typeof entry !== 'string') return refuse('an entry')
  return {
    entry,
    receipt: canonicalReceipt(row['receipt']),
    complaint: complaintAnswer(row['complaint'])
  }
}

export interface Desk {
  readonly text: string
  readonly contact?: string
  readonly ticket: string
  readonly nonce: string
}

/** Who answers at @base. */
export class Api {
  constructor(private readonly base: string) {}

  private url(path: string, query: Record<string, string> = {}): string {
    const asked = new URLSearchParams(query).toString()
    return `${this.base}/api/v1${path}${asked === '' ? '' : `?${asked}`}`
  }

  /** The profile in force and the entry that says so; undefined where the area has none. */
  async profile(area: string): Promise<{ profile: Profile; entry: ProfileEntry } | undefined> {
    try {
      const row = membersOf(await ask(this.url(`/profiles/${area}`)), 'a profile')
      const entry = parseEntryText(String(row['entry']))
      if (entry.kind !== 'profile' || entry.area !== area) return refuse('a profile')
      return { profile: parseProfile(entry.document), entry }
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return undefined
      throw error
    }
  }

  async ticket(
    area: string,
    of: { category: string; place: Place } | { complaint: string }
  ): Promise<Ticket> {
    const { place, ...asked } = 'place' in of ? of : { ...of, place: {} }
    return ticketOf(await post(this.url('/complaints/tickets'), { area, ...asked, ...place }))
  }

  /** Hands in a signed entry; again, if need be: what is in the log already is answered the same. */
  async hand(
    action: string,
    parts: Handed,
    photos: readonly Blob[] = []
  ): Promise<Given> {
    const address = this.url(action === 'file' ? '/complaints' : '/actions')
    if (photos.length === 0) return givenOf(await post(address, parts))
    const form = new FormData()
    for (const [name, text] of Object.entries(parts)) form.append(name, String(text))
    photos.forEach((photo, at) => form.append('photo', photo, `${at + 1}.jpg`))
    return givenOf(await ask(address, { method: 'POST', body: form }))
  }

  /** Filed by the service, for a browser that can't sign. */
  async deskFile(area: string, category: string, place: Place, desk: Desk): Promise<Given> {
    const body = { area, category, ...place, by: 'page', ...desk }
    return givenOf(await post(this.url('/complaints/desk'), body))
  }

  /** undefined: the daemon knows none of this number. @area may be ''. */
  async complaint(area: string, complaint: string): Promise<ComplaintAnswer | undefined> {
    const path = area === '' ? complaint : `${area}/${complaint}`
    try {
      return await this.whole(this.url(`/complaints/${path}`))
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return undefined
      throw error
    }
  }

  /** A long chain comes in pages. */
  private async whole(first: string): Promise<ComplaintAnswer> {
    const chain: StepRow[] = []
    let [address, answer]: [string | undefined, ComplaintAnswer | undefined] = [first, undefined]
    for (let page = 0; address !== undefined && page < pagesMax; page++) {
      const row = await ask(address)
      answer ??= complaintAnswer(row)
      chain.push(...complaintAnswer(row).chain)
      const { next } = row as { next?: unknown }
      // Only ever this daemon: an answer must not send us elsewhere.
      const goesOn = typeof next === 'string' && next.startsWith('/api/v1/complaints/')
      address = goesOn ? this.base + next : undefined
    }
    return { ...answer!, chain }
  }

  /** The one that was given for step @n; '' where none can be had. */
  async receipt(area: string, complaint: string, n: number): Promise<string> {
    try {
      return canonicalReceipt(
        await ask(this.url(`/complaints/${area}/${complaint}/receipt`, { n: String(n) }))
      )
    } catch (error) {
      if (error instanceof Refused) return ''
      throw error
    }
  }

  /** Of all steps that are anchored. */
  async proofs(area: string, complaint: string): Promise<readonly unknown[]> {
    const proofs: unknown[] = []
    let from: unknown = 1
    for (let page = 0; typeof from === 'number' && page < pagesMax; page++) {
      const asked: Record<string, string> = from === 1 ? {} : { from: String(from) }
      const answer = await ask(this.url(`/complaints/${area}/${complaint}/proof`, asked))
      proofs.push(...listOf(answer, 'proofs'))
      from = (answer as { next_from?: unknown }).next_from
    }
    return proofs
  }
}
