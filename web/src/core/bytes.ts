/* SPDX-License-Identifier: Apache-2.0 */

/** Bytes that own (or share) a plain buffer: what WebCrypto takes. */
export type Bytes = Uint8Array<ArrayBuffer>

/** Input that is not what a format says. `detail` is for developers; people get reason codes. @rule:
 * the slug of the rule that an entry in its one form breaks. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
  constructor(
    readonly code: FormatCode,
    detail: string,
    readonly rule?: string
  ) {
    super(detail)
  }
}

/** As the slugs of PtResult in core/pt-base.h. */
export type FormatCode =
  | 'malformed'
  | 'not-canonical'
  | 'too-precise'
  | 'too-large'
  | 'bad-proof'
  | 'bad-window'
  | 'bad-roster'
  | 'bad-cid'

export function malformed(detail: string): FormatError {
  return new FormatError('malformed', detail)
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

/** The same bytes with a buffer that WebCrypto takes; copies only a shared one. */
export function plain(data: Uint8Array): Bytes {
  return data.buffer instanceof ArrayBuffer ? (data as Bytes) : new Uint8Array(data)
}
