/* SPDX-License-Identifier: Apache-2.0 */
import { ref, shallowRef } from 'vue'
import { OutageStore } from '../net/feed-outages'
import { SiteStore } from '../net/feed-sites'
import { Link, type LinkListener, type LinkState } from '../net/link'
import type { LinkReason } from '../net/lines'
import type { Chain } from '../net/status'
import { correctClock, setClock, stopClock } from './clock'

/* What the page shows, gathered: whoever draws looks at `version`, raised once a frame at most. */

export const version = ref(0)
export const sites = shallowRef(new SiteStore())
export const outages = shallowRef(new OutageStore())
export const state = ref<LinkState>('connecting')
export const reason = ref<LinkReason>()
/** By this browser's monotonic clock; 0: never. */
export const heardAt = ref(0)
/** Sites of the picture that is being loaded; 0: none is. */
export const loading = ref(0)
/** Whether there has ever been a whole picture. */
export const loaded = ref(false)
export const chain = shallowRef<Chain>()
/** The area of a batch that went on, anew for each. */
export const batchNews = shallowRef<{ readonly area: string }>()

let changed = false

function flush(): void {
  changed = false
  version.value++
}

/** In a hidden tab no frame comes; it still has to stay right. */
function changedSoon(): void {
  if (changed) return
  changed = true
  if (document.hidden) setTimeout(flush, 1000)
  else requestAnimationFrame(flush)
}

class Listener implements LinkListener {
  private nextSites = new SiteStore()
  private nextOutages = new OutageStore()

  state(next: LinkState, why: LinkReason | undefined): void {
    state.value = next
    reason.value = why
    if (next === 'stale' || next === 'incompatible') {
      stopClock()
      loading.value = 0
    }
  }

  heard(): void {
    heardAt.value = performance.now()
  }

  status(status: { now: number; speed: number; chain: Chain | undefined }): void {
    setClock(status.now, status.speed)
    chain.value = status.chain
  }

  clock(now: number): void {
    correctClock(now)
  }

  begin(): void {
    this.nextSites = new SiteStore()
    this.nextOutages = new OutageStore()
    loading.value = 0
  }

  site(row: Parameters<LinkListener['site']>[0]): void {
    this.nextSites.put(row)
    if (this.nextSites.count % 500 === 0) loading.value = this.nextSites.count
  }

  outage(row: Parameters<LinkListener['outage']>[0]): void {
    this.nextOutages.apply(row)
  }

  complete(): void {
    sites.value = this.nextSites
    outages.value = this.nextOutages
    loaded.value = true
    loading.value = 0
    changedSoon()
  }

  changed(row: Parameters<LinkListener['changed']>[0]): void {
    this.nextSites.put(row)
    changedSoon()
  }

  outageChanged(row: Parameters<LinkListener['outageChanged']>[0]): void {
    this.nextOutages.apply(row)
    changedSoon()
  }

  batch(area: string): void {
    batchNews.value = { area }
  }
}

export const link = new Link(new Listener())
