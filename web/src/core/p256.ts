/* SPDX-License-Identifier: Apache-2.0 */
import { type Bytes, plain } from './bytes'

/* ECDSA P-256 with SHA-256 (FIPS 186-5) by WebCrypto, with the bounds of docs/PROTOCOL.md section 2
 * checked here, because implementations differ in what else they let pass. */

export const publicKeySize = 65
export const signatureSize = 64

const prime = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const curveB = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn

function toInteger(data: Uint8Array): bigint {
  let value = 0n
  for (const byte of data) value = (value << 8n) | BigInt(byte)
  return value
}

/** Whether @key is an uncompressed point (SEC 1 section 2.3.3) on the curve. */
export function isPublicKey(key: Uint8Array): boolean {
  if (key.length !== publicKeySize || key[0] !== 4) return false
  const x = toInteger(key.subarray(1, 33))
  const y = toInteger(key.subarray(33))
  return x < prime && y < prime && (y * y - (x * x * x - 3n * x + curveB)) % prime === 0n
}

function inRange(half: Uint8Array): boolean {
  const value = toInteger(half)
  return value > 0n && value < order
}

/** Whether @signature (r || s) of the SHA-256 of @message is by @key; false for any bad form. */
export async function verifySignature(
  key: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array
): Promise<boolean> {
  if (!isPublicKey(key) || signature.length !== signatureSize) return false
  if (!inRange(signature.subarray(0, 32)) || !inRange(signature.subarray(32))) return false
  const curve = { name: 'ECDSA', namedCurve: 'P-256' }
  const imported = await crypto.subtle.importKey('raw', plain(key) as Bytes, curve, false, [
    'verify'
  ])
  return crypto.subtle.verify(
    { name: 'ECDSA', hash: 'SHA-256' },
    imported,
    plain(signature),
    plain(message)
  )
}
