/* SPDX-License-Identifier: Apache-2.0 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Bytes } from '../../src/core/bytes'
import { hexDecode } from '../../src/core/encoding'

/* The vectors that core's C tests read, made by independent implementations. */

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../../tests/vectors')

export function vectorBytes(name: string): Bytes {
  return new Uint8Array(readFileSync(join(folder, name)))
}

export function vectors<T>(name: string): T {
  return JSON.parse(new TextDecoder().decode(vectorBytes(name))) as T
}

export interface EntryVector {
  kind: string
  public_key: string
  private_key_hex: string
  signed_bytes_hex: string
  digest_hex: string
  sig: string
  entry: string
  leaf_hash: string
}

export interface BatchVectors {
  area: string
  authority_key: string
  service_key: string
  batches: { file: string; bytes: number; cid: string; cid_hex: string }[]
  inclusion: { index: number; size: number; leaf_hash: string; root: string; path: string[] }[]
  consistency: { from: number; to: number; proof: string[]; old_root?: string; root?: string }
}

export const entryVectors = vectors<{ entries: EntryVector[] }>('v2/entries.json').entries
export const feederVectors = vectors<{ entries: EntryVector[]; refused: { why: string; entry: string }[] }>('feeders.json')
export const batchVectors = vectors<BatchVectors>('v2/batches.json')

export const base64 = (text: string): Bytes => new Uint8Array(Buffer.from(text, 'base64'))
export const hexes = (texts: readonly string[]): Bytes[] => texts.map((text) => hexDecode(text))

/* The extended formats. */
export const extendedEntries = vectors<{ entries: EntryVector[] }>('v2/entries.json').entries

interface Refusal {
  level: 'form' | 'log' | 'any'
  after: number
  kind: string
  why: string
  entry: string
}

export const refusals = vectors<{ negatives: Refusal[]; accepted: Omit<Refusal, 'level'>[] }>(
  'v2/negatives.json'
)

export const complaintVectors = vectors<{
  complaints: { complaint: string; state: string; entries: { index: number; state: string }[] }[]
  notices: { notice: string; status: string }[]
}>('v2/complaints.json')

interface PeriodVectors {
  tree: {
    period: number
    root: string
    count: number
    leaf: string
    root_after: string
    frontier_after: string[]
    path_in_last: string[]
  }[]
  leaf_of_a_far_period: { period: number; root: string; count: number; leaf: string }
  periods: {
    period: number
    to: number
    prev: string
    text: string
    cid: string
    root: string
    count: number
    period_leaf: string
    periods_root: string
    checkpoints: { line: string; index: number; leaf: string; path: string[] }[]
  }[]
  invalid: { why: string; text: string }[]
  pairs: { why: string; conflict: boolean; a: string; b: string }[]
}

export const periodVectors = vectors<PeriodVectors>('v2/period.json')
