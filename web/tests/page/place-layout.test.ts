/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, it } from 'vitest'
import { type Circle, layOut, type Name, type Placed } from '../../src/map/place-layout'
import { vectors } from '../core/vectors'

interface Case {
  readonly what: string
  readonly circles: readonly (readonly [number, number, number])[]
  readonly names: readonly (readonly [number, number, number, number])[] // the most important first
  readonly written: readonly (readonly [number, number] | null)[]
}

const name = (text: string, x: number, y: number, rank = 1, width = 60): Name => ({
  text,
  rank,
  x,
  y,
  width,
  height: 14
})

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
  it.each(vectors<{ cases: Case[] }>('names.json').cases)('$what', (given) => {
    const names = given.names.map(
      ([x, y, width, height], number): Name => ({ text: `${number}`, rank: -number, x, y, width, height })
    )
    const circles = given.circles.map(([x, y, radius]) => ({ x, y, radius }))
    const placed = layOut(names, circles)
    const written = names.map((name) => {
      const found = placed.find((one) => one.name === name)
      return found ? [found.x, found.y] : null
    })
    expect(written).toEqual(given.written)
  })

  it('give way to the more important, then to the one first in the alphabet', () => {
    const placed = layOut([name('c', 0, 0), name('b', 0, 0), name('a', 20, 16, 9)], [])
    expect(placed.map(({ name: { text } }) => text)).toEqual(['a', 'b'])
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
})
