/* SPDX-License-Identifier: Apache-2.0 */
import { EventParser, type StreamEvent } from './events'
import { type OutageRow, outageRow } from './feed-outages'
import { type SiteRow, siteRow } from './feed-sites'
import { getJson, parseJson, request } from './get'
import { decode, LinkError, type LinkReason, makeTurn, readLines } from './lines'
import { listOf, membersOf } from './rows'
import { clockOf, type Status, statusOf } from './status'

/* The line to the daemon: the stream first, then everything that is, then what came meanwhile. A
 * line that broke is begun anew, for nobody repeats what was missed. */

export type LinkState = 'connecting' | 'loading' | 'live' | 'stale' | 'incompatible'

export interface LinkListener {
  state(state: LinkState, reason: LinkReason | undefined): void
  /** Something was heard. */
  heard(): void
  status(status: Status): void
  clock(now: number): void
  /** A new picture is begun; it is shown once `complete` is called. */
  begin(): void
  site(row: SiteRow): void
  outage(row: OutageRow): void
  complete(): void
  changed(row: SiteRow): void
  outageChanged(row: OutageRow): void
  batch(area: string, batch: number): void
}

export interface LinkOptions {
  readonly base: string
  readonly silence: number // ms without any event: the line is dead
  readonly firstWait: number // ms before trying again; doubles
  readonly lastWait: number
}

export const usual: LinkOptions = { base: '', silence: 12_000, firstWait: 1000, lastWait: 30_000 }

const lineMax = 65536 // characters of one row
const queueMax = 128 * 1024 * 1024 // characters of events kept while loading
const steady = 20_000 // ms of live after which the next break is a first one
const pagesMax = 1000

const incompatible: readonly LinkReason[] = ['html', 'version']

export class Link {
  private controller = new AbortController()
  private queue: StreamEvent[] | undefined = []
  private queued = 0
  private watchdog: ReturnType<typeof setTimeout> | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private wait: number
  private liveSince: number | undefined
  private heardClock: (() => void) | undefined
  private stopped = false

  constructor(
    private readonly listener: LinkListener,
    private readonly options: LinkOptions = usual
  ) {
    this.wait = options.firstWait
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
    this.watch(silent)
    try {
      const clock = new Promise<void>((resolve) => (this.heardClock = resolve))
      const stream = await request(
        `${this.options.base}/api/v1/events`,
        'text/event-stream',
        controller.signal
      )
      this.follow(stream, controller.signal, silent).catch(fail)
      await Promise.race([this.load(controller.signal), aborted(controller.signal)])
      await Promise.race([clock, aborted(controller.signal)])
      await this.goLive(controller.signal)
      await aborted(controller.signal)
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
    // Many pages come back at once after a break: they are spread out.
    const wait = this.wait * (0.75 + Math.random() / 2)
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
    } else if (this.queue === undefined) this.apply(event)
    else {
      this.queued += event.data.length
      if (this.queued > queueMax) throw new LinkError('malformed', 'too much news while loading')
      this.queue.push(event)
    }
  }

  private apply({ name, data }: StreamEvent): void {
    const { listener } = this
    if (name === 'sites')
      for (const row of listOf(parseJson(data), 'sites')) listener.changed(siteRow(row))
    else if (name === 'outage' || name === 'outage-changed')
      listener.outageChanged(outageRow(parseJson(data)))
    else if (name === 'batch') {
      const { area, batch } = membersOf(parseJson(data), 'a batch')
      if (typeof area !== 'string' || typeof batch !== 'number')
        throw new LinkError('malformed', 'a batch')
      listener.batch(area, batch)
    }
  }

  private async goLive(signal: AbortSignal): Promise<void> {
    const turn = makeTurn()
    // What comes while these are applied is put behind them.
    for (const event of this.queue ?? []) {
      this.read(() => this.apply(event))
      const wait = turn()
      if (wait) await wait
      if (signal.aborted) return
    }
    this.queue = undefined
    this.listener.complete()
    this.liveSince = performance.now()
    this.listener.state('live', undefined)
  }

  // Everything that is

  private async load(signal: AbortSignal): Promise<void> {
    const { base } = this.options
    this.listener.status(statusOf(await getJson(`${base}/api/v1/status`, signal)))
    this.listener.state('loading', undefined)
    this.listener.begin()
    const sites = await request(
      `${base}/api/v1/sites?format=ndjson`,
      'application/x-ndjson',
      signal
    )
    if (!sites.body) throw new LinkError('ended', 'no body')
    await readLines(sites.body, lineMax, (line) => {
      if (line === '' || signal.aborted) return
      this.listener.site(siteRow(parseJson(line)))
    }).catch((error: unknown) => {
      throw error instanceof LinkError ? error : new LinkError('ended', String(error))
    })
    await this.loadOutages(signal)
  }

  private async loadOutages(signal: AbortSignal): Promise<void> {
    let next: unknown = '/api/v1/outages?open=true&limit=2000'
    for (let page = 0; typeof next === 'string' && page < pagesMax; page++) {
      // Only ever this daemon: an answer must not send us elsewhere.
      if (!next.startsWith('/api/v1/outages?')) throw new LinkError('version', 'next')
      const answer = await getJson(this.options.base + next, signal)
      for (const row of listOf(answer, 'outages')) this.listener.outage(outageRow(row))
      next = membersOf(answer, 'outages')['next']
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((_, reject) => {
    const stop = () => reject(new LinkError('ended', 'aborted'))
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  })
}
