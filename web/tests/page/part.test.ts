/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, it } from 'vitest'
import { part } from '../../src/part'

describe('a part of the page', () => {
  it('is what was loaded', async () => {
    expect(await part(() => Promise.resolve(7))).toBe(7)
  })

  it('that could not be had is asked for under another address, each time a new one', async () => {
    const lost = () =>
      Promise.reject(new TypeError('Failed to fetch: http://127.0.0.1:1/assets/hi-a1.js'))
    const asked: string[] = []
    const from = (address: string) => Promise.resolve(asked.push(address))
    expect([await part(lost, from), await part(lost, from)]).toEqual([1, 2])
    const address = 'http://127.0.0.1:1/assets/hi-a1.js?again='
    expect(asked).toEqual([`${address}1`, `${address}2`])
  })

  it('that failed otherwise is told as it failed', async () => {
    await expect(part(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  })
})
