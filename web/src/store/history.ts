/* SPDX-License-Identifier: Apache-2.0 */
import type { OutageRow } from '../net/feed-outages'

export type SpanState = 'on' | 'off' | 'unknown'

export interface Span {
  readonly from: number // ms
  readonly to: number
  readonly state: SpanState
}

export interface Day {
  readonly from: number
  readonly to: number // the next day's beginning
  readonly spans: readonly Span[]
}

export interface Known {
  readonly now: number
  readonly outages: readonly Pick<OutageRow, 'start' | 'end'>[]
  /** From here on something was heard; before it nothing is known. 0: all along. */
  readonly heardFrom: number
  /** Up to here something was heard: a silent site's last report. */
  readonly heardTo: number
}

export const dayCount = 7

/** Midnight where the reader is, @back days before the day of @at. */
export function midnight(at: number, back = 0): number {
  const date = new Date(at)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - back).getTime()
}

export const firstDay = (now: number) => midnight(now, dayCount - 1)

function merged(known: Known): { from: number; to: number }[] {
  const spans: { from: number; to: number }[] = []
  const all = known.outages
    .map(({ start, end }) => ({ from: start, to: Math.min(end ?? known.heardTo, known.now) }))
    .filter(({ from, to }) => to >= from)
    .sort((a, b) => a.from - b.from)
  for (const span of all) {
    const last = spans[spans.length - 1]
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to)
    else spans.push(span)
  }
  return spans
}

/** What is known from @from to @to, without holes; nothing is said of the time after now. */
function spansOf(known: Known, from: number, to: number): Span[] {
  const end = Math.min(to, known.now)
  const offs = merged(known)
  const edges = [
    from,
    end,
    known.heardFrom,
    known.heardTo,
    ...offs.flatMap((off) => [off.from, off.to])
  ]
  const cuts = [...new Set(edges.filter((at) => at >= from && at <= end))].sort((a, b) => a - b)
  const spans: Span[] = []
  for (let i = 0; i + 1 < cuts.length; i++) {
    const begin = cuts[i]!
    const until = cuts[i + 1]!
    const state = offs.some((off) => off.from <= begin && off.to >= until)
      ? 'off'
      : begin >= known.heardFrom && until <= known.heardTo
        ? 'on'
        : 'unknown'
    const last = spans[spans.length - 1]
    if (last?.state === state) spans[spans.length - 1] = { ...last, to: until }
    else spans.push({ from: begin, to: until, state })
  }
  return spans
}

/** The last seven days of the reader's calendar, the oldest first. */
export function historyOf(known: Known): Day[] {
  const days: Day[] = []
  for (let back = dayCount - 1; back >= 0; back--) {
    const from = midnight(known.now, back)
    const to = midnight(known.now, back - 1)
    days.push({ from, to, spans: spansOf(known, from, to) })
  }
  return days
}

export function timeIn(days: readonly Day[], state: SpanState): number {
  return days
    .flatMap((day) => day.spans)
    .filter((span) => span.state === state)
    .reduce((sum, span) => sum + span.to - span.from, 0)
}

/** Outages that reach into these days. */
export function outagesIn(known: Known, days: readonly Day[]): number {
  const from = days[0]?.from ?? 0
  return merged(known).filter((off) => off.to > from).length
}
