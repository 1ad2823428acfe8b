/* SPDX-License-Identifier: Apache-2.0 */
import { base64urlDecode, base64urlEncode, hexEncode, utf8Encode } from '../core/encoding'
import { sha256 } from '../core/sha256'
import { bytesToSign, type Members, writeSigned } from '../core/entry-write'

/* The key that a complaint is signed with: one for each, so that nobody sees that two are of the same
 * person. It is the browser's; its private half leaves it only in the receipt that the reader keeps. */

export interface Keys {
  readonly private: CryptoKey
  /** 65 bytes, base64url. */
  readonly public: string
}

const curve = { name: 'ECDSA', namedCurve: 'P-256' } as const
const hash = { name: 'ECDSA', hash: 'SHA-256' } as const

/** Whether this browser can sign: it can not on a page that came over plain http. */
export const canSign = (): boolean =>
  typeof crypto !== 'undefined' && typeof crypto.subtle === 'object'

export async function makeKeys(): Promise<Keys> {
  const pair = await crypto.subtle.generateKey(curve, true, ['sign', 'verify'])
  const raw = await crypto.subtle.exportKey('raw', pair.publicKey)
  return { private: pair.privateKey, public: base64urlEncode(new Uint8Array(raw)) }
}

/** 32 bytes, base64url. */
export async function privateText(keys: Keys): Promise<string> {
  const { d } = await crypto.subtle.exportKey('jwk', keys.private)
  return d ?? ''
}

/** The keys with these halves; undefined where they do not belong together. */
export async function keysOf(privateHalf: string, publicHalf: string): Promise<Keys | undefined> {
  try {
    const bytes = base64urlDecode(publicHalf, 65)
    const [x, y] = [bytes.subarray(1, 33), bytes.subarray(33)].map(base64urlEncode)
    const jwk = { kty: 'EC', crv: 'P-256', d: privateHalf, x: x!, y: y!, ext: true }
    const key = await crypto.subtle.importKey('jwk', jwk, curve, true, ['sign'])
    const verify = await crypto.subtle.importKey('raw', bytes, curve, false, ['verify'])
    const probe = utf8Encode('powertrack probe')
    const good = await crypto.subtle.verify(hash, verify, await crypto.subtle.sign(hash, key, probe), probe)
    return good ? { private: key, public: publicHalf } : undefined
  } catch {
    return undefined
  }
}

/** The entry, signed. */
export async function sign(keys: Keys, members: Members & { readonly kind: string }): Promise<string> {
  const sig = await crypto.subtle.sign(hash, keys.private, bytesToSign(members))
  return writeSigned(members, base64urlEncode(new Uint8Array(sig)))
}

export function makeSalt(): string {
  return hexEncode(crypto.getRandomValues(new Uint8Array(16)))
}

export async function hashOf(bytes: Uint8Array): Promise<string> {
  return hexEncode(await sha256(bytes))
}
