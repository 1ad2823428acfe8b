/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, it } from 'vitest'
import {
  buildClusters,
  chosenRadius,
  type Clusters,
  countStates,
  type Points,
  ringRadius
} from '../../src/map/cluster'

const world = { west: 0, north: 0, east: 1, south: 1 }

/** Numbers that are the same each time. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function towns(count: number, seed: number): Points {
  const roll = dice(seed)
  const x = new Float64Array(count)
  const y = new Float64Array(count)
  const middles = Array.from({ length: 12 }, () => [0.16 + roll() * 0.02, 0.38 + roll() * 0.02])
  for (let i = 0; i < count; i++) {
    const [mx = 0, my = 0] = middles[Math.floor(roll() * 12)] ?? []
    x[i] = mx + (roll() + roll() - 1) * 0.002
    y[i] = my + (roll() + roll() - 1) * 0.002
  }
  return { count, x, y }
}

function touching(clusters: Clusters): number {
  let found = 0
  for (let i = 0; i < clusters.count; i++)
    for (let j = 0; j < i; j++) {
      const apart = Math.hypot(clusters.x[i]! - clusters.x[j]!, clusters.y[i]! - clusters.y[j]!)
      if (apart < clusters.radius[i]! + clusters.radius[j]!) found++
    }
  return found
}

describe('clusters', () => {
  const points = towns(3000, 7)

  it.each([4, 6, 8, 10, 12, 14, 16])(
    'at zoom %d no ring touches another and no site is lost',
    (zoom) => {
      const clusters = buildClusters(points, 256 * 2 ** zoom, world, -1)
      expect(touching(clusters)).toBe(0)
      expect(clusters.total.reduce((sum, total) => sum + total, 0)).toBe(points.count)
      const members = new Int32Array(clusters.count)
      for (const ring of clusters.of) members[ring]!++
      expect([...members]).toEqual([...clusters.total])
      for (let i = 0; i < clusters.count; i++) {
        expect(clusters.radius[i]).toBeCloseTo(ringRadius(clusters.total[i]!))
        expect(clusters.of[clusters.first[i]!]).toBe(i)
      }
    }
  )

  it('a ring lies in the middle of its sites', () => {
    const scale = 256 * 2 ** 8
    const clusters = buildClusters(points, scale, world, -1)
    const sum = new Float64Array(clusters.count)
    for (let i = 0; i < points.count; i++) sum[clusters.of[i]!]! += points.x[i]! * scale
    for (let i = 0; i < clusters.count; i++)
      expect(clusters.x[i]).toBeCloseTo(sum[i]! / clusters.total[i]!, 6)
  })

  it('the chosen site is in none', () => {
    const clusters = buildClusters(points, 256 * 2 ** 5, world, 42)
    expect(clusters.of[42]).toBe(-1)
    expect(clusters.total.reduce((sum, total) => sum + total, 0)).toBe(points.count - 1)
  })

  it.each([6, 8, 10, 12])('nothing lies over or under the chosen site (zoom %d)', (zoom) => {
    const scale = 256 * 2 ** zoom
    const clusters = buildClusters(points, scale, world, 42)
    const x = points.x[42]! * scale
    const y = points.y[42]! * scale
    expect(touching(clusters)).toBe(0)
    for (let i = 0; i < clusters.count; i++) {
      const apart = Math.hypot(clusters.x[i]! - x, clusters.y[i]! - y)
      expect(apart).toBeGreaterThan(chosenRadius - 0.1 + clusters.radius[i]!)
    }
  })

  it('what is outside of the box is in none', () => {
    const box = { west: 0.165, north: 0.38, east: 0.17, south: 0.39 }
    const clusters = buildClusters(points, 256 * 2 ** 12, box, -1)
    for (let i = 0; i < points.count; i++) {
      const x = points.x[i]!
      const y = points.y[i]!
      const inside = x >= box.west && x <= box.east && y >= box.north && y <= box.south
      expect(clusters.of[i]! >= 0).toBe(inside)
    }
  })

  it('sites on one spot are one at any zoom', () => {
    const same = { count: 3, x: new Float64Array(3).fill(0.5), y: new Float64Array(3).fill(0.5) }
    for (const zoom of [2, 10, 18])
      expect(buildClusters(same, 256 * 2 ** zoom, world, -1).count).toBe(1)
  })

  it('nothing is nothing', () => {
    const none = { count: 0, x: new Float64Array(0), y: new Float64Array(0) }
    expect(buildClusters(none, 256, world, -1).count).toBe(0)
  })

  it('counts what is off and what is not known', () => {
    const same = { count: 4, x: new Float64Array(4).fill(0.5), y: new Float64Array(4).fill(0.5) }
    const clusters = buildClusters(same, 256, world, -1)
    const off = new Int32Array(1)
    const unheard = new Int32Array(1)
    countStates(clusters, Uint8Array.from([0, 1, 2, 3]), off, unheard)
    expect([off[0], unheard[0]]).toEqual([1, 2])
    countStates(clusters, Uint8Array.from([0, 0, 0, 0]), off, unheard)
    expect([off[0], unheard[0]]).toEqual([0, 0])
  })

  it('100,000 sites are no hang', () => {
    const many = towns(100_000, 3)
    // In a square of them it would not end before the test is given up; how fast it is, is measured elsewhere.
    const clusters = buildClusters(many, 256 * 2 ** 9, world, -1)
    expect(clusters.count).toBeGreaterThan(3)
  })
})
