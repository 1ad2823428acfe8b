/* SPDX-License-Identifier: Apache-2.0 */
import { LinkError } from './lines'

/* What is common to the daemon's answers; anything that is not as it should be is refused. */

type Members = Readonly<Record<string, unknown>>

export function refuse(what: string): never {
  throw new LinkError('version', `${what} is not as expected`)
}

export function membersOf(value: unknown, what: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(what)
  return value as Members
}

export const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
export const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= 64
export const isArea = (value: unknown): value is string =>
  typeof value === 'string' && /^[a-z0-9][a-z0-9-]{0,30}$/.test(value)
const placeMax = 60 // bytes
/** A name of a place that can be shown, in one line: the twin of pt_place_name_is_good (). */
export const isPlace = (value: unknown): value is string =>
  typeof value === 'string' &&
  value !== '' &&
  !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(value) &&
  (value.length * 3 <= placeMax || new TextEncoder().encode(value).length <= placeMax)
export const isDegrees = (value: unknown, max: number): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && Math.abs(value) <= max * 1e7

export function listOf(value: unknown, member: string): readonly unknown[] {
  const list = membersOf(value, member)[member]
  return Array.isArray(list) ? list : refuse(member)
}
