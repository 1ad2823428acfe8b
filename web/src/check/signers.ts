/* SPDX-License-Identifier: Apache-2.0 */
import type { AreaRegistered } from '../core/abi'
import { base64urlDecode, utf8Decode } from '../core/encoding'
import { type ActionEntry, parseEntry, verifyEntry } from '../core/entry'
import type { Learnt } from './chain'
import { type Context, paceOf } from './context'
import type { Signer } from './follower'
import type { Values } from './steps'

/* Every signature of a batch file, by the keys that the file itself and the chain name. */

const together = 64 // signatures on their way at once

/** @lines: the entries' bytes. */
export async function checkSignatures(
  context: Context,
  lines: readonly Uint8Array[],
  signers: readonly Signer[],
  keys: Learnt<AreaRegistered>
): Promise<void> {
  const pace = paceOf(context, 'signatures')
  let unknown = 0
  for (let at = 0; at < lines.length; at += together) {
    const some = lines.slice(at, at + together)
    const verdicts = await Promise.all(
      some.map((line, i) => verdictOf(line, signers[at + i]!, keys))
    )
    const bad = verdicts.indexOf('bad')
    if (bad >= 0) {
      context.steps.fails('signature', 'signature-bad', {
        where: at + bad + 2,
        entry: utf8Decode(some[bad]!)
      })
      return
    }
    unknown += verdicts.filter((verdict) => verdict === 'unknown').length
    await pace(Math.min(at + together, lines.length), lines.length)
  }
  const values: Values = { entries: lines.length, unknownSigners: unknown }
  if (unknown === 0) context.steps.holds('signature', values)
  else
    context.steps.unchecked(
      'signature',
      'reason' in keys ? keys.reason : 'keys-elsewhere',
      values
    )
}

type Found = 'good' | 'bad' | 'unknown'

async function verdictOf(
  line: Uint8Array,
  signer: Signer,
  keys: Learnt<AreaRegistered>
): Promise<Found> {
  if (signer === 'nobody') return 'bad'
  if (signer === 'unknown') return 'unknown'
  const entry = parseEntry(line)
  const isBy = async (key: Uint8Array) => ((await verifyEntry(entry, key)) ? 'good' : 'bad')
  if (typeof signer === 'object') return isBy(base64urlDecode(signer.key))
  if (signer === 'own') return isBy(base64urlDecode((entry as ActionEntry).key!))
  if ('reason' in keys) return 'unknown'
  return isBy(signer === 'authority' ? keys.value.authorityKey : keys.value.serviceKey)
}
