// @vitest-environment happy-dom
/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, it } from 'vitest'
import { lineIsOff } from '../../src/map/grid-canvas'
import { SiteStore } from '../../src/net/feed-sites'

const row = (number: number, more: object = {}) => ({
  area: 'east',
  site: `S-${number}`,
  lat: 255900000 + number * 10000,
  lon: 851300000,
  level: 'transformer',
  customers: 3,
  state: 'on',
  ...more
})

describe('a feeder', () => {
  const box = { west: 0, north: 0, east: 1, south: 1 }
  const line = { area: 'east', feeder: 'F-1', members: [0, 1, 2, 3], edges: [], box }

  it.each([
    [[0, 0, 0, 0], false],
    [[1, 1, 0, 0], false],
    [[1, 1, 1, 0], true],
    [[1, 2, 2, 3], false]
  ])('of sites in the states %j is off: %s', (states, off) =>
    expect(lineIsOff(line, Uint8Array.from(states))).toBe(off)
  )

  it('is what a site says', () => {
    const sites = new SiteStore()
    sites.take(row(1))
    expect([sites.hasFeeders, sites.feederOf]).toEqual([false, ['']])
    sites.take(row(2, { feeder: 'F-1' }))
    expect([sites.hasFeeders, sites.feederOf]).toEqual([true, ['', 'F-1']])
  })

  it('that is another one makes what was reckoned from places old', () => {
    const sites = new SiteStore()
    sites.take(row(1, { feeder: 'F-1' }))
    const { structure } = sites
    sites.take(row(1, { feeder: 'F-1', state: 'off' }))
    expect(sites.structure).toBe(structure)
    sites.take(row(1, { feeder: 'F-2' }))
    expect(sites.structure).toBe(structure + 1)
  })

  it.each([7, '', null, []])('is not %j', (feeder) =>
    expect(() => new SiteStore().take(row(1, { feeder }))).toThrow()
  )
})
