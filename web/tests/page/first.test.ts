/* SPDX-License-Identifier: Apache-2.0 */
import { afterEach, expect, it, vi } from 'vitest'
import { askBackground, takeBackground } from '../../src/net/first'

afterEach(() => vi.unstubAllGlobals())

it('the map is asked for once before it is there, and anew after that', async () => {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (address: string) => {
    asked.push(address)
    if (asked.length === 1) throw new TypeError('nobody is there')
    return new Response(address)
  })
  askBackground('dark')
  await expect(takeBackground('dark')).rejects.toThrow('nobody is there')
  askBackground('light')
  await takeBackground('light')
  expect(asked).toHaveLength(2)
  expect(await (await takeBackground('dark')).text()).toMatch(/\/tiles\/dark\.json$/)
  expect(asked).toHaveLength(3)
  askBackground('light')
  expect(asked).toHaveLength(3)
})
