/* SPDX-License-Identifier: Apache-2.0 */
import { FormatError, malformed } from './bytes'

/* Canonical JSON, docs/PROTOCOL.md section 1: RFC 8785 narrowed to objects, arrays, strings and
 * integers below 2^53. A text is accepted if what it says, written canonically, is the text again:
 * so nothing is repaired, and duplicate keys, other escapes, orders and numbers are refused. */

export type JsonValue = string | number | readonly JsonValue[] | JsonObject
export type JsonObject = ReadonlyMap<string, JsonValue>

const depthMax = 8

function refuseValue(): FormatError {
  return new FormatError('not-canonical', 'a value that canonical JSON of signed material has not')
}

/* RFC 8785 section 3.2.2.2 is what JSON.stringify writes, except that it lets half a pair pass. */
function writeString(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw refuseValue()
  return JSON.stringify(text)
}

function writeObject(value: object, depth: number): string {
  const members = Object.entries(value as Record<string, unknown>)
  members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${members.map(([key, member]) => `${writeString(key)}:${writeRaw(member, depth - 1)}`).join(',')}}`
}

function writeRaw(value: unknown, depth: number): string {
  if (typeof value === 'string') return writeString(value)
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  if (typeof value !== 'object' || value === null || depth === 0) throw refuseValue()
  if (Array.isArray(value))
    return `[${value.map((item: unknown) => writeRaw(item, depth - 1)).join(',')}]`
  return writeObject(value, depth)
}

function toValue(value: unknown): JsonValue {
  if (typeof value === 'string' || typeof value === 'number') return value
  if (Array.isArray(value)) return value.map(toValue)
  return new Map(
    Object.entries(value as Record<string, unknown>).map(([key, member]) => [key, toValue(member)])
  )
}

/** Reads one object; throws FormatError 'malformed' (no JSON) or 'not-canonical'. */
export function parseCanonical(text: string): JsonObject {
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    throw malformed('not JSON')
  }
  if (writeRaw(raw, depthMax) !== text)
    throw new FormatError('not-canonical', 'not in the canonical form')
  const value = toValue(raw)
  if (!(value instanceof Map)) throw malformed('not an object')
  return value
}

/** The canonical form of a value that has one; FormatError 'not-canonical' where it has none. */
export function writeCanonical(value: object): string {
  return writeRaw(value, depthMax)
}

/** Writes a flat object's members, which must be in order already. */
export function writeMembers(members: Iterable<readonly [string, string | number]>): string {
  return `{${Array.from(members, ([key, value]) => `${writeString(key)}:${writeRaw(value, 1)}`).join(',')}}`
}

/** Whether the object has just these keys. */
export function hasKeys(object: JsonObject, keys: readonly string[]): boolean {
  return object.size === keys.length && keys.every((key) => object.has(key))
}

/* What a member must be; all throw 'malformed'. */

export function stringAt(object: JsonObject, key: string): string {
  const value = object.get(key)
  if (typeof value !== 'string') throw malformed(`${key} is not a string`)
  return value
}

export function integerAt(
  object: JsonObject,
  key: string,
  min: number,
  max = Number.MAX_SAFE_INTEGER
): number {
  const value = object.get(key)
  if (typeof value !== 'number' || value < min || value > max)
    throw malformed(`${key} is no integer in range`)
  return value
}
