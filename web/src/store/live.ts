/* SPDX-License-Identifier: Apache-2.0 */
import { inject, type InjectionKey, ref, shallowRef } from 'vue'
import { emptyLists, feeds, type Lists } from '../net/feeds'
import { first, takeFirst } from '../net/first'
import type { LinkReason } from '../net/lines'
import { Link, type LinkListener, type LinkOptions, type LinkState, usual } from '../net/link'
import type { Chain, Status } from '../net/status'
import { Clock } from './clock'

/* What is shown of a daemon: whoever draws looks at `version`, raised once a frame at most. */

/** A number that is raised soon after @raise was called, however often that was. */
function createVersion() {
  const version = ref(0)
  let waiting = false
  const flush = () => {
    waiting = false
    version.value++
  }
  const raise = () => {
    if (waiting) return
    waiting = true
    // In a hidden tab no frame comes; it still has to stay right.
    if (document.hidden) setTimeout(flush, 1000)
    else requestAnimationFrame(flush)
  }
  return { version, raise }
}

/** A daemon, as it is followed from start() to stop(). */
export function createLive(options: Partial<LinkOptions> = {}) {
  const { version, raise } = createVersion()
  const clock = new Clock()
  /** All at once from another picture; within one they change, and `version` says so. */
  const lists = shallowRef(emptyLists(feeds))
  const state = ref<LinkState>('connecting')
  const reason = ref<LinkReason>()
  /** By this browser's monotonic clock; 0: never. */
  const heardAt = ref(0)
  /** Sites of the picture that is being loaded; 0: none is. */
  const loading = ref(0)
  /** Whether there has ever been a whole picture. */
  const loaded = ref(false)
  const chain = shallowRef<Chain>()
  /** What it said of itself last, before anything else of it is here. */
  const status = shallowRef<Status>()

  const heardStatus = (said: Status) => {
    clock.set(said.now, said.speed, said.stepped)
    chain.value = said.chain
    status.value = said
  }
  // Of the daemon that the page came from.
  if (first.status && options.base === undefined) heardStatus(first.status)

  const listener: LinkListener<Lists> = {
    state(next, why) {
      state.value = next
      reason.value = why
      loading.value = 0
      if (next !== 'stale' && next !== 'incompatible') return
      clock.halt()
      if (loaded.value) return
      // Half a picture is none.
      status.value = undefined
      lists.value = emptyLists(feeds)
      raise()
    },
    heard() {
      heardAt.value = performance.now()
    },
    status: heardStatus,
    clock: (moment) => clock.correct(moment.now, moment.speed),
    loading(next) {
      loading.value = next.sites.size
      if (loaded.value) return
      // The first picture is drawn while it comes.
      lists.value = next
      raise()
    },
    complete(next) {
      lists.value = next
      loaded.value = true
      raise()
    },
    changed: raise
  }
  const all = { ...usual, ...(options.base === undefined && { status: takeFirst }), ...options }
  const link = new Link(feeds, listener, all)

  const start = () => {
    clock.start()
    link.start()
  }
  const stop = () => {
    link.stop()
    clock.stop()
  }
  const tryNow = () => link.tryNow()
  const { base } = all
  const shown = { version, lists, state, reason, heardAt, loading, loaded, chain, status, clock }
  return { ...shown, base, start, stop, tryNow }
}

export type Live = ReturnType<typeof createLive>

export const liveKey: InjectionKey<Live> = Symbol('live')

/** The daemon that a component shows: the one that was provided. */
export function useLive(): Live {
  const live = inject(liveKey)
  if (!live) throw new Error('no daemon was provided')
  return live
}
