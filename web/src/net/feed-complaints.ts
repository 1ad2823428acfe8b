/* SPDX-License-Identifier: Apache-2.0 */
import { type Feed, type List, oneRow } from './feed'
import { isText, membersOf, refuse } from './rows'
import { Told } from './told'

const newestMax = 4096

/** How often a complaint was said to have changed; it is asked for where it is seen. */
export class ComplaintNews implements List {
  private readonly told = new Told(newestMax)
  /** Of all of them together. */
  count = 0

  get size(): number {
    return this.told.size
  }

  take(row: unknown): void {
    const { area, complaint, site } = membersOf(row, 'a complaint')
    if (!isText(area) || !isText(complaint)) return refuse('a complaint')
    this.told.tell(`${area}/${complaint}`)
    if (isText(site)) this.told.tell(`${area} ${site}`)
    this.count++
  }

  of(area: string, complaint: string): number {
    return this.told.of(`${area}/${complaint}`)
  }

  /** Of all complaints at a site. */
  ofSite(area: string, site: string): number {
    return this.told.of(`${area} ${site}`)
  }
}

export const complaints: Feed<ComplaintNews> = {
  events: { complaint: oneRow },
  maximum: newestMax,
  empty: () => new ComplaintNews()
}
