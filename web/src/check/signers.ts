/* SPDX-License-Identifier: Apache-2.0 */
import type { AreaRegistered } from '../core/abi'
import { base64urlDecode, utf8Decode } from '../core/encoding'
import {
  type DeviceEntry,
  type Entry,
  type OfficialEntry,
  parseEntry,
  verifyEntry
} from '../core/entry'
import type { Learnt } from './chain'
import { type Context, paceOf } from './context'
import type { Values } from './steps'

/* Every signature of a batch file, by the keys that the file itself and the chain name. */

type Signer =
  | 'authority'
  | 'service'
  | 'unknown' // registered in an earlier batch, if at all
  | 'nobody' // the file itself says that nobody may sign this
  | DeviceEntry
  | OfficialEntry

const together = 64 // signatures on their way at once

export class Signers {
  private readonly signers: Signer[] = []
  private readonly registered = new Map<string, Entry>()

  /** Takes entries in the log's order. They are not kept: a file may hold very many. */
  see(entry: Entry): void {
    this.signers.push(this.signerOf(entry))
    if (entry.kind === 'device') this.registered.set(`device ${entry.device}`, entry)
    if (entry.kind === 'official') this.registered.set(`official ${entry.official}`, entry)
  }

  private signerOf(entry: Entry): Signer {
    if (entry.kind === 'device' || entry.kind === 'official') return 'authority'
    if (entry.kind === 'roster') return 'service'
    if (entry.kind === 'action' && (entry.by === 'citizen' || entry.by === 'service'))
      return 'service'
    const name = entry.kind === 'report' ? `device ${entry.device}` : `official ${entry.by}`
    const signer = this.registered.get(name)
    if (!signer) return 'unknown'
    if (!('key' in signer) || signer.status !== 'active') return 'nobody'
    const moved =
      entry.kind === 'report' &&
      (signer.kind !== 'device' ||
        signer.site !== entry.site ||
        signer.lat !== entry.lat ||
        signer.lon !== entry.lon)
    return moved ? 'nobody' : signer
  }

  /** @lines: the entries' bytes. @complete: the file holds the area's log from its first entry on,
   * so its signers are all here. */
  async check(
    context: Context,
    lines: readonly Uint8Array[],
    keys: Learnt<AreaRegistered>,
    complete: boolean
  ): Promise<void> {
    const pace = paceOf(context, 'signatures')
    let unknown = 0
    for (let at = 0; at < lines.length; at += together) {
      const some = lines.slice(at, at + together)
      const verdicts = await Promise.all(
        some.map((line, i) => verdictOf(line, this.signers[at + i]!, keys, complete))
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
}

type Found = 'good' | 'bad' | 'unknown'

async function verdictOf(
  line: Uint8Array,
  signer: Signer,
  keys: Learnt<AreaRegistered>,
  complete: boolean
): Promise<Found> {
  if (signer === 'nobody' || (signer === 'unknown' && complete)) return 'bad'
  if (signer === 'unknown') return 'unknown'
  const entry = parseEntry(line)
  if (typeof signer === 'object')
    return (await verifyEntry(entry, base64urlDecode(signer.key))) ? 'good' : 'bad'
  if ('reason' in keys) return 'unknown'
  const key = signer === 'authority' ? keys.value.authorityKey : keys.value.serviceKey
  return (await verifyEntry(entry, key)) ? 'good' : 'bad'
}
