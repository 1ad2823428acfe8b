/* SPDX-License-Identifier: Apache-2.0 */
import { afterEach, expect, it, vi } from 'vitest'
import { askBackground, askFirst, takeBackground, takeFirst } from '../../src/net/first'
import { firstLook, mapIsThere } from '../../src/store/first-look'
import { status } from './scripted-daemon'

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

it('what the daemon said first is not asked for again, once', async () => {
  vi.stubGlobal('fetch', async () => Response.json(status))
  expect(takeFirst()).toBeUndefined()
  const shown = askFirst()
  expect(await takeFirst()).toBe(await shown)
  expect(takeFirst()).toBeUndefined()
  vi.stubGlobal('fetch', async () => new Response('', { status: 503 }))
  void askFirst()
  expect(await takeFirst()).toBeUndefined()
})

it('the sites wait until the map is painted', async () => {
  const frames: FrameRequestCallback[] = []
  vi.stubGlobal('document', { hidden: false })
  vi.stubGlobal('requestAnimationFrame', (call: FrameRequestCallback) => frames.push(call))
  let isLoading = false
  const look = firstLook().then(() => (isLoading = true))
  mapIsThere()
  await Promise.resolve()
  expect(isLoading).toBe(false)
  frames.forEach((call) => call(0))
  await look
})
