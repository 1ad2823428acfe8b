/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, it } from 'vitest'
import { buildClusters } from '../../src/map/cluster'
import { namePlace, pinCircles } from '../../src/map/pin'

describe('the name of a pin', () => {
  const width = 40
  const free = namePlace(100, 100, width, [])

  it('stands above it', () => {
    expect(free[0]).toBe(100)
    expect(free[1]).toBeLessThan(70)
  })

  it('stands beside it where something is above, and above where something is everywhere', () => {
    const above = { x: 100, y: free[1], radius: 10 }
    const right = namePlace(100, 100, width, [above])
    expect(right[0]).toBeGreaterThan(100)
    const left = namePlace(100, 100, width, [above, { x: right[0], y: right[1], radius: 10 }])
    expect(left[0]).toBeLessThan(100)
    expect(namePlace(100, 100, width, [{ x: 100, y: 100, radius: 300 }])).toEqual(free)
  })

  it('is crossed by no ring: they make room for it and for the pin', () => {
    const count = 400
    const points = {
      count,
      x: Float64Array.from({ length: count }, (_, i) => ((i % 20) + 0.5) / 20),
      y: Float64Array.from({ length: count }, (_, i) => (Math.floor(i / 20) + 0.5) / 20)
    }
    const box = { west: 0, north: 0, east: 1, south: 1 }
    const pins = pinCircles(350, 350, 60)
    const rings = buildClusters(points, 700, box, -1, pins)
    expect(Array.from(rings.total).reduce((sum, total) => sum + total, 0)).toBe(count)
    for (const pin of pins)
      for (let i = 0; i < rings.count; i++) {
        const apart = Math.hypot(rings.x[i]! - pin.x, rings.y[i]! - pin.y)
        expect(apart).toBeGreaterThan(pin.radius + rings.radius[i]! - 0.02)
      }
  })
})
