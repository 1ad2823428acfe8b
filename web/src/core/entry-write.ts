/* SPDX-License-Identifier: Apache-2.0 */
import { utf8Encode } from './encoding'
import { writeCanonical } from './json'

/* Writing what is signed: docs/PROTOCOL.md sections 2 and 10. */

export type Members = Readonly<Record<string, string | number>>

/** What the signature of an entry with these members is made over. */
export function bytesToSign(members: Members & { readonly kind: string }) {
  return utf8Encode(`powertrack ${members.kind} v1\n${writeCanonical(members)}`)
}

/** The entry as it is handed in: signed, not received yet. */
export function writeSigned(members: Members, sig: string): string {
  return writeCanonical({ ...members, sig })
}

/** Text that has a form in UTF-8: half a pair is none. */
const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\ufffd')

export interface PrivatePart {
  readonly contact: string
  readonly photos: readonly string[] // hex SHA-256 of the bytes as they are sent
  readonly salt: string // 32 hex digits
  readonly text: string
}

/** The private part, whose hash the entry holds. */
export function writePrivate({ contact, photos, salt, text }: PrivatePart): string {
  return writeCanonical({ contact: wellFormed(contact), photos, salt, text: wellFormed(text) })
}
