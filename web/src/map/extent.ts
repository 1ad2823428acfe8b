/* SPDX-License-Identifier: Apache-2.0 */

const parts = 1440 // of the world's circumference

/** What holds all that is at @xs (0 to 1, Web Mercator) and is narrowest: the other side of the
 * widest gap. East is more than 1 where that lies over the date line. */
export function extentOf(xs: Iterable<number>): { west: number; east: number } {
  const least = new Float64Array(parts).fill(Infinity)
  const most = new Float64Array(parts).fill(-Infinity)
  let count = 0
  for (const x of xs) {
    const part = Math.min(parts - 1, Math.max(0, Math.floor(x * parts)))
    least[part] = Math.min(least[part]!, x)
    most[part] = Math.max(most[part]!, x)
    count++
  }
  if (count === 0) return { west: 1, east: 0 }
  const used = [...least.keys()].filter((part) => least[part]! < Infinity)
  const last = used[used.length - 1]!
  let west = least[used[0]!]!
  let east = most[last]!
  let widest = west + 1 - east
  for (let i = 1; i < used.length; i++) {
    const gap = least[used[i]!]! - most[used[i - 1]!]!
    if (gap <= widest) continue
    widest = gap
    west = least[used[i]!]!
    east = most[used[i - 1]!]! + 1
  }
  return { west, east }
}
