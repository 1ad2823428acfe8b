/* SPDX-License-Identifier: Apache-2.0 */
import { isCount, isText, membersOf, refuse } from './rows'

export interface ReportRow {
  readonly device: string
  readonly seq: number
  readonly ts: number
  readonly received: number
  /** The time it counts with: its ts, unless its clock went back. */
  readonly time: number
  readonly power: 'ON' | 'OFF'
  readonly batch: number | null
  readonly state: 'open' | 'sealed' | 'published' | 'submitted' | 'final'
  readonly waits_for: string | null
}

export function reportRow(value: unknown): ReportRow {
  const row = membersOf(value, 'a report')
  const good =
    isText(row['device']) &&
    isCount(row['seq']) &&
    isCount(row['ts']) &&
    isCount(row['received']) &&
    isCount(row['time']) &&
    (row['power'] === 'ON' || row['power'] === 'OFF') &&
    (row['batch'] === null || isCount(row['batch'])) &&
    (row['waits_for'] === null || typeof row['waits_for'] === 'string') &&
    ['open', 'sealed', 'published', 'submitted', 'final'].includes(String(row['state']))
  return good ? (value as ReportRow) : refuse('a report')
}
