/* SPDX-License-Identifier: Apache-2.0 */
import { type Feed, type List, oneRow } from './feed'
import { isCount, isText, membersOf, refuse } from './rows'

/** How often a batch of an area went on; the batches themselves are asked for where they are seen. */
export class BatchNews implements List {
  private readonly news = new Map<string, number>()

  get size(): number {
    return this.news.size
  }

  take(row: unknown): void {
    const { area, batch } = membersOf(row, 'a batch')
    if (!isText(area) || !isCount(batch)) return refuse('a batch')
    this.news.set(area, this.of(area) + 1)
  }

  of(area: string): number {
    return this.news.get(area) ?? 0
  }
}

export const batches: Feed<BatchNews> = {
  events: { batch: oneRow },
  maximum: 65_536, // areas
  empty: () => new BatchNews()
}
