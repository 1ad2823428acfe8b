/* SPDX-License-Identifier: Apache-2.0 */
import { computed, ref, shallowRef } from 'vue'
import { type Place, Refused } from './api'
import { doWork } from './do-work'
import type { Draft } from './keep'
import { canSign } from './keys'
import type { Office } from './office'
import { type ReadyTicket, writingId } from './outbox'
import type { Known } from './rows'
import { kindTitle } from './words'

/* A complaint while it is written. Its number and its work are asked for as soon as it is known where
 * and what, so that nobody waits for them in the end. */

export interface Kind {
  readonly id: string
  readonly title: string
}

interface Choice {
  readonly id: string
  readonly titles: ReadonlyMap<string, string>
}

/** Where an area has no profile any id will do; these have words of ours. */
const usualKinds = ['no-supply', 'voltage', 'damage', 'billing', 'other'] as const

const savedAfter = 400 // ms without a change
const textMax = 4000 // characters
export const fieldMax = textMax

export class Report {
  readonly area = ref('')
  readonly place = shallowRef<Place>()
  readonly category = ref('')
  readonly text = ref('')
  readonly contact = ref('')
  readonly photos = shallowRef<readonly Blob[]>([])
  readonly known = shallowRef<Known>()
  readonly failed = ref('')
  /** The draft that is on its way; '' while it is written. */
  readonly sentAs = ref('')
  private readonly choices = shallowRef<readonly Choice[]>([])
  private tickets = new Map<string, Promise<ReadyTicket>>()
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly office: Office) {}

  readonly kinds = computed<readonly Kind[]>(() =>
    this.choices.value.map(({ id, titles }) => ({ id, title: kindTitle(id, titles) }))
  )

  readonly sending = computed(() => this.office.outbox.sending.get(this.sentAs.value))

  /** What was being written when the page was left. */
  async restore(): Promise<Draft | undefined> {
    const draft = await this.office.keeper.get('drafts', 'report')
    if (!draft) return undefined
    this.text.value = draft.text
    this.contact.value = draft.contact
    this.photos.value = draft.photos
    this.category.value = draft.category
    return draft
  }

  /** Where it is: what is known there is asked for, and what kinds there are. */
  async setPlace(area: string, place: Place): Promise<void> {
    this.area.value = area
    this.place.value = place
    this.known.value = undefined
    this.failed.value = ''
    this.tickets = new Map()
    try {
      const found = await this.office.api.profile(area)
      if (this.place.value !== place) return
      this.choices.value =
        found?.profile.categories ?? usualKinds.map((id) => ({ id, titles: new Map() }))
    } catch (error) {
      this.failed.value = error instanceof Error ? error.message : String(error)
      this.choices.value = usualKinds.map((id) => ({ id, titles: new Map() }))
    }
    const known = this.choices.value.some(({ id }) => id === this.category.value)
    this.choose(known ? this.category.value : (this.choices.value[0]?.id ?? ''))
  }

  choose(category: string): void {
    this.category.value = category
    const { value: place } = this.place
    const ticket = this.ticket()
    ticket
      ?.then(({ ticket: { known } }) => {
        if (this.place.value === place) this.known.value = known
      })
      .catch((error: unknown) => {
        if (this.place.value === place && error instanceof Refused) this.failed.value = error.slug
      })
    this.save()
  }

  private ticket(): Promise<ReadyTicket> | undefined {
    const [area, place, category] = [this.area.value, this.place.value, this.category.value]
    if (!place || category === '') return undefined
    const known = this.tickets.get(category)
    if (known) return known
    const asked = this.office.api.ticket(area, { category, place }).then((ticket) => {
      const nonce = doWork(ticket.ticket, ticket.bits)
      nonce.catch(() => {})
      return { ticket, nonce }
    })
    asked.catch(() => this.tickets.delete(category))
    this.tickets.set(category, asked)
    return asked
  }

  private draft(id: string, state: Draft['state']): Draft | undefined {
    const place = this.place.value
    if (!place) return undefined
    return {
      id,
      area: this.area.value,
      action: 'file',
      place,
      complaint: '',
      category: this.category.value,
      text: this.text.value.slice(0, textMax),
      contact: this.contact.value.slice(0, 200),
      photos: canSign() ? this.photos.value : [],
      state
    }
  }

  /** Keeps what is written, soon. */
  save(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.saveNow(), savedAfter)
  }

  async saveNow(): Promise<void> {
    clearTimeout(this.timer)
    const draft = this.draft('report', 'writing')
    const empty = this.text.value === '' && this.contact.value === '' && this.photos.value.length === 0
    if (!draft || this.sentAs.value !== '' || empty) return
    await this.office.write(draft)
  }

  /** Sends it, now or as soon as it can be. */
  async send(): Promise<void> {
    clearTimeout(this.timer)
    const draft = this.draft(newId(), 'sending')
    if (!draft || this.sentAs.value !== '') return
    this.sentAs.value = draft.id
    const ready = await Promise.race([this.ticket(), soon(2000)]).catch(() => undefined)
    void this.office.outbox.send(draft, ready)
    await this.office.keeper.remove('drafts', 'report')
  }

  /** It was refused: it can be changed and sent again. */
  again(): void {
    this.office.outbox.sending.delete(this.sentAs.value)
    this.sentAs.value = ''
    this.tickets = new Map()
    this.save()
  }

  /** Me too. */
  join(complaint: string): void {
    const place = this.place.value
    if (!place || this.sentAs.value !== '') return
    const more = { action: 'join', complaint, category: '', text: '', contact: '', photos: [] } as const
    const draft: Draft = {
      id: writingId({ ...more, area: this.area.value }),
      area: this.area.value,
      place,
      state: 'sending',
      ...more
    }
    this.sentAs.value = draft.id
    void this.office.outbox.send(draft)
  }
}

const soon = (ms: number) => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), ms))

function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
