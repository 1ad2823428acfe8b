/* SPDX-License-Identifier: Apache-2.0 */
import { type Feed, type List, oneRow } from './feed'
import { isText, membersOf, refuse } from './rows'

const newestMax = 4096

/** How often a complaint was said to have changed; it is asked for where it is seen. */
export class ComplaintNews implements List {
  private readonly news = new Map<string, number>()
  /** Of all of them together. */
  count = 0

  get size(): number {
    return this.news.size
  }

  take(row: unknown): void {
    const { area, complaint, site } = membersOf(row, 'a complaint')
    if (!isText(area) || !isText(complaint)) return refuse('a complaint')
    this.tell(`${area}/${complaint}`)
    if (isText(site)) this.tell(`${area} ${site}`)
    this.count++
  }

  private tell(key: string): void {
    const before = this.news.get(key) ?? 0
    this.news.delete(key)
    this.news.set(key, before + 1)
    const [oldest] = this.news.keys()
    if (this.news.size > newestMax && oldest !== undefined) this.news.delete(oldest)
  }

  of(area: string, complaint: string): number {
    return this.news.get(`${area}/${complaint}`) ?? 0
  }

  /** Of all complaints at a site. */
  ofSite(area: string, site: string): number {
    return this.news.get(`${area} ${site}`) ?? 0
  }
}

export const complaints: Feed<ComplaintNews> = {
  events: { complaint: oneRow },
  maximum: newestMax,
  empty: () => new ComplaintNews()
}
