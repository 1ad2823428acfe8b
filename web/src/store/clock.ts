/* SPDX-License-Identifier: Apache-2.0 */
import { ref } from 'vue'

/** A daemon's clock, which may run faster than ours, and ours for how long ago something was. */
export class Clock {
  /** ms since 1970 as the daemon has it; looked at anew each second. */
  readonly now = ref(Date.now())
  /** ms of this browser's own monotonic clock, as often. */
  readonly here = ref(performance.now())
  readonly speed = ref(1)
  private base = Date.now()
  private at = performance.now()
  private pace = 1 // 0: it stands still
  private timer: ReturnType<typeof setInterval> | undefined

  /** A stepped one stands until the daemon says another time: how fast it was seen to go is only shown. */
  set(daemonNow: number, daemonSpeed: number, stepped = false): void {
    this.pace = stepped ? 0 : daemonSpeed
    this.correct(daemonNow, daemonSpeed)
  }

  /** The daemon's clock said the time: drift goes away, the pace stays. */
  correct(daemonNow: number, daemonSpeed = this.speed.value): void {
    this.base = daemonNow
    this.at = performance.now()
    this.speed.value = daemonSpeed
    this.tick()
  }

  /** A clock that nobody hears of any more stands still: nothing is claimed of the time since. */
  halt(): void {
    this.tick()
    this.base = this.now.value
    this.at = performance.now()
    this.pace = 0
  }

  start(): void {
    clearInterval(this.timer)
    this.timer = setInterval(() => this.tick(), 1000)
  }

  stop(): void {
    clearInterval(this.timer)
  }

  private tick(): void {
    this.here.value = performance.now()
    this.now.value = this.base + (this.here.value - this.at) * this.pace
  }
}
