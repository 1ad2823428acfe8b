/* SPDX-License-Identifier: Apache-2.0 */
import { FormatError, malformed } from './bytes'
import { utf8Encode } from './encoding'
import { isId } from './entry-table'
import {
  hasKeys,
  integerAt,
  type JsonObject,
  type JsonValue,
  parseCanonical,
  stringAt
} from './json'

/* The profile of an area: docs/PROTOCOL.md section 11, the twin of core/pt-profile.h. */

export interface Category {
  readonly id: string
  readonly hasEvidence: boolean // the devices tell whether it was resolved
  readonly acknowledgeMin: number
  readonly resolveMin: number
  readonly titles: ReadonlyMap<string, string> // by language tag
}

/** What each customer of the site is owed. */
export interface Compensation {
  readonly category: string
  readonly currency: string // ISO 4217
  readonly afterMin: number
  readonly eachMin: number
  readonly minor: number // of its smallest unit, for every eachMin that began
  readonly times: number // at most; 0: without end
}

export interface Profile {
  readonly announceMin: number
  readonly categories: readonly Category[]
  readonly compensation: readonly Compensation[]
  readonly heldMin: number
  readonly reopenDays: number
  readonly sustainedMs: number
  readonly utcOffsetMin: number
  readonly beta: boolean // major event days by IEEE 1366's beta method
  readonly twoPerson: readonly string[] // reject, revoke
}

const documentMax = 32768 // bytes
const dayMin = 1440

const keys = [
  ...['announce_min', 'categories', 'compensation', 'format', 'held_min', 'major_event_days'],
  ...['reopen_days', 'sustained_ms', 'two_person', 'utc_offset_min']
]

function objectOf(value: JsonValue, wanted: readonly string[]): JsonObject {
  if (!(value instanceof Map) || !hasKeys(value, wanted)) throw malformed('not its keys')
  return value
}

function rowsAt(object: JsonObject, key: string): readonly JsonValue[] {
  const value = object.get(key)
  if (!Array.isArray(value)) throw malformed(`${key} is no list`)
  return value as readonly JsonValue[]
}

function eitherAt(object: JsonObject, key: string, yes: string, no: string): boolean {
  const word = stringAt(object, key)
  if (word !== yes && word !== no) throw malformed(`${key} is neither ${yes} nor ${no}`)
  return word === yes
}

function readTitles(value: JsonValue | undefined): ReadonlyMap<string, string> {
  if (!(value instanceof Map) || !value.has('en')) throw malformed('no title in English')
  for (const [tag, title] of value)
    if (!/^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$/.test(tag) || typeof title !== 'string' || title === '')
      throw malformed('no title under a language')
  return value as ReadonlyMap<string, string>
}

function readCategory(value: JsonValue): Category {
  const object = objectOf(value, ['acknowledge_min', 'evidence', 'id', 'resolve_min', 'title'])
  const id = stringAt(object, 'id')
  if (!isId(id)) throw malformed('a category that is no identifier')
  return {
    id,
    hasEvidence: eitherAt(object, 'evidence', 'power', 'none'),
    acknowledgeMin: integerAt(object, 'acknowledge_min', 0),
    resolveMin: integerAt(object, 'resolve_min', 0),
    titles: readTitles(object.get('title'))
  }
}

function readCompensation(value: JsonValue): Compensation {
  const object = objectOf(value, [
    ...['after_min', 'category', 'currency', 'each_min', 'minor', 'times']
  ])
  const currency = stringAt(object, 'currency')
  if (!/^[A-Z]{3}$/.test(currency)) throw malformed('no currency of three capitals')
  return {
    category: stringAt(object, 'category'),
    currency,
    afterMin: integerAt(object, 'after_min', 0),
    eachMin: integerAt(object, 'each_min', 1),
    minor: integerAt(object, 'minor', 0),
    times: integerAt(object, 'times', 0)
  }
}

/* What two persons are needed for, each once and in this order. */
function readTwoPerson(rows: readonly JsonValue[]): string[] {
  const acts = ['reject', 'revoke'].filter((act) => rows.includes(act))
  if (acts.length !== rows.length || acts.some((act, i) => rows[i] !== act))
    throw malformed('two_person names something else')
  return acts
}

/** Reads a profile's document; throws FormatError. */
export function parseProfile(document: string): Profile {
  if (utf8Encode(document).length > documentMax)
    throw new FormatError('too-large', 'a profile over 32 KiB')
  const object = objectOf(parseCanonical(document), keys)
  const categories = rowsAt(object, 'categories').map(readCategory)
  const ids = new Set(categories.map(({ id }) => id))
  const compensation = rowsAt(object, 'compensation').map(readCompensation)
  if (categories.length === 0 || ids.size !== categories.length)
    throw malformed('no category, or one twice')
  if (!compensation.every(({ category }) => ids.has(category)))
    throw malformed('compensation for a category that is not there')
  if (stringAt(object, 'format') !== 'powertrack-profile-1') throw malformed('another format')
  return {
    announceMin: integerAt(object, 'announce_min', 0),
    categories,
    compensation,
    heldMin: integerAt(object, 'held_min', 0),
    reopenDays: integerAt(object, 'reopen_days', 0),
    sustainedMs: integerAt(object, 'sustained_ms', 0),
    utcOffsetMin: integerAt(object, 'utc_offset_min', -dayMin, dayMin),
    beta: eitherAt(object, 'major_event_days', 'ieee-1366-beta', 'none'),
    twoPerson: readTwoPerson(rowsAt(object, 'two_person'))
  }
}
