/* SPDX-License-Identifier: Apache-2.0 */
import { ref } from 'vue'

/* The daemon's clock, which may run faster than ours, and ours for how long ago something was. */

let base = Date.now()
let at = performance.now()
let speed = 1

/** ms since 1970 as the daemon has it; looked at anew each second. */
export const now = ref(Date.now())
/** ms of this browser's own monotonic clock, as often. */
export const here = ref(performance.now())
export const clockSpeed = ref(1)

export function setClock(daemonNow: number, daemonSpeed: number): void {
  base = daemonNow
  at = performance.now()
  speed = daemonSpeed
  clockSpeed.value = daemonSpeed
  tick()
}

/** The daemon's clock said the time: drift goes away, the speed stays. */
export function correctClock(daemonNow: number): void {
  setClock(daemonNow, speed)
}

function tick(): void {
  here.value = performance.now()
  now.value = base + (here.value - at) * speed
}

/** A clock that nobody hears of any more stands still: nothing is claimed of the time since. */
export function stopClock(): void {
  tick()
  base = now.value
  at = performance.now()
  speed = 0
}

export function startTicking(): () => void {
  const timer = setInterval(tick, 1000)
  return () => clearInterval(timer)
}
