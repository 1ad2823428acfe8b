/* SPDX-License-Identifier: Apache-2.0 */
import { shallowRef, watch } from 'vue'
import type { Live } from '../store/live'
import { Api } from './api'
import { type Draft, type Keeper, keeper as openKeeper, type Kept } from './keep'
import { Outbox, type OutboxOptions, usualWaits } from './outbox'

/* All that the page has to do with the reader's complaints, at one daemon. */

export class Office {
  readonly api: Api
  readonly outbox: Outbox
  readonly kept = shallowRef<readonly Kept[]>([])
  readonly drafts = shallowRef<readonly Draft[]>([])

  constructor(
    readonly live: Live,
    readonly keeper: Keeper,
    waits: Pick<OutboxOptions, 'firstWait' | 'lastWait' | 'work'> = usualWaits
  ) {
    this.api = new Api(live.base)
    const now = () => live.clock.now.value
    this.outbox = new Outbox({ api: this.api, keeper, now, ...waits })
    const wake = () => this.outbox.wake()
    window.addEventListener('online', wake)
    watch(live.state, (state) => state === 'live' && wake())
    watch(this.outbox.sending, () => void this.refresh())
  }

  async start(): Promise<void> {
    await this.outbox.resume()
    await this.refresh()
  }

  async refresh(): Promise<void> {
    const [kept, drafts] = await Promise.all([this.keeper.all('complaints'), this.keeper.all('drafts')])
    this.kept.value = kept.sort((a, b) => b.at - a.at)
    this.drafts.value = drafts
  }

  find(area: string, complaint: string): Kept | undefined {
    return this.kept.value.find((one) => one.area === area && one.complaint === complaint)
  }

  async keep(kept: Kept): Promise<void> {
    await this.keeper.put('complaints', kept)
    await this.outbox.count()
    await this.refresh()
  }

  async forget(id: string): Promise<void> {
    await this.keeper.remove('complaints', id)
    await this.outbox.count()
    await this.refresh()
  }

  /** What was being written last; nothing of it is lost when the page is. */
  async write(draft: Draft): Promise<void> {
    await this.keeper.put('drafts', draft)
    await this.outbox.count()
  }
}

const offices = new WeakMap<Live, Promise<Office>>()

/** The one of a daemon; what waits to be sent goes on at once. */
export function officeOf(live: Live): Promise<Office> {
  const known = offices.get(live)
  if (known) return known
  const made = openKeeper().then(async (keeper) => {
    const office = new Office(live, keeper)
    await office.start()
    return office
  })
  offices.set(live, made)
  return made
}

/** For tests. */
export function useOffice(live: Live, office: Office): void {
  offices.set(live, Promise.resolve(office))
}
