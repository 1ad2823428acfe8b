/* SPDX-License-Identifier: Apache-2.0 */
import { FormatError, malformed } from '../core/bytes'
import { utf8Decode, utf8Encode } from '../core/encoding'
import { isAreaId, isId } from '../core/entry-table'
import { type JsonObject, type JsonValue, parseCanonical, stringAt, writeCanonical } from '../core/json'
import { receiptMax } from '../core/receipt'
import { canSign, keysOf, privateText } from './keys'
import type { Kept } from './keep'

/* The file that the reader keeps: docs/PROTOCOL.md section 12. Whoever holds it can act in the
 * complaint, and can show what was promised. */

const format = 'powertrack-kept-1'
export const keptFileMax = 4 * 1024 * 1024 // bytes

export function keptFileName(complaint: string): string {
  return `complaint-${complaint.replace(/[^A-Za-z0-9._-]/g, '-')}.powertrack-receipt.json`
}

export async function writeKept(kept: Kept, url: string) {
  const { area, complaint, entries, keys, privates, receipts } = kept
  const key = keys && { private: await privateText(keys), public: keys.public }
  return utf8Encode(
    writeCanonical({ area, complaint, entries, format, ...(key ? { key } : {}), privates, receipts, url })
  )
}

/** Whether these bytes may be a single receipt, without its complaint. */
export function looksAlone(bytes: Uint8Array): boolean {
  return bytes.length <= receiptMax && /"format"\s*:\s*"powertrack-receipt-1"/.test(new TextDecoder().decode(bytes))
}

function textsAt(object: JsonObject, name: string): string[] {
  const rows = object.get(name)
  if (!Array.isArray(rows) || !rows.every((row: JsonValue) => typeof row === 'string'))
    throw malformed(`${name} are no texts`)
  return rows as string[]
}

/** Throws FormatError. */
export async function readKept(bytes: Uint8Array, now: number): Promise<Kept> {
  if (bytes.length > keptFileMax) throw new FormatError('too-large', 'longer than any such file')
  const object = parseCanonical(utf8Decode(bytes).replace(/\n$/, ''))
  const [area, complaint] = [stringAt(object, 'area'), stringAt(object, 'complaint')]
  if (stringAt(object, 'format') !== format || !isAreaId(area) || !isId(complaint))
    throw malformed('no receipt of a complaint')
  const halves = object.get('key')
  const there = halves instanceof Map && canSign()
  const keys = there
    ? await keysOf(stringAt(halves as JsonObject, 'private'), stringAt(halves as JsonObject, 'public'))
    : undefined
  if (there && !keys) throw malformed('no key')
  return {
    id: `${area}/${complaint}`,
    area,
    complaint,
    ...(keys ? { keys } : {}),
    entries: textsAt(object, 'entries'),
    receipts: textsAt(object, 'receipts'),
    privates: textsAt(object, 'privates'),
    at: now,
    saved: true,
    seen: 0
  }
}
