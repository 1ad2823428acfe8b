/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, it } from 'vitest'
import { EventParser } from '../../src/net/events'
import { LineCutter, LinkError, readLines } from '../../src/net/lines'

const bytes = (text: string) => new TextEncoder().encode(text)

function bodyOf(...pieces: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece)
      controller.close()
    }
  })
}

async function linesOf(...pieces: Uint8Array[]): Promise<string[]> {
  const lines: string[] = []
  await readLines(bodyOf(...pieces), 1000, (line) => lines.push(line))
  return lines
}

describe('lines', () => {
  it('are whole wherever the pieces are cut', async () => {
    const all = bytes('{"a":"बिजली"}\n{"b":2}\n\n{"c":3}')
    for (let cut = 0; cut <= all.length; cut++)
      expect(await linesOf(all.slice(0, cut), all.slice(cut))).toEqual([
        '{"a":"बिजली"}',
        '{"b":2}',
        '',
        '{"c":3}'
      ])
  })

  it('of bytes that are no text are refused', async () => {
    await expect(linesOf(new Uint8Array([0x7b, 0xff, 0x0a]))).rejects.toThrow(LinkError)
  })

  it('that never end are refused', () => {
    const cutter = new LineCutter(10)
    expect(() => cutter.push('x'.repeat(11))).toThrow(LinkError)
  })

  it('let others have their turn', async () => {
    let turns = 0
    let going = true
    const tick = () => {
      turns++
      if (going) setTimeout(tick, 0)
    }
    setTimeout(tick, 0)
    const busy = bytes('x\n'.repeat(60))
    await readLines(bodyOf(busy), 100, () => {
      const end = performance.now() + 2
      while (performance.now() < end);
    })
    going = false
    expect(turns).toBeGreaterThan(5)
  })
})

describe('events', () => {
  const stream =
    'retry: 1000\n: welcome\n\nid: 1\nevent: clock\ndata: {"now":5}\n\nevent: sites\ndata: a\ndata: b\n\n'
  const expected = [
    { name: 'clock', data: '{"now":5}' },
    { name: 'sites', data: 'a\nb' }
  ]

  it.each(['\n', '\r\n', '\r'])('are whole wherever they are cut (%j)', (end) => {
    const text = stream.replaceAll('\n', end)
    for (let cut = 0; cut <= text.length; cut++) {
      const parser = new EventParser()
      expect([...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))]).toEqual(
        expected
      )
    }
  })

  it('half of one is none', () => {
    const parser = new EventParser()
    expect(parser.push('event: sites\ndata: {"si')).toEqual([])
    expect(parser.push('tes":[]}\n')).toEqual([])
    expect(parser.push('\n')).toEqual([{ name: 'sites', data: '{"sites":[]}' }])
  })

  it('a name without data is forgotten', () => {
    const parser = new EventParser()
    expect(parser.push('event: sites\n\ndata: x\n\n')).toEqual([{ name: 'message', data: 'x' }])
  })
})
