/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, test } from 'vitest'
import { buildClusters } from '../../src/map/cluster'
import { extentOf } from '../../src/map/extent'
import { tilesOver } from '../../src/map/places'
import { mercatorX, nearestX } from '../../src/mercator'
import { baseOf } from '../../src/net/base'

const of = (...longitudes: number[]) => {
  const { west, east } = extentOf(longitudes.map(mercatorX))
  return [(west - 0.5) * 360, (east - 0.5) * 360].map((value) => Number(value.toFixed(6)))
}

describe('what holds all sites', () => {
  test.each([
    [[85], [85, 85]],
    [[85, 86, 84.5], [84.5, 86]],
    [[-122, 85], [85, 238]],
    [[179.999, -179.999], [179.999, 180.001]],
    [[178.4, -171.8, 179, -175.2, 180], [178.4, 188.2]],
    [[180, -180], [180, 180]],
    [[-180, 180, 170], [170, 180]],
    [[0, 90, 180, -90], [-90, 180]]
  ])('%j', (longitudes, wanted) => {
    const [west, east] = of(...longitudes)
    expect((east! - west!).toFixed(4)).toBe((wanted[1]! - wanted[0]!).toFixed(4))
    for (const longitude of longitudes) {
      const x = nearestX(longitude, (west! + east!) / 2)
      const around = ((((x - west!) % 360) + 360) % 360).toFixed(6)
      expect(Number(around)).toBeLessThanOrEqual(Number((east! - west!).toFixed(6)) + 1e-6)
    }
  })

  test('nothing', () => expect(extentOf([])).toEqual({ west: 1, east: 0 }))
})

test('rings over the date line, on the copy of the world that is looked at', () => {
  const points = {
    count: 3,
    x: Float64Array.of(mercatorX(179.99), mercatorX(-179.99), mercatorX(0)),
    y: Float64Array.of(0.5, 0.5, 0.5)
  }
  const world = 256 * 2 ** 14
  for (const middle of [0, 1]) {
    const box = { west: middle - 0.001, east: middle + 0.001, north: 0.4, south: 0.6 }
    const { count, x, of } = buildClusters(points, world, box, -1)
    expect(count).toBe(2)
    expect(of[2]).toBe(-1)
    for (const place of x) expect(Math.abs(place / world - middle)).toBeLessThan(0.0001)
  }
})

test('tiles over the date line are those of the other side', () => {
  const tiles = tilesOver(3, { west: 2000, north: 900, east: 2100, south: 1000 })
  expect(tiles.map(({ x, y }) => [x, y])).toEqual([
    [0, 3],
    [7, 3]
  ])
  expect(tilesOver(2, { west: -3000, north: 0, east: 3000, south: 1024 })).toHaveLength(16)
})

test.each([
  ['https://a.example/', ''],
  ['https://a.example/#map=1/2/3', ''],
  ['https://a.example/power/', '/power'],
  ['https://a.example/power/index.html?x=1#y', '/power'],
  ['https://a.example/a/b/?q=/c/', '/a/b'],
  ['about:blank', '']
])('where %s lies', (address, wanted) => expect(baseOf(address)).toBe(wanted))
