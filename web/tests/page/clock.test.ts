// @vitest-environment happy-dom
/* SPDX-License-Identifier: Apache-2.0 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { clockOf, statusOf } from '../../src/net/status'
import { Clock } from '../../src/store/clock'

const status = { now: 5000, clock_speed: 60, sites: 1, chain: null }
let clock: Clock

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] })
  clock = new Clock()
  clock.start()
})

afterEach(() => {
  clock.stop()
  vi.useRealTimers()
})

describe("the daemon's clock", () => {
  it('goes on by itself, as fast as it is', () => {
    clock.set(5000, 60)
    vi.advanceTimersByTime(2000)
    expect(clock.now.value).toBe(5000 + 120_000)
    clock.correct(130_000)
    vi.advanceTimersByTime(1000)
    expect([clock.now.value, clock.speed.value]).toEqual([190_000, 60])
  })

  it('stands between its steps where it is stepped, and its speed is only shown', () => {
    clock.set(5000, 3000, true)
    vi.advanceTimersByTime(60_000)
    expect([clock.now.value, clock.speed.value]).toEqual([5000, 3000])
    clock.correct(305_000, 2800)
    vi.advanceTimersByTime(60_000)
    expect([clock.now.value, clock.speed.value]).toEqual([305_000, 2800])
  })

  it('stands when nobody hears of it any more, and goes on when it is heard of again', () => {
    clock.set(5000, 60)
    clock.halt()
    vi.advanceTimersByTime(5000)
    expect(clock.now.value).toBe(5000)
    clock.set(6000, 60)
    vi.advanceTimersByTime(1000)
    expect(clock.now.value).toBe(66_000)
  })
})

describe('what the daemon says of it', () => {
  it('is read with and without the newer members', () => {
    expect(statusOf(status)).toMatchObject({ speed: 60, stepped: false })
    expect(statusOf({ ...status, clock_source: 'scaled' }).stepped).toBe(false)
    expect(statusOf({ ...status, clock_source: 'stepped' }).stepped).toBe(true)
    expect(clockOf({ now: 7 })).toEqual({ now: 7, speed: undefined })
    expect(clockOf({ now: 7, speed: 0 })).toEqual({ now: 7, speed: 0 })
    expect(clockOf({ now: 7, speed: 'fast' })).toEqual({ now: 7, speed: undefined })
    expect(() => clockOf({ now: 'noon' })).toThrow()
  })
})
