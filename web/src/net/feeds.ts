/* SPDX-License-Identifier: Apache-2.0 */
import type { Feed } from './feed'
import { batches } from './feed-batches'
import { complaints } from './feed-complaints'
import { keys } from './feed-keys'
import { outages } from './feed-outages'
import { sites } from './feed-sites'

export type Feeds = Readonly<Record<string, Feed>>

/** The lists themselves, by the names of their feeds. */
export type ListsOf<F extends Feeds> = { readonly [name in keyof F]: ReturnType<F[name]['empty']> }

/** All lists that the page keeps, by their names in the daemon's answers; loaded in this order. */
export const feeds = { sites, outages, batches, complaints, keys }

export type Lists = ListsOf<typeof feeds>

/** Lists without rows. */
export function emptyLists<F extends Feeds>(all: F): ListsOf<F> {
  const lists = Object.entries(all).map(([name, feed]) => [name, feed.empty()])
  return Object.fromEntries(lists) as ListsOf<F>
}
