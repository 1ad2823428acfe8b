/* SPDX-License-Identifier: Apache-2.0 */

/* The browser's own way back. What is opened over something else is a step forward; Back, and whatever
 * closes it, are a step back, so that nobody has to press Back through what they closed. */

/** What lies over what: each has those before it beneath it. */
export const levels = { map: 0, list: 1, group: 2, site: 3, desk: 4, over: 5 } as const
export type Level = (typeof levels)[keyof typeof levels]

const wayMax = 64

/** The levels of the steps up to this one, as far as they are ours. */
function wayOf(state: unknown): readonly Level[] {
  const way = (state as { way?: unknown } | null)?.way
  const known: readonly unknown[] = Object.values(levels)
  const good = Array.isArray(way) && way.length > 0 && way.every((level) => known.includes(level))
  return good ? (way as Level[]) : []
}

/** How many steps back from the end of @way the first one is that is not above @level; 0: none is. */
export function stepsBack(way: readonly Level[], level: Level): number {
  for (let at = way.length - 2; at >= 0; at--) if (way[at]! <= level) return way.length - 1 - at
  return 0
}

export class Way {
  private closing = false

  /** @address: of what is shown. */
  constructor(private readonly address: () => string) {}

  /** What is shown changed, but nothing was opened. */
  keep(level: Level): void {
    const way = wayOf(history.state)
    this.put('replaceState', [...way.slice(0, -1), level])
  }

  /** Something was opened; what lay over all else makes room for it. */
  open(level: Level): void {
    const way = wayOf(history.state)
    const over = way[way.length - 1] === levels.over
    if (over) this.put('replaceState', [...way.slice(0, -1), level])
    else this.put('pushState', [...way, level].slice(-wayMax))
  }

  /** Something was closed, and what is shown now is of @level: back to where that was, if it was. */
  close(level: Level): void {
    const steps = stepsBack(wayOf(history.state), level)
    if (steps === 0) return this.keep(level)
    this.closing = true
    history.go(-steps)
  }

  /** Told of popstate: whether the reader went, and the address says what is to be shown. */
  returned(level: Level): boolean {
    const closed = this.closing
    this.closing = false
    // What was closed stays closed, and the map where it is.
    if (closed) this.keep(level)
    return !closed
  }

  private put(how: 'pushState' | 'replaceState', way: readonly Level[]): void {
    try {
      history[how]({ way }, '', location.pathname + location.search + this.address())
    } catch {
      // Too many in a short time; the next one keeps it.
    }
  }
}
