/* SPDX-License-Identifier: Apache-2.0 */

/* Sets of counters as ranges, inclusive, rising, none touching the next: the twin of
 * common/pt-ranges.h. */

export class Ranges {
  private readonly firsts: number[] = []
  private readonly lasts: number[] = []

  /** Adds what of @first to @last is not in it. */
  add(first: number, last: number): void {
    const at = this.find(first - 1)
    let end = at
    while (end < this.firsts.length && this.firsts[end]! <= last + 1) end++
    if (end === at + 1) {
      this.firsts[at] = Math.min(first, this.firsts[at]!)
      this.lasts[at] = Math.max(last, this.lasts[at]!)
      return
    }
    const low = end > at ? Math.min(first, this.firsts[at]!) : first
    const high = end > at ? Math.max(last, this.lasts[end - 1]!) : last
    this.firsts.splice(at, end - at, low)
    this.lasts.splice(at, end - at, high)
  }

  /** Whether any counter from @first to @last is in it. */
  has(first: number, last = first): boolean {
    const at = this.find(first)
    return at < this.firsts.length && this.firsts[at]! <= last
  }

  /** The first range that ends at @counter or above; how many there are where none does. */
  private find(counter: number): number {
    let low = 0
    let high = this.lasts.length
    if (high > 0 && this.lasts[high - 1]! < counter) return high
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.lasts[middle]! < counter) low = middle + 1
      else high = middle
    }
    return low
  }
}
