/* SPDX-License-Identifier: Apache-2.0 */

/* Where names of places are written, so that they cross no ring, no symbol and no other name: beside,
 * above or below a dot that stands at the place itself, or nowhere. In pixels of the whole world at
 * one zoom: the same while one pans. The console does it likewise. */

export interface Name {
  readonly text: string
  readonly rank: number // the more important, the larger
  readonly x: number // the place itself
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Circle {
  readonly x: number
  readonly y: number
  readonly radius: number
}

export interface Placed<N extends Name> {
  readonly name: N
  readonly x: number // the middle of what is written
  readonly y: number
}

interface Rectangle {
  readonly west: number
  readonly north: number
  readonly east: number
  readonly south: number
}

const beside = 4 // px of air
const above = 2
export const dotRadius = 2 // px
const dotFree = 1 // px around the dot
const away = 6 // px from the place to a name beside it,
const over = 4 // above or below it,
const corner = 3 // or at one of its corners
const cell = 64 // px

const overlap = (a: Rectangle, b: Rectangle) =>
  a.west < b.east && b.west < a.east && a.north < b.south && b.north < a.south

/** What is taken already, in cells. */
class Taken {
  private readonly cells = new Map<number, Rectangle[]>()

  add(box: Rectangle): void {
    for (const key of this.keys(box)) {
      const there = this.cells.get(key)
      if (there) there.push(box)
      else this.cells.set(key, [box])
    }
  }

  touches(box: Rectangle): boolean {
    for (const key of this.keys(box))
      if (this.cells.get(key)?.some((other) => overlap(box, other))) return true
    return false
  }

  private *keys({ west, north, east, south }: Rectangle): Iterable<number> {
    for (let row = Math.floor(north / cell); row <= Math.floor(south / cell); row++)
      for (let column = Math.floor(west / cell); column <= Math.floor(east / cell); column++)
        yield row * 4194304 + column
  }
}

function around(x: number, y: number, halfWidth: number, halfHeight: number): Rectangle {
  return { west: x - halfWidth, north: y - halfHeight, east: x + halfWidth, south: y + halfHeight }
}

/** The middles to be tried, in this order. */
function middlesOf({ x, y, width, height }: Name): (readonly [number, number])[] {
  const [across, down] = [width / 2, height / 2]
  return [
    [x + across + away, y],
    [x - across - away, y],
    [x, y + down + over],
    [x, y - down - over],
    [x + across + corner, y + down + corner],
    [x + across + corner, y - down - corner],
    [x - across - corner, y + down + corner],
    [x - across - corner, y - down - corner]
  ]
}

/** The names that have room, the most important first; what has none is left out. A circle takes
 * the square around it. */
export function layOut<N extends Name>(
  names: readonly N[],
  circles: Iterable<Circle>
): Placed<N>[] {
  const taken = new Taken()
  for (const { x, y, radius } of circles) taken.add(around(x, y, radius, radius))
  const placed: Placed<N>[] = []
  const byRank = [...names].sort((a, b) => b.rank - a.rank || (a.text < b.text ? -1 : 1))
  for (const name of byRank) {
    const halfWidth = name.width / 2
    const halfHeight = name.height / 2
    const dot = dotRadius + dotFree
    if (taken.touches(around(name.x, name.y, dot, dot))) continue
    const middle = middlesOf(name).find(
      ([x, y]) => !taken.touches(around(x, y, halfWidth + beside, halfHeight + above))
    )
    if (!middle) continue
    const [x, y] = middle
    taken.add(around(name.x, name.y, dotRadius, dotRadius))
    taken.add(around(x, y, halfWidth, halfHeight))
    placed.push({ name, x, y })
  }
  return placed
}
