/* SPDX-License-Identifier: Apache-2.0 */
import { LineCutter, LinkError } from './lines'

export interface StreamEvent {
  readonly name: string
  readonly data: string
}

const eventMax = 64 * 1024 * 1024 // characters: 100,000 sites that change at once are 20 MB

/** Server-sent events from text in pieces (WHATWG HTML 9.2.6); `id` and `retry` are not needed. */
export class EventParser {
  private readonly cutter = new LineCutter(eventMax)
  private name = ''
  private data: string[] = []
  private size = 0

  /** The events that @piece completes; half of one waits for its rest. */
  push(piece: string): StreamEvent[] {
    const events: StreamEvent[] = []
    for (const line of this.cutter.push(piece)) {
      if (line !== '') this.field(line)
      else if (this.data.length > 0) events.push(this.take())
      else this.name = ''
    }
    return events
  }

  private take(): StreamEvent {
    const event = { name: this.name === '' ? 'message' : this.name, data: this.data.join('\n') }
    this.name = ''
    this.data = []
    this.size = 0
    return event
  }

  private field(line: string): void {
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') this.name = value
    if (field !== 'data') return
    this.size += value.length
    if (this.size > eventMax) throw new LinkError('malformed', 'an event is too long')
    this.data.push(value)
  }
}
