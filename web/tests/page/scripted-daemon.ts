/* SPDX-License-Identifier: Apache-2.0 */

export const status = { now: 1000, clock_speed: 1, sites: 1, chain: null }
export const row = (state: string) => ({
  area: 'a',
  customers: 1,
  lat: 1,
  level: 'house',
  lon: 2,
  site: 's',
  state
})
export const outage = (end: number | null) => ({
  area: 'a',
  device: 'd',
  site: 's',
  start_seq: 5,
  start: 5,
  end_seq: end,
  end,
  ended_by: end === null ? null : 'report',
  customers: 1
})

export const sitesPath = '/api/v1/sites?format=columns'

/** A line of columns. */
export function columns(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const names = [...new Set(rows.flatMap((one) => Object.keys(one)))]
  const members = names.map((name) => [name, rows.map((one) => one[name] ?? null)])
  return `${JSON.stringify(Object.fromEntries(members))}\n`
}

/** A daemon whose every answer can be another. */
export class Daemon {
  stream: ReadableStreamDefaultController<Uint8Array> | undefined
  opened = 0
  clockAtOnce = true
  clockTime = 1000
  answers: Record<string, () => Response | Promise<Response>> = {
    '/api/v1/events': () => this.events(),
    '/api/v1/status': () => Response.json(status),
    [sitesPath]: () => this.sites([row('on')]),
    '/api/v1/outages?open=true&limit=5000': () =>
      Response.json({ outages: [outage(null)], next: '/api/v1/outages?cursor=1' }),
    '/api/v1/outages?cursor=1': () => Response.json({ outages: [], next: null })
  }

  sites(rows: Parameters<typeof columns>[0]): Response {
    return this.ndjson(columns(rows))
  }

  ndjson(text: string): Response {
    return new Response(text, { headers: { 'Content-Type': 'application/x-ndjson' } })
  }

  send(name: string, data: unknown): void {
    this.raw(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  raw(text: string): void {
    this.stream?.enqueue(new TextEncoder().encode(text))
  }

  private events(): Response {
    this.opened++
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.stream = controller)
    })
    if (this.clockAtOnce) this.send('clock', { now: this.clockTime })
    return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } })
  }

  fetch = async (address: string): Promise<Response> => {
    const answer = this.answers[address]
    if (!answer) throw new TypeError(`nobody at ${address}`)
    return answer()
  }
}
