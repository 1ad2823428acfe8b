/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, it } from 'vitest'
import { type Circle, layOut, type Name, type Placed } from '../../src/map/place-layout'

const name = (text: string, x: number, y: number, rank = 1, width = 60): Name => ({
  text,
  rank,
  x,
  y,
  width,
  height: 14
})

const middles = (placed: readonly Placed<Name>[]) => placed.map(({ x, y }) => [x, y])

/** How far apart two intervals are. */
const between = (a: number, halfA: number, b: number, halfB: number) =>
  Math.abs(a - b) - halfA - halfB

function crossings(placed: readonly Placed<Name>[], circles: readonly Circle[]): number {
  let found = 0
  placed.forEach((one, index) => {
    const halfWidth = one.name.width / 2
    const halfHeight = one.name.height / 2
    for (const other of placed.slice(0, index)) {
      const apartX = between(one.x, halfWidth, other.x, other.name.width / 2)
      const apartY = between(one.y, halfHeight, other.y, other.name.height / 2)
      if (apartX < 4 && apartY < 2) found++
    }
    for (const circle of circles) {
      const apartX = between(one.x, halfWidth, circle.x, circle.radius)
      const apartY = between(one.y, halfHeight, circle.y, circle.radius)
      if (apartX < 4 && apartY < 2) found++
    }
  })
  return found
}

describe('names on the map', () => {
  it('are centred on their places where nothing is in the way', () => {
    expect(middles(layOut([name('a', 100, 100)], []))).toEqual([[100, 100]])
  })

  it.each([
    [[], [0, 0]],
    [[{ x: 0, y: 0, radius: 7 }], [0, 16]],
    [[{ x: 0, y: 4, radius: 7 }], [0, -16]],
    [[{ x: 0, y: 0, radius: 10 }], [0, 30]],
    [[{ x: 0, y: 8, radius: 16 }], [0, -30]],
    [[{ x: 0, y: 0, radius: 24 }], [0, 44]],
    [[{ x: 0, y: 12, radius: 26 }], [0, -30]],
    [[{ x: 0, y: 0, radius: 28 }], [0, 44]],
    [
      [
        { x: 0, y: 0, radius: 24 },
        { x: 0, y: 44, radius: 7 }
      ],
      [0, -44]
    ],
    [[{ x: 0, y: 44, radius: 26 }, { x: 0, y: -44, radius: 26 }, { x: 0, y: 0, radius: 26 }], [62, 0]],
    [
      [
        { x: 0, y: 44, radius: 26 },
        { x: 0, y: -44, radius: 26 },
        { x: 0, y: 0, radius: 26 },
        { x: 60, y: 0, radius: 7 }
      ],
      [-62, 0]
    ]
  ] as const)('over %j are written at %j', (circles, middle) =>
    expect(middles(layOut([name('a', 0, 0)], circles))).toEqual([middle])
  )

  it('are left out where there is no room', () => {
    expect(layOut([name('a', 0, 0)], [{ x: 0, y: 0, radius: 200 }])).toEqual([])
  })

  it('give way to the more important, then to the one first in the alphabet', () => {
    const placed = layOut([name('c', 0, 0), name('b', 0, 0), name('a', 0, 0, 9)], [])
    expect(placed.map(({ name: { text } }) => text)).toEqual(['a', 'b', 'c'])
    // 16 px apart is 2 px of air between lines of 14: not less than is asked for.
    expect(middles(placed)).toEqual([[0, 0], [0, 16], [0, -16]])
  })

  it('cross nothing, whatever there is, and do not depend on the order', () => {
    let state = 5
    const roll = () => (state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32
    const names = Array.from({ length: 600 }, (_, number) =>
      name(`n${number}`, roll() * 1500, roll() * 1500, 1 + (number % 40), 20 + roll() * 90)
    )
    const circles = Array.from({ length: 300 }, () => ({
      x: roll() * 1500,
      y: roll() * 1500,
      radius: 7 + roll() * 19
    }))
    const placed = layOut(names, circles)
    expect(placed.length).toBeGreaterThan(50)
    expect(crossings(placed, circles)).toBe(0)
    expect(layOut([...names].reverse(), [...circles].reverse())).toEqual(placed)
  })

  it('stay where they are when the world is seen elsewhere', () => {
    const far = 2 ** 25
    const circles = [{ x: far, y: far, radius: 10 }]
    expect(middles(layOut([name('a', far, far)], circles))).toEqual([[far, far + 30]])
  })
})
