/* SPDX-License-Identifier: Apache-2.0 */
import { fill, formats, words } from '../i18n'
import type { Answered } from './check-types'
import { say } from './words'

/* The words of what was found. */

export function sentenceOf({ name, receipt, verdict }: Answered): string {
  const { steps } = say.value.check
  if (receipt?.state === 'late') return steps.late
  return receipt?.state === 'none' ? steps.none : steps[name][verdict]
}

/** Why it is so; '' where there is nothing to say. @now: ms. */
export function whyOf(answered: Answered | undefined, now: number): string {
  if (!answered) return ''
  const { chainReason, reason, receipt, values } = answered
  const { check } = say.value
  const time = (at: number) => formats.value.time(at, now)
  const parts: string[] = []
  if (receipt) parts.push(fill(check.receipts[receipt.state], { by: time(receipt.by), at: time(receipt.at) }))
  if (reason === 'waiting') parts.push(formats.value.plural(check.reasons.waiting, Number(values['waiting'])))
  else if (reason) parts.push(fill(check.reasons[reason], values))
  if (chainReason) parts.push(words.value.check.reasons[chainReason])
  return parts.join(' ')
}
