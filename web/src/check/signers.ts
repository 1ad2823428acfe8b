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
import {
  actionRule,
  needsWholeLog,
  registrationRule,
  reportRule,
  type Rule,
  signerOf
} from '../core/rules'
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
  private readonly devices = new Map<string, DeviceEntry>()
  private readonly officials = new Map<string, OfficialEntry>()

  /** Takes entries in the log's order. They are not kept: a file may hold very many. */
  see(entry: Entry): void {
    this.signers.push(this.signerOf(entry))
    if (entry.kind === 'device') register(this.devices, entry.device, entry)
    if (entry.kind === 'official') register(this.officials, entry.official, entry)
  }

  private signerOf(entry: Entry): Signer {
    const kind = signerOf(entry)
    if (kind === 'authority' || kind === 'service') return kind
    if (entry.kind === 'report') {
      const device = this.devices.get(entry.device)
      return whoMay(reportRule(entry, device), device)
    }
    if (entry.kind !== 'action') return 'nobody'
    const official = this.officials.get(entry.by)
    return whoMay(actionRule(entry, official), official)
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

function register<E extends DeviceEntry | OfficialEntry>(newest: Map<string, E>, id: string, entry: E) {
  if (registrationRule(entry, newest.get(id)) === 'holds') newest.set(id, entry)
}

function whoMay(rule: Rule, signer: DeviceEntry | OfficialEntry | undefined): Signer {
  if (needsWholeLog(rule)) return 'unknown'
  return rule === 'holds' && signer ? signer : 'nobody'
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
