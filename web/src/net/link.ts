/* SPDX-License-Identifier: Apache-2.0 */
import { base } from './base'
import { EventParser, type StreamEvent } from './events'
import type { Feeds, ListsOf } from './feeds'
import { getJson, parseJson, request } from './get'
import { decode, LinkError, type LinkReason, makeTurn } from './lines'
import { Picture } from './picture'
import { clockOf, type Moment, type Status, statusOf } from './status'

/* The line to the daemon: the stream first, then everything that is, then what came meanwhile. A
 * line that broke is begun anew, for nobody repeats what was missed. */

export type LinkState = 'connecting' | 'loading' | 'live' | 'stale' | 'incompatible'

export interface LinkListener<Lists> {
  state(state: LinkState, reason: LinkReason | undefined): void
  /** Something was heard. */
  heard(): void
  status(status: Status): void
  clock(moment: Moment): void
  /** More of a new picture is there; it is shown once it is complete. */
  loading(lists: Lists): void
  complete(lists: Lists): void
  /** There was news of the lists that are complete. */
  changed(): void
}

export interface LinkOptions {
  readonly base: string
  readonly silence: number // ms without any event: the line is dead
  readonly firstWait: number // ms before trying again; doubles
  readonly lastWait: number
  /** What the lists wait for; events are kept meanwhile. */
  readonly before?: () => Promise<void>
  /** What the daemon says of itself, where it was asked before; once. */
  readonly status?: () => Promise<Status | undefined> | undefined
}

export const usual: LinkOptions = { base, silence: 12_000, firstWait: 1000, lastWait: 30_000 }

const told = 500 // rows, between two words of how far loading is
const queueMax = 128 * 1024 * 1024 // characters of events kept while loading
const steady = 20_000 // ms of live after which the next break is a first one

const incompatible: readonly LinkReason[] = ['html', 'version']

export class Link<F extends Feeds> {
  private controller = new AbortController()
  private picture: Picture<F>
  private queue: StreamEvent[] | undefined = []
  private queued = 0
  private watchdog: ReturnType<typeof setTimeout> | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private wait: number
  private liveSince: number | undefined
  private heardClock: (() => void) | undefined
  private stopped = false

  constructor(
    private readonly feeds: F,
    private readonly listener: LinkListener<ListsOf<F>>,
    private readonly options: LinkOptions = usual
  ) {
    this.wait = options.firstWait
    this.picture = new Picture(feeds)
  }

  start(): void {
    this.stopped = false
    this.listener.state('connecting', undefined)
    void this.attempt()
  }

  stop(): void {
    this.stopped = true
    this.close()
    clearTimeout(this.timer)
  }

  /** Does not wait for its turn. */
  tryNow(): void {
    if (this.timer === undefined || this.stopped) return
    clearTimeout(this.timer)
    this.timer = undefined
    void this.attempt()
  }

  private close(): void {
    this.controller.abort()
    clearTimeout(this.watchdog)
    this.picture = new Picture(this.feeds)
    this.queue = []
    this.queued = 0
  }

  private async attempt(): Promise<void> {
    this.close()
    const controller = new AbortController()
    this.controller = controller
    let failed: LinkError | undefined
    const fail = (error: unknown) => {
      failed ??= error instanceof LinkError ? error : new LinkError('malformed', String(error))
      controller.abort()
    }
    const silent = () => fail(new LinkError('silent', 'no event in time'))
    const gone = aborted(controller.signal)
    gone.catch(() => {}) // whoever waits is told
    this.watch(silent)
    try {
      const clock = new Promise<void>((resolve) => (this.heardClock = resolve))
      const status = this.askStatus(controller.signal)
      status.catch(fail)
      const stream = await request(
        `${this.options.base}/api/v1/events`,
        'text/event-stream',
        controller.signal
      )
      this.follow(stream, controller.signal, silent).catch(fail)
      await Promise.race([status, gone])
      await Promise.race([this.options.before?.(), gone])
      await Promise.race([this.load(controller.signal), gone])
      await Promise.race([clock, gone])
      await this.goLive(controller.signal)
      await gone
    } catch (error) {
      fail(error)
    }
    if (!this.stopped && failed) this.retry(failed)
  }

  private retry(error: LinkError): void {
    this.close()
    if (this.liveSince !== undefined && performance.now() - this.liveSince > steady)
      this.wait = this.options.firstWait
    this.liveSince = undefined
    const strange = incompatible.includes(error.reason)
    this.listener.state(strange ? 'incompatible' : 'stale', error.reason)
    // All pages lose a daemon at the same moment: they are spread out.
    const wait = this.wait * (0.5 + 2 * Math.random())
    this.wait = Math.min(this.wait * 2, this.options.lastWait)
    this.timer = setTimeout(() => {
      this.timer = undefined
      void this.attempt()
    }, wait)
  }

  private watch(silent: () => void): void {
    clearTimeout(this.watchdog)
    this.watchdog = setTimeout(silent, this.options.silence)
  }

  // The stream

  private async follow(answer: Response, signal: AbortSignal, silent: () => void): Promise<void> {
    const reader = answer.body?.getReader()
    const parser = new EventParser()
    const decoder = new TextDecoder('utf-8', { fatal: true })
    const turn = makeTurn()
    while (reader) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
      if (signal.aborted) return
      if (done) break
      this.watch(silent)
      for (const event of parser.push(decode(decoder, value))) {
        this.listener.heard()
        this.read(() => this.take(event))
        const wait = turn()
        if (wait) await wait
        if (signal.aborted) return
      }
    }
    throw new LinkError('ended', 'the stream ended')
  }

  /** An event that is not as it should be says nothing of the daemon's version. */
  private read(work: () => void): void {
    try {
      work()
    } catch (error) {
      throw new LinkError('malformed', error instanceof Error ? error.message : String(error))
    }
  }

  private take(event: StreamEvent): void {
    if (event.name === 'clock') {
      this.listener.clock(clockOf(parseJson(event.data)))
      this.heardClock?.()
    } else if (this.queue === undefined) {
      if (this.picture.apply(event)) this.listener.changed()
    } else {
      this.queued += event.data.length
      if (this.queued > queueMax) throw new LinkError('malformed', 'too much news while loading')
      this.queue.push(event)
    }
  }

  private async goLive(signal: AbortSignal): Promise<void> {
    const turn = makeTurn()
    // What comes while these are applied is put behind them.
    for (const event of this.queue ?? []) {
      this.read(() => this.picture.apply(event))
      const wait = turn()
      if (wait) await wait
      if (signal.aborted) return
    }
    this.queue = undefined
    this.listener.complete(this.picture.lists)
    this.liveSince = performance.now()
    this.listener.state('live', undefined)
  }

  // Everything that is

  /** It needs not wait for the stream: it is a number to show while the rest comes. */
  private async askStatus(signal: AbortSignal): Promise<void> {
    const answer =
      (await this.options.status?.()) ??
      statusOf(await getJson(`${this.options.base}/api/v1/status`, signal))
    if (!signal.aborted) this.listener.status(answer)
  }

  private async load(signal: AbortSignal): Promise<void> {
    const { base } = this.options
    const { picture } = this
    let rows = 0
    let next = told
    this.listener.state('loading', undefined)
    const tell = () => {
      // Of a large picture less often: what is drawn each time grows with it.
      next = rows + Math.max(told, rows >> 2)
      this.listener.loading(picture.lists)
    }
    await picture.load(base, signal, () => ++rows >= next && tell(), tell)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((_, reject) => {
    const stop = () => reject(new LinkError('ended', 'aborted'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  })
}
