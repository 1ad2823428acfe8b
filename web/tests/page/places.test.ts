// @vitest-environment happy-dom
/* SPDX-License-Identifier: Apache-2.0 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Place, placesOf, placesTemplate } from '../../src/net/place-tile'
import { PlaceTiles, tilesMax, tilesOver } from '../../src/map/places'
import { joined } from '../../src/map/place-canvas'
import { layerOf } from '../../src/map/tiles'
import { comes } from '../patience'

const row = (more: object = {}) => ({
  kind: 'place',
  lat: 382950000,
  lon: -1224950000,
  name: 'Sebastopol',
  population: 7379,
  rank: 7379,
  size: 0,
  ...more
})
const template = '/tiles/places/{z}/{x}/{y}.json'
const tile = (x: number) => ({ z: 9, x, y: 7 })

describe('where names are had from', () => {
  it('is a path of this server', () => {
    expect(placesTemplate(template)).toBe(template)
    expect(layerOf({ tiles: ['/t/{z}/{x}/{y}.png'], places: template })?.places).toBe(template)
    expect(layerOf({ tiles: ['/t/{z}/{x}/{y}.png'] })?.places).toBeUndefined()
  })

  it.each([
    'https://elsewhere.example/{z}/{x}/{y}.json',
    '//elsewhere.example/{z}/{x}/{y}.json',
    '/\\elsewhere.example/{z}/{x}/{y}.json',
    'tiles/{z}/{x}/{y}.json',
    '/tiles/{z}/{x}.json',
    `/${'x'.repeat(300)}/{z}/{x}/{y}`,
    '',
    7,
    [template]
  ])('is not %j', (value) => expect(placesTemplate(value)).toBeUndefined())
})

describe('an answer', () => {
  it('is read', () => {
    const [place] = placesOf({ places: [row()] })
    expect(place).toMatchObject({ name: 'Sebastopol', rank: 7379, size: 0 })
    expect(place!.x).toBeCloseTo(0.159736, 6)
    expect(placesOf({ places: [] })).toEqual([])
    expect(placesOf({ places: Array.from({ length: 99 }, () => row()) })).toHaveLength(24)
  })

  it.each([
    null,
    [],
    {},
    { places: {} },
    { places: [null] },
    ...[
      { name: '' },
      { name: 'x'.repeat(61) },
      { name: 'a\u0007' },
      { rank: 0 },
      { rank: 1.5 },
      { rank: '1' },
      { size: 4 },
      { size: -1 },
      { lat: 91e7 },
      { lon: 1e10 },
      { lat: null }
    ].map((bad) => ({ places: [row(), row(bad)] }))
  ])('%j is none', (value) => expect(() => placesOf(value)).toThrow())
})

describe('tiles', () => {
  it('over what is seen, from its middle', () => {
    const tiles = tilesOver(3, { west: 250, north: 10, east: 780, south: 300 })
    expect(tiles).toHaveLength(8)
    expect([1, 2]).toContain(tiles[0]!.x)
    expect(tiles.every(({ z }) => z === 3)).toBe(true)
  })

  it('end where the world does, and are a bounded number', () => {
    expect(tilesOver(0, { west: -900, north: -900, east: 900, south: 900 })).toHaveLength(1)
    const all = tilesOver(18, { west: 0, north: 0, east: 1e7, south: 1e7 })
    expect(all).toHaveLength(tilesMax)
  })
})

describe('names that are fetched', () => {
  let asked: { url: string; signal: AbortSignal; answer: (status: number, body?: string) => void }[]
  let changed: ReturnType<typeof vi.fn>
  let tiles: PlaceTiles

  beforeEach(() => {
    asked = []
    changed = vi.fn()
    vi.stubGlobal('fetch', (url: string, { signal }: { signal: AbortSignal }) => {
      return new Promise<Response>((resolve, reject) => {
        const answer = (status: number, body = '') => resolve(new Response(body, { status }))
        asked.push({ url, signal, answer })
        signal.addEventListener('abort', () => reject(new Error('aborted')))
      })
    })
    tiles = new PlaceTiles(() => changed())
  })
  afterEach(() => {
    tiles.close()
    vi.unstubAllGlobals()
  })

  const good = (name: string) => JSON.stringify({ places: [row({ name })] })
  const names = () => tiles.places().map((place) => place.name)
  const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

  it('are asked for once, and told when all are here', async () => {
    tiles.want([tile(1), tile(2)])
    expect(asked).toEqual([])
    tiles.setTemplate(template)
    expect(asked.map(({ url }) => url)).toEqual(['/tiles/places/9/1/7.json', '/tiles/places/9/2/7.json'])
    changed.mockClear()
    asked[0]!.answer(200, good('One'))
    await turn()
    expect([changed.mock.calls.length, tiles.settled]).toEqual([0, false])
    asked[1]!.answer(404)
    await comes(() => expect(tiles.settled).toBe(true))
    expect([changed.mock.calls.length, names()]).toEqual([1, ['One']])
    expect(tiles.want([tile(2), tile(1)])).toBe(false)
    expect(asked).toHaveLength(2)
  })

  it('a few at once, and no longer when nobody wants them', async () => {
    tiles.setTemplate(template)
    tiles.want(Array.from({ length: 20 }, (_, x) => tile(x)))
    expect(asked).toHaveLength(4)
    tiles.want([tile(3), tile(30)])
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, true, true, false, false])
    asked[3]!.answer(200, good('Three'))
    asked[4]!.answer(200, good('Thirty'))
    await comes(() => expect(names()).toEqual(['Three', 'Thirty']))
  })

  it.each([
    [500, ''],
    [200, 'no JSON'],
    [200, '{"places":[{}]}'],
    [200, 'x'.repeat(70_000)]
  ])('badly (%d, %s) are none, and are asked for again the next time', async (status, body) => {
    tiles.setTemplate(template)
    tiles.want([tile(1)])
    asked[0]!.answer(status, body)
    await comes(() => expect(tiles.settled).toBe(true))
    expect(names()).toEqual([])
    tiles.want([tile(1)])
    expect(asked).toHaveLength(2)
  })

  it('are forgotten when there are too many, the oldest first', async () => {
    tiles.setTemplate(template)
    const want = async (x: number) => {
      tiles.want([tile(x)])
      asked.at(-1)?.answer(200, good(String(x)))
      await comes(() => expect(tiles.settled).toBe(true))
    }
    for (let x = 0; x <= tilesMax; x++) await want(x)
    const before = asked.length
    await want(1)
    expect([asked.length, names()]).toEqual([before, ['1']])
    await want(0)
    expect(asked.length).toBe(before + 1)
  })

  it('stay until all of the next have come, each once', () => {
    const place = (name: string, x: number): Place => ({ name, rank: 1, size: 0, x, y: 0 })
    const both = joined([place('a', 0), place('b', 1)], [place('b', 1), place('c', 2)])
    expect(both.map(({ name }) => name).sort()).toEqual(['a', 'b', 'c'])
  })
})
