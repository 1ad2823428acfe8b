/* SPDX-License-Identifier: Apache-2.0 */

/** Something came that is not what was asked for; `reason` is a word of the banner's. */
export class LinkError extends Error {
  constructor(
    readonly reason: LinkReason,
    detail: string
  ) {
    super(detail)
  }
}

export type LinkReason =
  'unreachable' | 'silent' | 'ended' | 'malformed' | 'busy' | 'html' | 'version'

/** Cuts text that comes in pieces into lines; CRLF, LF and CR each end one. */
export class LineCutter {
  private rest = ''
  private afterReturn = false

  constructor(private readonly max: number) {}

  /** The lines that @piece completes. */
  push(piece: string): string[] {
    const text = this.rest + (this.afterReturn && piece.startsWith('\n') ? piece.slice(1) : piece)
    if (piece === '') return []
    // A return at the end is one already; a newline that follows it belongs to it.
    this.afterReturn = text.endsWith('\r')
    const whole = this.afterReturn ? text.slice(0, -1) : text
    const lines = whole.includes('\r') ? whole.split(/\r\n|\r|\n/) : whole.split('\n')
    this.rest = this.afterReturn ? '' : (lines.pop() ?? '')
    if (this.rest.length > this.max) throw new LinkError('malformed', 'a line is too long')
    return lines
  }

  /** What came after the last end of a line. */
  end(): string {
    const rest = this.rest
    this.rest = ''
    return rest
  }
}

/** Lets the browser paint and listen; sooner than a timer does. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const channel = new MessageChannel()
    channel.port1.onmessage = () => {
      channel.port1.close()
      resolve()
    }
    channel.port2.postMessage(0)
  })
}

const stretch = 8 // ms

/** To be awaited between pieces of work: lets others have their turn after each 8 ms. */
export function makeTurn(): () => Promise<void> | undefined {
  let began = performance.now()
  return () => {
    if (performance.now() - began < stretch) return undefined
    return breathe().then(() => void (began = performance.now()))
  }
}

/** Calls @use for each line of a body, never for longer than 8 ms at a stretch. */
export async function readLines(
  body: ReadableStream<Uint8Array>,
  lineMax: number,
  use: (line: string) => void
): Promise<void> {
  const cutter = new LineCutter(lineMax)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const reader = body.getReader()
  const turn = makeTurn()
  const take = async (lines: readonly string[]) => {
    for (const line of lines) {
      use(line)
      const wait = turn()
      if (wait) await wait
    }
  }
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      await take(cutter.push(decode(decoder, value)))
    }
    const last = cutter.end()
    if (last !== '') await take([last])
  } finally {
    reader.cancel().catch(() => {})
  }
}

export function decode(decoder: TextDecoder, bytes: Uint8Array | undefined): string {
  try {
    return decoder.decode(bytes, { stream: bytes !== undefined })
  } catch {
    throw new LinkError('malformed', 'not UTF-8')
  }
}
