/* SPDX-License-Identifier: Apache-2.0 */
import type { ReasonCode, Verdict } from '../check/types'
import type { ComplaintWords } from './words-en'

/* The questions that are asked of a complaint, in the order they are shown. */

export const complaintSteps = [
  'chain',
  'own',
  'signatures',
  'roles',
  'places',
  'roots',
  'receipt'
] as const
export type ComplaintStep = (typeof complaintSteps)[number]

export type ComplaintReason = keyof ComplaintWords['check']['reasons']
export type ReceiptState = keyof ComplaintWords['check']['receipts']

export interface Answered {
  readonly name: ComplaintStep
  readonly verdict: Verdict
  readonly reason?: ComplaintReason
  /** What the check of the chain said. */
  readonly chainReason?: ReasonCode
  readonly receipt?: { readonly state: ReceiptState; readonly by: number; readonly at: number }
  /** For the sentences: n, batch, rule. */
  readonly values: Readonly<Record<string, string | number>>
  /** For whoever looks underneath: stable English words. */
  readonly raw: readonly (readonly [string, string])[]
}

export interface ComplaintChecked {
  readonly verdict: Verdict
  readonly steps: readonly Answered[]
  /** What was found of each of the complaint's steps by its number. */
  readonly signed: ReadonlyMap<number, Verdict>
}
