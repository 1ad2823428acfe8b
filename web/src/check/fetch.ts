/* SPDX-License-Identifier: Apache-2.0 */
import { type Bytes, concat } from '../core/bytes'
import type { Fetch, FetchReason } from './types'

/* Getting bytes in bounded time and size. */

export class FetchError extends Error {
  constructor(
    readonly reason: FetchReason,
    detail: string,
    readonly status?: number
  ) {
    super(detail)
  }
}

export interface GetOptions {
  readonly max: number // bytes
  /** ms without any news after which it is given up. */
  readonly timeout: number
  readonly signal: AbortSignal | undefined
  readonly told?: (done: number, total: number) => void
  readonly method?: 'GET' | 'POST'
  readonly body?: string
  readonly headers?: Record<string, string>
}

/** An abort signal that also ends when nobody says touch () for @timeout ms. */
class Patience {
  private readonly controller = new AbortController()
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly give = () => this.controller.abort()
  slow = false

  constructor(
    private readonly timeout: number,
    private readonly outer: AbortSignal | undefined
  ) {
    outer?.addEventListener('abort', this.give)
    if (outer?.aborted) this.give()
    this.touch()
  }

  get signal(): AbortSignal {
    return this.controller.signal
  }

  touch(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.slow = true
      this.give()
    }, this.timeout)
  }

  end(): void {
    clearTimeout(this.timer)
    this.outer?.removeEventListener('abort', this.give)
  }

  /** Rejects when it is over, for work that does not heed the signal. */
  readonly over = new Promise<never>((_, reject) => {
    this.signal.addEventListener('abort', () => reject(new Error('given up')))
  })

  reason(): FetchReason {
    return this.outer?.aborted ? 'aborted' : this.slow ? 'slow' : 'unreachable'
  }
}

async function readBody(
  response: Response,
  options: GetOptions,
  patience: Patience
): Promise<Bytes> {
  const encoded = response.headers.has('content-encoding')
  const total = encoded ? 0 : Number(response.headers.get('content-length') ?? 0) || 0
  if (total > options.max) throw new FetchError('too-large', `${total} bytes`)
  const parts: Uint8Array[] = []
  let done = 0
  const reader = response.body?.getReader()
  while (reader) {
    const { value, done: ended } = await Promise.race([reader.read(), patience.over])
    if (ended) break
    patience.touch()
    parts.push(value)
    done += value.length
    options.told?.(done, total)
    if (done > options.max) {
      void reader.cancel().catch(() => {})
      throw new FetchError('too-large', `more than ${options.max} bytes`)
    }
  }
  return concat(...parts)
}

export interface Got {
  readonly status: number
  readonly body: Bytes
}

/** The whole answer, of whatever status; throws FetchError 'unreachable', 'slow', 'too-large' or
 * 'aborted'. */
export async function get(fetch: Fetch, url: string, options: GetOptions): Promise<Got> {
  if (options.signal?.aborted) throw new FetchError('aborted', 'stopped')
  const patience = new Patience(options.timeout, options.signal)
  patience.over.catch(() => {})
  try {
    const { method = 'GET', headers = {}, body } = options
    const asked = fetch(url, {
      method,
      headers,
      signal: patience.signal,
      // What is served now, not what was served once.
      cache: 'no-store',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      ...(body === undefined ? {} : { body })
    })
    const response = await Promise.race([asked, patience.over])
    patience.touch()
    return { status: response.status, body: await readBody(response, options, patience) }
  } catch (error) {
    if (error instanceof FetchError) throw error
    throw new FetchError(patience.reason(), error instanceof Error ? error.message : String(error))
  } finally {
    patience.end()
  }
}

/* The daemon's problems, RFC 9457. */
function reasonOf(status: number, body: Bytes): FetchReason {
  let type = ''
  try {
    const problem: unknown = JSON.parse(new TextDecoder().decode(body))
    if (typeof problem === 'object' && problem !== null && 'type' in problem)
      type = String(problem.type)
  } catch {
    // no problem document: the status has to do
  }
  if (status === 404) return 'not-found'
  if (status === 409 && type.endsWith('not-anchored')) return 'not-anchored'
  return status === 409 && type.endsWith('conflict') ? 'conflict' : 'server-error'
}

/** Like get (), but any status other than 200 is a FetchError too. */
export async function getGood(fetch: Fetch, url: string, options: GetOptions): Promise<Bytes> {
  const { status, body } = await get(fetch, url, options)
  if (status !== 200) throw new FetchError(reasonOf(status, body), `HTTP status ${status}`, status)
  return body
}
