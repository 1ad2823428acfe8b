/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, it } from 'vitest'
import { type Edges, insetsOf } from '../../src/map/insets'

const phone: Edges = { left: 0, top: 56, right: 360, bottom: 740 }
const search: Edges = { left: 10, top: 66, right: 350, bottom: 112 }
const counts: Edges = { left: 10, top: 660, right: 350, bottom: 728 }
const zoom: Edges = { left: 306, top: 124, right: 350, bottom: 213 }
const near: Edges = { left: 225, top: 594, right: 350, bottom: 638 }

describe('what cards take of a map', () => {
  it('is nothing where there are none, or where they stand beside it', () => {
    expect(insetsOf(phone, [], 1)).toEqual({ left: 0, top: 0, right: 0, bottom: 0 })
    expect(insetsOf(phone, [{ left: 0, top: 0, right: 360, bottom: 56 }], 1)).toEqual(
      insetsOf(phone, [], 1)
    )
  })

  it('is taken from the side where most is left for what is shown', () => {
    const cards = [search, counts, zoom, near]
    expect(insetsOf(phone, cards, 0.6)).toEqual({ left: 0, top: 56, right: 54, bottom: 146 })
    expect(insetsOf(phone, cards, 1.2)).toEqual({ left: 0, top: 157, right: 0, bottom: 146 })
  })

  it('is not taken twice', () => {
    expect(insetsOf(phone, [near, counts], 1)).toEqual(insetsOf(phone, [counts, near], 1))
  })

  it('is what a sheet covers, also on the smallest screen', () => {
    const small: Edges = { left: 0, top: 56, right: 320, bottom: 568 }
    const sheet: Edges = { left: 0, top: 251, right: 320, bottom: 568 }
    const field: Edges = { left: 10, top: 66, right: 310, bottom: 112 }
    expect(insetsOf(small, [field, sheet], 0.2)).toEqual({ left: 0, top: 56, right: 0, bottom: 317 })
    const large: Edges = { ...field, bottom: 172 } // larger letters
    expect(insetsOf(small, [large, sheet], 0.2)).toEqual({ left: 0, top: 0, right: 0, bottom: 317 })
  })

  it('leaves something of the map', () => {
    const much = { left: 0, top: 200, right: 360, bottom: 740 }
    expect(insetsOf(phone, [much], 1)).toEqual({ left: 0, top: 0, right: 0, bottom: 0 })
  })
})
