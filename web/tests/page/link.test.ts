/* SPDX-License-Identifier: Apache-2.0 */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Feed, type List, oneRow } from '../../src/net/feed'
import { stateNames } from '../../src/net/feed-sites'
import { feeds, type Lists, type ListsOf } from '../../src/net/feeds'
import { statusOf } from '../../src/net/status'
import { Link, type LinkListener, type LinkOptions, type LinkState } from '../../src/net/link'
import { comes, patience } from '../patience'
import { columns, Daemon, outage, row, sitesPath, status } from './scripted-daemon'

/* The line against daemons of each sort, true and false ones. */

class Recorder implements LinkListener<Lists> {
  lists: Lists | undefined
  readonly log: string[] = []
  private readonly waiting: [string, () => void][] = []

  private note(text: string): void {
    this.log.push(text)
    for (const [wanted, resolve] of this.waiting) if (text.startsWith(wanted)) resolve()
  }

  until(wanted: string): Promise<void> {
    if (this.log.some((text) => text.startsWith(wanted))) return Promise.resolve()
    return new Promise((resolve) => this.waiting.push([wanted, resolve]))
  }

  state(state: LinkState, reason: string | undefined): void {
    this.note(reason ? `${state} ${reason}` : state)
  }
  heard(): void {}
  status(): void {
    this.note('status')
  }
  clock(moment: { now: number }): void {
    this.note(`clock ${moment.now}`)
  }
  loading(): void {}
  complete(lists: Lists): void {
    this.lists = lists
    this.note(`complete ${this.said()}`)
  }
  changed(): void {
    this.note(`changed ${this.said()}`)
  }

  private said(): string {
    const { sites, outages, batches } = this.lists!
    const [state] = sites.state
    return `${sites.ids[0]} ${stateNames[state!]}, ${outages.size} open, ${batches.of('a')} batches`
  }
}

const running: { stop(): void }[] = []
const quick: LinkOptions = { base: '', silence: patience, firstWait: 20, lastWait: 40 }
const hasty = { ...quick, silence: 150 }

function start(change: (daemon: Daemon) => void = () => {}, options = quick) {
  const daemon = new Daemon()
  const recorder = new Recorder()
  change(daemon)
  vi.stubGlobal('fetch', daemon.fetch)
  const link = new Link(feeds, recorder, options)
  running.push(link)
  link.start()
  return { daemon, recorder, link }
}

afterEach(() => {
  for (const link of running.splice(0)) link.stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('a true daemon', () => {
  it('is asked for its lists when what they wait for is there, and nothing is missed', async () => {
    let go = () => {}
    const before = vi.fn(() => new Promise<void>((resolve) => (go = resolve)))
    const { daemon, recorder } = start(() => {}, { ...quick, before })
    await comes(() => expect(before).toHaveBeenCalled())
    daemon.send('sites', { sites: [row('off')] })
    expect(recorder.log).not.toContain('loading')
    go()
    await recorder.until('live')
    // It may be read from the stream after the lists are there.
    await comes(() => expect(recorder.lists?.sites.inState).toEqual([0, 1, 0, 0]))
  })

  it('that was asked for its status before is not asked again, until the line breaks', async () => {
    const known = [Promise.resolve(statusOf(status))]
    const asked = vi.fn(() => Response.json(status))
    const { daemon, recorder } = start(
      (one) => (one.answers['/api/v1/status'] = asked),
      { ...quick, status: () => known.pop() }
    )
    await recorder.until('live')
    expect(recorder.log).toContain('status')
    expect(asked).not.toHaveBeenCalled()
    daemon.stream?.close()
    await comes(() => expect(asked).toHaveBeenCalled())
  })

  it('is loaded whole, then followed', async () => {
    const { daemon, recorder } = start()
    await recorder.until('live')
    expect(recorder.log.filter((text) => !text.startsWith('clock'))).toEqual([
      'connecting',
      'status',
      'loading',
      'complete s on, 1 open, 0 batches',
      'live'
    ])
    daemon.send('sites', { sites: [row('off')] })
    daemon.send('outage-changed', outage(9))
    daemon.send('batch', { area: 'a', batch: 3, state: 'final' })
    daemon.send('something-new', {})
    daemon.send('clock', { now: 1001 })
    await recorder.until('clock 1001')
    expect(recorder.log.slice(-4)).toEqual([
      'changed s off, 1 open, 0 batches',
      'changed s off, 0 open, 0 batches',
      'changed s off, 0 open, 1 batches',
      'clock 1001'
    ])
  })

  it('says where all sites are, over the date line too', () => {
    const extent = (bbox: unknown) => statusOf({ ...status, bbox }).extent
    expect(extent([84, 25, 86, 26])).toEqual({ west: 84, south: 25, east: 86, north: 26 })
    expect(extent([178, -18, -171, -13])).toEqual({ west: 178, south: -18, east: 189, north: -13 })
    expect([extent(null), extent(undefined)]).toEqual([undefined, undefined])
  })

  it('what is not known of a site is not a value of it', async () => {
    const { recorder } = start(
      (daemon) =>
        (daemon.answers[sitesPath] = () =>
          daemon.sites([row('on'), { ...row('off'), site: 't', place: 'Patna', since: 5 }]))
    )
    await recorder.until('live')
    const { sites } = recorder.lists!
    expect([sites.ids, sites.placeOf, [...sites.since.slice(0, 2)]]).toEqual([
      ['s', 't'],
      ['', 'Patna'],
      [0, 5]
    ])
  })

  it('what comes while it is loaded is applied after it', async () => {
    const { recorder } = start((daemon) => {
      const usual = daemon.answers[sitesPath]!
      daemon.answers[sitesPath] = async () => {
        daemon.send('sites', { sites: [row('off')] })
        await new Promise((resolve) => setTimeout(resolve, 20))
        return usual()
      }
    })
    await recorder.until('live')
    expect(recorder.log).toContain('complete s off, 1 open, 0 batches')
  })
})

describe('a line that breaks', () => {
  it('is begun anew, and everything is loaded anew', async () => {
    const { daemon, recorder } = start()
    await recorder.until('live')
    daemon.stream?.close()
    await recorder.until('stale ended')
    recorder.log.length = 0
    await recorder.until('live')
    expect(recorder.log).toContain('complete s on, 1 open, 0 batches')
    expect(daemon.opened).toBe(2)
  })

  it('without any event for too long is dead', async () => {
    const { recorder } = start(() => {}, hasty)
    await recorder.until('live')
    await recorder.until('stale silent')
  })

  it('a clock keeps it alive', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { daemon, recorder } = start(() => {}, hasty)
    while (!recorder.log.includes('live')) await vi.advanceTimersByTimeAsync(0)
    for (let i = 0; i < 5; i++) {
      await vi.advanceTimersByTimeAsync(100)
      daemon.send('clock', { now: 2000 + i })
    }
    await vi.advanceTimersByTimeAsync(100)
    expect(recorder.log.at(-1)).toBe('clock 2004')
    expect(recorder.log.join()).not.toContain('stale')
    await vi.advanceTimersByTimeAsync(100)
    expect(recorder.log).toContain('stale silent')
  })

  it('half a stream that says nothing more is given up', async () => {
    const { recorder } = start((daemon) => {
      daemon.clockAtOnce = false
    }, hasty)
    await recorder.until('stale silent')
    expect(recorder.log).not.toContain('live')
  })

  it('nobody there', async () => {
    const { recorder } = start((daemon) => (daemon.answers = {}))
    await recorder.until('stale unreachable')
  })

  it('is tried at once when the reader says so', async () => {
    const { daemon, recorder, link } = start(() => {}, { ...quick, firstWait: 10 * patience })
    await recorder.until('live')
    daemon.stream?.close()
    await recorder.until('stale')
    link.tryNow()
    await comes(() => expect(daemon.opened).toBe(2))
  })
})

describe('a daemon that is none, or another', () => {
  const html = () => new Response('<html></html>', { headers: { 'Content-Type': 'text/html' } })

  it.each(['/api/v1/events', '/api/v1/status', sitesPath])(
    'a web page at %s',
    async (address) => {
      const { recorder } = start((daemon) => (daemon.answers[address] = html))
      await recorder.until('incompatible html')
    }
  )

  it.each([
    ['no members', { version: '9' }],
    ['a list', []],
    ['a box that is none', { ...status, bbox: [1, 2, 3] }],
    ['a box upside down', { ...status, bbox: [1, 3, 2, 2] }],
    ['a speed that is none', { ...status, clock_speed: 'fast' }],
    ['a contract that is none', { ...status, chain: { chain_id: 1, contract: 'x' } }]
  ])('status: %s', async (_, answer) => {
    const { recorder } = start(
      (daemon) => (daemon.answers['/api/v1/status'] = () => Response.json(answer))
    )
    await recorder.until('incompatible version')
  })

  it.each([
    ['not JSON', '{"area":', 'stale malformed'],
    ['an unknown state', columns([row('fine')]), 'incompatible version'],
    ['a place that is none', columns([{ ...row('on'), lat: 1e12 }]), 'incompatible version'],
    ['shorter here than there', '{"area":["a","b"],"site":["s"]}', 'incompatible version'],
    ['no array', '{"area":"a"}', 'incompatible version'],
    ['a number', '5', 'incompatible version']
  ])('a site that is %s', async (_, line, said) => {
    const { recorder } = start(
      (daemon) => (daemon.answers[sitesPath] = () => daemon.ndjson(`${line}\n`))
    )
    await recorder.until(said)
  })

  it.each([
    ['sites', 'event: sites\ndata: {"sites":[{}]}\n\n'],
    ['no JSON', 'event: outage\ndata: nothing\n\n'],
    ['a clock without time', 'event: clock\ndata: {}\n\n'],
    ['no text', '\ufffd']
  ])('an event that cannot be read (%s)', async (name, text) => {
    const { daemon, recorder } = start()
    await recorder.until('live')
    if (name === 'no text') daemon.stream?.enqueue(new Uint8Array([0xff, 0xff]))
    else daemon.raw(text)
    await recorder.until('stale malformed')
  })

  it('a next page elsewhere is not followed', async () => {
    const { recorder } = start(
      (daemon) =>
        (daemon.answers['/api/v1/outages?open=true&limit=5000'] = () =>
          Response.json({ outages: [], next: 'https://elsewhere.example/' }))
    )
    await recorder.until('incompatible version')
  })

  it('a busy one is asked later', async () => {
    const { recorder } = start(
      (daemon) => (daemon.answers['/api/v1/events'] = () => new Response('', { status: 503 }))
    )
    await recorder.until('stale busy')
  })
})

describe('a list', () => {
  class Complaints implements List {
    readonly rows: unknown[] = []
    get size(): number {
      return this.rows.length
    }
    take(row: unknown): void {
      this.rows.push(row)
    }
  }
  const complaints: Feed<Complaints> = {
    pages: '/api/v1/complaints?open=true',
    events: { complaint: oneRow },
    maximum: 3,
    empty: () => new Complaints()
  }
  const more = { ...feeds, complaints }

  function follow(first: readonly unknown[]) {
    const daemon = new Daemon()
    daemon.answers['/api/v1/complaints?open=true'] = () =>
      Response.json({ complaints: first, next: null })
    vi.stubGlobal('fetch', daemon.fetch)
    const listener = {
      state: vi.fn(),
      heard: () => {},
      status: () => {},
      clock: () => {},
      loading: () => {},
      complete: vi.fn<(lists: ListsOf<typeof more>) => void>(),
      changed: vi.fn()
    }
    const link = new Link(more, listener, quick)
    running.push(link)
    link.start()
    return { daemon, listener }
  }

  it('more is a feed more, and nothing else', async () => {
    const { daemon, listener } = follow([1])
    await comes(() => expect(listener.complete).toHaveBeenCalled())
    daemon.send('complaint', 2)
    await comes(() => expect(listener.changed).toHaveBeenCalled())
    const [lists] = listener.complete.mock.calls[0]!
    expect(lists.complaints.rows).toEqual([1, 2])
    expect(lists.sites.size).toBe(1)
  })

  it.each([
    ['when it is loaded', [1, 2, 3, 4], []],
    ['by news', [1, 2, 3], [4]]
  ])('that grows too long %s is refused', async (_, first, news) => {
    const { daemon, listener } = follow(first)
    if (news.length > 0) await comes(() => expect(listener.complete).toHaveBeenCalled())
    for (const row of news) daemon.send('complaint', row)
    await comes(() => expect(listener.state).toHaveBeenCalledWith('stale', 'malformed'))
  })

  it('has events of its own', () => {
    const events = Object.values(feeds).flatMap((feed) => Object.keys(feed.events))
    expect(new Set(events).size).toBe(events.length)
  })

  it('is told from the rows of another', () => {
    const batches = feeds.batches.empty()
    expect(() => batches.take({ area: 'a' })).toThrow('a batch')
    expect(() => batches.take({ area: 7, batch: 1 })).toThrow('a batch')
    expect(() => feeds.outages.empty().take(row('on'))).toThrow('an outage')
    expect(() => feeds.sites.empty().take(outage(null))).toThrow('a site')
  })
})
