/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, it } from 'vitest'
import { en } from '../../src/i18n/en'
import { fill, Formats } from '../../src/i18n/format'
import { hi } from '../../src/i18n/hi'
import { brief } from '../../src/map/draw'
import { vectors } from '../core/vectors'

const minute = 60_000
const hour = 60 * minute
const english = (zone: string) => new Formats('en-GB', en.time, zone)
const hindi = new Formats('hi-IN', hi.time, 'Asia/Kolkata')

describe('numbers in rings', () => {
  it.each(vectors<{ cases: [number, string][] }>('brief-numbers.json').cases)('%d is %s', (n, text) =>
    expect(brief(n)).toBe(text)
  )
})

describe('durations', () => {
  it.each([
    [0, 'less than a minute'],
    [-5000, 'less than a minute'],
    [59_999, 'less than a minute'],
    [minute, '1 min'],
    [59 * minute, '59 min'],
    [hour, '1 h'],
    [7 * hour + 19 * minute, '7 h 19 min'],
    [24 * hour, '1 day'],
    [24 * hour + minute, '1 day'],
    [49 * hour, '2 days 1 h']
  ])('%d ms', (ms, text) => expect(english('UTC').duration(ms)).toBe(text))

  it('in Hindi', () => {
    expect(hindi.duration(hour)).toBe('1 घंटा')
    expect(hindi.duration(7 * hour + 19 * minute)).toBe('7 घंटे 19 मिनट')
  })

  it.each([
    [0, 'just now'],
    [2999, 'just now'],
    [3000, '3 seconds ago'],
    [2 * minute, '2 minutes ago'],
    [90 * minute, '1 hour ago']
  ])('%d ms ago', (ms, text) => expect(english('UTC').ago(ms)).toBe(text))
})

describe('times', () => {
  const at = Date.UTC(2024, 1, 5, 1, 30)

  it('are of the reader’s zone', () => {
    expect(english('UTC').time(at, at)).toBe('01:30')
    expect(english('America/Los_Angeles').time(at, at)).toBe('17:30')
    expect(english('Asia/Kolkata').time(at, at)).toBe('07:00')
  })

  it('have their date when it is not today there', () => {
    expect(english('UTC').time(at, at + 24 * hour)).toBe('5 Feb, 01:30')
    expect(english('America/Los_Angeles').time(at, at + 7 * hour)).toBe('4 Feb, 17:30')
    expect(english('America/Los_Angeles').time(at, at + 6 * hour)).toBe('17:30')
  })

  it('have their year when it is not this one', () => {
    expect(english('UTC').time(at, Date.UTC(2026, 1, 5))).toBe('5 Feb 2024, 01:30')
  })

  it('midnight is 00', () => {
    expect(english('UTC').time(Date.UTC(2024, 0, 1), Date.UTC(2024, 0, 1))).toBe('00:00')
  })

  it('of a day the clocks change', () => {
    const zone = english('Europe/Berlin')
    const before = Date.UTC(2024, 2, 31, 0, 59)
    expect(zone.time(before, before)).toBe('01:59')
    expect(zone.time(before + minute, before)).toBe('03:00')
  })
})

describe('numbers', () => {
  it('are grouped as the language does', () => {
    expect(english('UTC').number(1234567)).toBe('1,234,567')
    expect(hindi.number(1234567)).toBe('12,34,567')
  })

  it('have their plural', () => {
    expect(english('UTC').plural(en.counts.homes, 1)).toBe('1 home')
    expect(english('UTC').plural(en.counts.homes, 0)).toBe('0 homes')
    expect(english('UTC').plural(en.counts.homes, 5285)).toBe('5,285 homes')
  })

  it('distances', () => {
    expect(english('UTC').distance(324)).toBe('320 m')
    expect(english('UTC').distance(2345)).toBe('2.3 km')
    expect(english('UTC').distance(23456)).toBe('23 km')
  })
})

describe('languages', () => {
  const flat = (value: unknown, path = ''): [string, string][] =>
    typeof value === 'string'
      ? [[path, value]]
      : Object.entries(value as object).flatMap(([key, member]) => flat(member, `${path}.${key}`))

  it('Hindi says everything, with the same values in it', () => {
    const theirs = new Map(flat(hi))
    for (const [path, text] of flat(en)) {
      const other = theirs.get(path)
      const names = (all: string) => (all.match(/\{\w+\}/g) ?? []).sort()
      expect(other, path).toBeTruthy()
      expect(names(other ?? ''), path).toEqual(names(text))
    }
    expect(theirs.size).toBe(flat(en).length)
  })

  it('Hindi is Hindi', () => {
    const alike = /^(CID|CID \{cid\}|English|Show in English|English is not here yet: .*|\{day\}: \{text\}|\{date\}, \{time\})$/
    for (const [path, text] of flat(hi))
      if (!alike.test(text)) expect(text, path).toMatch(/[\u0900-\u097f]/)
  })

  it('a value that is not given stays', () => {
    expect(fill('{a} {b}', { a: 1 })).toBe('1 {b}')
  })
})
