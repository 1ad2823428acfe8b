/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, test } from 'vitest'

import type { CheckOptions } from '../../src/check'
import { checkBatchFile } from '../../src/check/batch-file'
import { parseFirstLine, parseLastLine } from '../../src/core/batch-lines'
import type { Bytes } from '../../src/core/bytes'
import { cidOfFile, cidToText } from '../../src/core/cid'
import { base64urlDecode, utf8Encode } from '../../src/core/encoding'
import { emptyFrontier } from '../../src/core/tree'
import { vectors } from '../core/vectors'
import { endpoint, rpc } from './scripted'
import { type Batch, type Chain, chainId, contract, type Key, makeChain } from './world'

/* Logs in which at most one entry doesn't count (rules.json), one file at a time: what
 * signatures don't show is said of the form. */

interface Found {
  readonly rule: string
  readonly line: number
}

interface Rules {
  readonly authority_key: string
  readonly service_key: string
  readonly cases: { desc: string; area: string; files: string[]; alone: Found[] }[]
}

const rules = vectors<Rules>('rules.json')
const ofSignature = [
  'unknown-device',
  'unknown-official',
  'revoked-device',
  'revoked-official',
  'wrong-site',
  'bad-signature'
]

const keyOf = (text: string) => ({ point: base64urlDecode(text), text }) as unknown as Key

/** What the contract has of the file. */
async function anchor(text: string, bytes: Bytes, area: string): Promise<Chain> {
  const lines = text.trimEnd().split('\n')
  const header = { ...parseFirstLine(lines[0]!), ...parseLastLine(lines[lines.length - 1]!) }
  const cid = cidToText(await cidOfFile(bytes))
  const batch: Batch = { header, entries: [], text, bytes, cid, after: emptyFrontier }
  const keys = { authority: keyOf(rules.authority_key), service: keyOf(rules.service_key) }
  const chain = await makeChain({ ...keys, device: keys.service, stranger: keys.service }, [batch])
  if (header.batch > 1) chain.roots.set(header.batch - 1, header.prevRoot)
  return { ...chain, area }
}

async function optionsFor(text: string, bytes: Bytes, area: string): Promise<CheckOptions> {
  const handler = endpoint(await anchor(text, bytes, area))
  return {
    fetch: async (url, init) => handler(new URL(url), String(init?.body), init?.signal),
    chain: { rpcUrls: [rpc], chainId, contract }
  }
}

const files = rules.cases.flatMap(({ desc, area, files, alone }) =>
  files.map((text, i) => ({ name: `${desc}, batch ${i + 1}`, area, text, expected: alone[i]! }))
)

describe('rules.json', () => {
  test.each(files)('$name', async ({ area, text, expected }) => {
    const bytes = utf8Encode(text)
    const { steps } = await checkBatchFile(bytes, await optionsFor(text, bytes, area))
    const failed = steps.filter((step) => step.verdict === 'fails')
    if (expected.rule === 'holds') {
      expect(failed).toEqual([])
      return
    }
    const name = ofSignature.includes(expected.rule) ? 'signature' : 'form'
    expect(failed.map((step) => step.name)).toEqual([name])
    const values = failed[0]!.values
    if (expected.line > 0) expect(values['where']).toBe(String(expected.line))
    if (name === 'form') expect(values['detail']).toBe(expected.rule)
  })
})
