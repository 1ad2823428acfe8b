/* SPDX-License-Identifier: Apache-2.0 */
import { ref, shallowRef } from 'vue'
import { emptyLists, feeds, type Lists } from '../net/feeds'
import { Link, type LinkListener, type LinkState } from '../net/link'
import type { LinkReason } from '../net/lines'
import type { Chain } from '../net/status'
import { correctClock, setClock, stopClock } from './clock'

/* What the page shows, gathered: whoever draws looks at `version`, raised once a frame at most. */

export const version = ref(0)
const none = emptyLists(feeds)
export const sites = shallowRef(none.sites)
export const outages = shallowRef(none.outages)
export const batches = shallowRef(none.batches)
export const state = ref<LinkState>('connecting')
export const reason = ref<LinkReason>()
/** By this browser's monotonic clock; 0: never. */
export const heardAt = ref(0)
/** Sites of the picture that is being loaded; 0: none is. */
export const loading = ref(0)
/** Whether there has ever been a whole picture. */
export const loaded = ref(false)
export const chain = shallowRef<Chain>()

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

const listener: LinkListener<Lists> = {
  state(next, why) {
    state.value = next
    reason.value = why
    loading.value = 0
    if (next === 'stale' || next === 'incompatible') stopClock()
  },
  heard() {
    heardAt.value = performance.now()
  },
  status(status) {
    setClock(status.now, status.speed)
    chain.value = status.chain
  },
  clock: correctClock,
  loading(lists) {
    loading.value = lists.sites.size
  },
  complete(lists) {
    sites.value = lists.sites
    outages.value = lists.outages
    batches.value = lists.batches
    loaded.value = true
    changedSoon()
  },
  changed: changedSoon
}

export const link = new Link(feeds, listener)
