/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, it } from 'vitest'
import {
  damm,
  isComplaintNumber,
  looksLikeComplaintNumber,
  parseComplaintNumber,
  showComplaintNumber
} from '../../src/core/complaint-number'

/** Nine digits with the one that checks them. */
function numbered(nine: string): string {
  const found = Array.from('0123456789').filter((digit) => isComplaintNumber(nine + digit))
  expect(found).toHaveLength(1)
  return nine + found[0]!
}

describe('a complaint’s number', () => {
  it('has the check digit of Damm’s own example', () => {
    expect(damm('572')).toBe(4)
    expect(damm('5724')).toBe(0)
    expect(numbered('100000572')).toBe('1000005721')
  })

  it('finds every wrong digit, and every two that changed places', () => {
    for (const nine of ['261108221', '999999999', '100000000', '123456789']) {
      const good = numbered(nine)
      for (let at = 0; at < good.length; at++) {
        for (const digit of '0123456789')
          if (digit !== good[at])
            expect(isComplaintNumber(good.slice(0, at) + digit + good.slice(at + 1))).toBe(false)
        const swapped = good.slice(0, at) + (good[at + 1] ?? '') + good[at]! + good.slice(at + 2)
        if (swapped !== good) expect(isComplaintNumber(swapped)).toBe(false)
      }
    }
  })

  it('is known by its look, be it a right one or not', () => {
    for (const text of ['1000005722', '1000 005 72', '1-000-005-722-1']) expect(looksLikeComplaintNumber(text)).toBe(true)
    for (const text of ['', '12345', '100000572212', 'S-10000572']) expect(looksLikeComplaintNumber(text)).toBe(false)
  })

  it('is written and read in groups', () => {
    const number = numbered('261108221')
    const shown = showComplaintNumber(number)
    expect(shown).toMatch(/^2611 082 21\d$/)
    expect(parseComplaintNumber(shown)).toBe(number)
    expect(parseComplaintNumber(` ${number.slice(0, 5)}-${number.slice(5)} `)).toBe(number)
    expect(showComplaintNumber('c-17')).toBe('c-17')
  })

  it.each(['', '0', '0123456789', '12345', '12345678901234', 'abcdefghij', '１２３４５６７８９０'])(
    'is not %j',
    (text) => expect(parseComplaintNumber(text)).toBeUndefined()
  )
})
