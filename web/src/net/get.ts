/* SPDX-License-Identifier: Apache-2.0 */
import { LinkError } from './lines'

const timeout = 20_000 // ms to the head of an answer

/** An answer of the media type @type; anything else is a LinkError with its reason. */
export async function request(
  address: string,
  type: string,
  signal: AbortSignal
): Promise<Response> {
  const waiting = new AbortController()
  const timer = setTimeout(() => waiting.abort(), timeout)
  const stop = () => waiting.abort()
  signal.addEventListener('abort', stop)
  try {
    const answer = await fetch(address, {
      headers: { Accept: type },
      cache: 'no-store',
      credentials: 'omit',
      signal: waiting.signal
    })
    return judge(answer, type)
  } catch (error) {
    if (error instanceof LinkError) throw error
    throw new LinkError('unreachable', String(error))
  } finally {
    clearTimeout(timer)
    // The body is the caller's: it is stopped with the caller's signal.
    if (signal.aborted) waiting.abort()
  }
}

function judge(answer: Response, type: string): Response {
  const got = answer.headers.get('Content-Type') ?? ''
  if (answer.status === 503) throw new LinkError('busy', 'status 503')
  if (answer.status === 404 || answer.status === 400 || answer.status === 405)
    throw new LinkError('version', `status ${answer.status}`)
  if (!answer.ok) throw new LinkError('unreachable', `status ${answer.status}`)
  if (/^text\/html\b/i.test(got)) throw new LinkError('html', got)
  if (!got.toLowerCase().startsWith(type)) throw new LinkError('version', `content type ${got}`)
  return answer
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new LinkError('malformed', 'not JSON')
  }
}

export async function getJson(
  address: string,
  signal: AbortSignal,
  type = 'application/json'
): Promise<unknown> {
  const answer = await request(address, type, signal)
  let text: string
  try {
    text = await answer.text()
  } catch (error) {
    throw new LinkError('ended', String(error))
  }
  return parseJson(text)
}
