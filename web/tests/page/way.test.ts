// @vitest-environment happy-dom
/* SPDX-License-Identifier: Apache-2.0 */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { SiteStore } from '../../src/net/feed-sites'
import {
  choose,
  chooseGroup,
  chosen,
  followAddress,
  group,
  keepMap,
  mapWish,
  readAddress,
  showFile,
  showSpot,
  showView,
  startWay,
  unchoose,
  view
} from '../../src/store/choice'
import { levels, stepsBack } from '../../src/store/way'

const { map, list, group: together, site, over } = levels

describe('steps back', () => {
  it.each([
    [[map, site], map, 1],
    [[map, site, site], map, 2],
    [[map, together, site], together, 1],
    [[map, site, together], map, 2],
    [[list, site, over], site, 1],
    [[site], map, 0],
    [[site, site], map, 0],
    [[], map, 0]
  ] as const)('from the end of %j to %d: %d', (way, level, steps) =>
    expect(stepsBack(way, level)).toBe(steps)
  )
})

describe('the way', () => {
  const sites = new SiteStore()
  /** A browser's history as far as it is used; going is told later, as browsers do. */
  let entries: { state: unknown; hash: string }[]
  let at: number
  const hash = () => entries[at]!.hash

  const come = () => {
    const { state } = entries[at]!
    vi.stubGlobal('location', { ...here, hash: hash() })
    vi.spyOn(history, 'state', 'get').mockReturnValue(state)
  }
  const here = { pathname: '/', search: '', hash: '' }

  beforeEach(() => {
    entries = [{ state: null, hash: '' }]
    at = 0
    come()
    const put = (state: unknown, url: unknown) => ({ state, hash: String(url).slice(1) })
    vi.spyOn(history, 'pushState').mockImplementation((state, _, url) => {
      entries = [...entries.slice(0, ++at), put(state, url)]
      come()
    })
    vi.spyOn(history, 'replaceState').mockImplementation((state, _, url) => {
      entries[at] = put(state, url)
      come()
    })
    vi.spyOn(history, 'go').mockImplementation((steps = 0) => {
      at += steps
      come()
      followAddress()
    })
    readAddress()
    startWay()
  })

  const back = () => history.go(-1)

  it('back closes a sheet, and forward opens it again', () => {
    choose('a', '1')
    expect(hash()).toBe('#site=a/1')
    back()
    expect(chosen.value).toBeUndefined()
    history.go(1)
    expect(chosen.value).toEqual({ area: 'a', id: '1' })
    unchoose()
    expect([at, hash(), chosen.value]).toEqual([0, '', undefined])
  })

  it('what was closed is not gone back through', () => {
    choose('a', '1')
    choose('a', '2')
    choose('a', '2')
    expect(at).toBe(2)
    unchoose()
    expect([at, hash()]).toEqual([0, ''])
  })

  it('a site lies over its place, and the list beneath both', () => {
    showView('list')
    chooseGroup(sites, { kind: 'place', name: 'Napa' })
    choose('a', '1')
    expect(hash()).toBe('#site=a/1&place=Napa&view=list')
    unchoose()
    expect(hash()).toBe('#place=Napa&view=list')
    back()
    expect([group.value, view.value, hash()]).toEqual([undefined, 'list', '#view=list'])
    back()
    expect([view.value, hash()]).toEqual(['map', ''])
  })

  it('a site that is shown on the map stays when that closes the list', () => {
    showView('list')
    choose('a', '1')
    showView('map')
    expect([hash(), chosen.value?.id]).toEqual(['#site=a/1', '1'])
    unchoose()
    expect([at, hash(), view.value]).toEqual([0, '', 'map'])
  })

  it('a choice that came with the address closes in its place', () => {
    entries = [{ state: null, hash: '#site=a/1&place=Napa' }]
    come()
    readAddress()
    startWay()
    unchoose()
    expect([at, hash()]).toEqual([0, '#place=Napa'])
    unchoose()
    expect([at, hash()]).toEqual([0, ''])
  })

  it('the map replaces where it is, and is where it was after going back', () => {
    const [west, east] = [
      { zoom: 9, lat: 38, lon: -122 },
      { zoom: 12, lat: 38, lon: -121 }
    ]
    keepMap(west)
    chooseGroup(sites, { kind: 'place', name: 'Napa' })
    keepMap(east)
    expect(entries.map((entry) => entry.hash)).toEqual([
      '#map=9/38.0000/-122.0000',
      '#place=Napa&map=12/38.0000/-121.0000'
    ])
    back()
    expect(mapWish.value).toEqual({ kind: 'view', view: west })
    chooseGroup(sites, { kind: 'place', name: 'Napa' })
    keepMap(east)
    mapWish.value = undefined
    unchoose()
    expect([at, hash(), mapWish.value]).toEqual([0, '#map=12/38.0000/-121.0000', undefined])
  })

  it('what lies over all makes room for what is chosen from it', () => {
    showSpot([1, 2])
    expect(at).toBe(1)
    choose('a', '1')
    expect([at, hash()]).toEqual([1, '#site=a/1'])
    showFile(true)
    expect(at).toBe(2)
    showFile(false)
    expect([at, hash()]).toEqual([1, '#site=a/1'])
    back()
    expect([at, hash()]).toEqual([0, ''])
  })

  it('an address that was written by hand is followed', () => {
    entries.push({ state: null, hash: '#area=pge-04' })
    history.go(1)
    expect(group.value).toEqual({ kind: 'area', name: 'pge-04' })
    back()
    expect(group.value).toBeUndefined()
  })
})
