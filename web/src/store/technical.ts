/* SPDX-License-Identifier: Apache-2.0 */
import type { Step, ValueName } from '../check/types'
import { fill, formats, words } from '../i18n'

/* The line beneath each step, for those who know the words; the raw values are one tap further. */

const times: readonly ValueName[] = ['received', 'ts', 'from', 'to', 'anchoredAt']
const counts: readonly ValueName[] = ['index', 'size', 'prevSize', 'bytes', 'block', 'entries']
const long = 20 // characters

const shorten = (text: string) =>
  text.length > long ? `${text.slice(0, 10)}…${text.slice(-6)}` : text

function shortText(name: string, value: string, now: number): string {
  const known = name as ValueName
  if (known === 'path') return formats.value.number(value === '' ? 0 : value.split(' ').length)
  if (times.includes(known)) return formats.value.time(Number(value), now)
  if (counts.includes(known)) return formats.value.number(Number(value))
  return shorten(value)
}

/** @now: ms as the daemon has it. Empty where a value that it needs is not there. */
export function technicalLine(step: Step, now: number): string {
  if (step.verdict !== 'holds') return ''
  const line = words.value.check.technical[step.name]
  const values = Object.fromEntries(
    Object.entries(step.values).map(([name, value]) => [name, shortText(name, value, now)])
  )
  const { batchForm, officialLine } = words.value.check
  const others = { form: batchForm, registration: officialLine }
  const lines = [line, others[step.name as keyof typeof others] ?? '']
  return lines.map((one) => fill(one, values)).find((text) => !/\{\w+\}/.test(text)) ?? ''
}

/** Why a step does not hold, or was not asked. */
export function reasonText({ reasonCode, values }: Step): string {
  if (reasonCode === '') return ''
  const { reasons, rules, ruleAt } = words.value.check
  const { detail = '', where } = values
  if (reasonCode !== 'entry-not-counting' || !Object.hasOwn(rules, detail))
    return reasons[reasonCode]
  const rule = rules[detail as keyof typeof rules]
  if (where === undefined) return rule
  return fill(ruleAt, { line: formats.value.number(Number(where)), rule })
}

/** A raw value; a time is said in UTC too, as that is what was signed. */
export function valueText(name: ValueName, value: string): string {
  if (!times.includes(name)) return value
  const at = new Date(Number(value))
  return Number.isNaN(at.getTime()) ? value : `${value} (${at.toISOString()})`
}
