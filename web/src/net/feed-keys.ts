/* SPDX-License-Identifier: Apache-2.0 */
import { type Feed, type List, oneRow } from './feed'
import { isArea, isText, membersOf, refuse } from './rows'
import { Told } from './told'

const areasMax = 4096

/** How often a key of an area's devices was said to be in two hands, or no more; whose it is is asked
 * for where it is seen. */
export class KeyNews implements List {
  private readonly told = new Told(areasMax)

  get size(): number {
    return this.told.size
  }

  take(row: unknown): void {
    const { area, copied, device } = membersOf(row, 'a key')
    if (!isArea(area) || !isText(device) || typeof copied !== 'boolean') return refuse('a key')
    this.told.tell(area)
  }

  of(area: string): number {
    return this.told.of(area)
  }
}

export const keys: Feed<KeyNews> = {
  events: { key: oneRow },
  maximum: areasMax,
  empty: () => new KeyNews()
}
