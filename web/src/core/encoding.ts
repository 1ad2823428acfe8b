/* SPDX-License-Identifier: Apache-2.0 */
import { type Bytes, malformed } from './bytes'

/* Strict encoders and decoders: one encoding per value, everything else is refused. */

const base64urlAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const base32Alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

const digitsOf = (alphabet: string) =>
  new Map(Array.from(alphabet, (character, digit) => [character, digit]))
const base64urlDigits = digitsOf(base64urlAlphabet)
const base32Digits = digitsOf(base32Alphabet)

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function utf8Encode(text: string): Bytes {
  return encoder.encode(text) as Bytes
}

/** Refuses anything but well-formed UTF-8; a byte order mark is a character. */
export function utf8Decode(data: Uint8Array): string {
  try {
    return decoder.decode(data)
  } catch {
    throw malformed('not UTF-8')
  }
}

export function hexEncode(data: Uint8Array): string {
  let text = ''
  for (const byte of data) text += byte.toString(16).padStart(2, '0')
  return text
}

/** Lower case only; exactly @size bytes, if given. */
export function hexDecode(text: string, size = Math.floor(text.length / 2)): Bytes {
  if (text.length !== 2 * size || !/^[0-9a-f]*$/.test(text)) throw malformed('not lower-case hex')
  return Uint8Array.from({ length: size }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16))
}

/** Digits of @bits bits each; the last digit's spare bits are zeros. */
function encodeBits(data: Uint8Array, alphabet: string, bits: number): string {
  let text = ''
  let held = 0
  let value = 0
  for (const byte of data) {
    value = (value << 8) | byte
    held += 8
    while (held >= bits) {
      held -= bits
      text += alphabet[(value >> held) & ((1 << bits) - 1)]
    }
    value &= (1 << held) - 1
  }
  return held > 0 ? text + alphabet[value << (bits - held)] : text
}

function decodeBits(text: string, digits: ReadonlyMap<string, number>, bits: number): Bytes {
  const out = new Uint8Array(Math.floor((text.length * bits) / 8))
  let held = 0
  let value = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const digit = digits.get(text[i]!)
    if (digit === undefined) throw malformed('a digit outside the alphabet')
    value = (value << bits) | digit
    held += bits
    if (held >= 8) {
      held -= 8
      out[at++] = value >> held
      value &= (1 << held) - 1
    }
  }
  if (held >= bits || value !== 0) throw malformed('a digit too many, or trailing bits')
  return out
}

/** RFC 4648 section 5, without padding. */
export function base64urlEncode(data: Uint8Array): string {
  return encodeBits(data, base64urlAlphabet, 6)
}

export function base64urlDecode(text: string, size?: number): Bytes {
  const data = decodeBits(text, base64urlDigits, 6)
  if (size !== undefined && data.length !== size) throw malformed('base64url of another size')
  return data
}

/** RFC 4648 section 6 in lower case, without padding. */
export function base32Encode(data: Uint8Array): string {
  return encodeBits(data, base32Alphabet, 5)
}

export function base32Decode(text: string): Bytes {
  return decodeBits(text, base32Digits, 5)
}
