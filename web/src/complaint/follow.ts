/* SPDX-License-Identifier: Apache-2.0 */
import { computed, ref, shallowRef } from 'vue'
import { Refused } from './api'
import type { CitizenAction, Draft } from './keep'
import type { Office } from './office'
import { writingId } from './outbox'
import type { ComplaintAnswer } from './rows'
import { allowedActs, complaintOf, mayJoin, stepsOf } from './story'
import type { Profile } from '../core/profile'
import type { ProfileEntry } from '../core/entry'
import { canSign } from './keys'

/* A complaint that is looked at: what the daemon says of it, renewed when there is news, and what the
 * reader may do. */

export class Followed {
  readonly answer = shallowRef<ComplaintAnswer>()
  readonly state = ref<'loading' | 'there' | 'missing' | 'failed'>('loading')
  readonly detail = ref('')
  readonly profile = shallowRef<{ profile: Profile; entry: ProfileEntry }>()
  private timer: ReturnType<typeof setTimeout> | undefined
  private closed = false

  constructor(
    readonly office: Office,
    readonly area: string,
    readonly complaint: string
  ) {
    void this.load()
  }

  close(): void {
    this.closed = true
    clearTimeout(this.timer)
  }

  /** Soon, and not more often than each half second, however often it is called. */
  refresh(): void {
    this.timer ??= setTimeout(() => void this.load(), 500)
  }

  readonly kept = computed(() => this.office.find(this.area, this.complaint))
  readonly key = computed(() => this.kept.value?.keys?.public ?? '')
  readonly steps = computed(() => (this.answer.value ? stepsOf(this.answer.value, this.key.value) : []))
  /** As the signed steps say; undefined where one of them can't be read. */
  readonly told = computed(() => complaintOf(this.steps.value, this.profile.value?.profile))

  /** What the reader may do now, with the key they have or with a new one. */
  readonly acts = computed<Set<CitizenAction>>(() => {
    const told = this.told.value
    const now = this.office.live.clock.now.value
    if (!told || !canSign()) return new Set()
    if (this.key.value !== '')
      return allowedActs(this.steps.value, told, this.profile.value?.profile, this.key.value, now)
    return new Set(mayJoin(told.state) ? (['join'] as const) : [])
  })

  readonly sending = computed(() => {
    for (const action of ['join', 'comment', 'confirm', 'reopen', 'withdraw'] as const) {
      const found = this.office.outbox.sending.get(this.idOf(action))
      if (found && found.state !== 'done') return found
    }
    return undefined
  })

  private idOf(action: CitizenAction): string {
    return writingId({ action, area: this.area, complaint: this.complaint })
  }

  async load(): Promise<void> {
    clearTimeout(this.timer)
    this.timer = undefined
    const { api } = this.office
    try {
      const [answer, profile] = await Promise.all([
        api.complaint(this.area, this.complaint),
        this.profile.value ?? api.profile(this.area).catch(() => undefined)
      ])
      if (this.closed) return
      this.profile.value = profile
      this.answer.value = answer
      this.state.value = answer ? 'there' : 'missing'
    } catch (error) {
      if (this.closed || this.state.value === 'there') return
      this.detail.value = error instanceof Error ? error.message : String(error)
      this.state.value = error instanceof Refused && error.status === 404 ? 'missing' : 'failed'
    }
  }

  /** Signs and sends; the words stay private. */
  async act(action: CitizenAction, text = ''): Promise<void> {
    const first = this.steps.value[0]?.entry
    if (!first) return
    const place = first.site === undefined ? { lat: first.lat!, lon: first.lon! } : { site: first.site }
    const draft: Draft = {
      id: this.idOf(action),
      area: this.area,
      complaint: this.complaint,
      action,
      place,
      category: '',
      text,
      contact: '',
      photos: [],
      state: 'sending'
    }
    await this.office.outbox.send(draft)
    await this.office.refresh()
    await this.load()
  }
}
