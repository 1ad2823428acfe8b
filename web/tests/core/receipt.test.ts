/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, test } from 'vitest'

import { base64urlDecode, hexEncode, utf8Encode } from '../../src/core/encoding'
import {
  judgeReceipt,
  parseReceipt,
  type Receipt,
  type ReceiptFacts,
  receiptMax,
  receiptSignedText,
  verifyReceipt
} from '../../src/core/receipt'
import { leafHash } from '../../src/core/tree'
import { extendedEntries, vectors } from './vectors'

interface AnchoredBatch {
  from: number
  to: number
  block_time: number // s
  holds_leaf: boolean
}

const given = vectors<{
  service_key: string
  commits: { signed_bytes_hex: string; receipts: { entry: number; receipt: string }[] }[]
  invalid: { why: string; receipt: string }[]
  promises: {
    why: string
    receipt: string
    facts: { batches: AnchoredBatch[]; final_block_time: number }
    verdict: string
  }[]
}>('v2/receipts.json')
const key = base64urlDecode(given.service_key)
const parse = (text: string) => parseReceipt(utf8Encode(text))

describe('receipts that hold', () => {
  test.each(given.commits)('of a commit of $size', async ({ receipts, signed_bytes_hex }) => {
    for (const { entry, receipt: text } of receipts) {
      const receipt = await parse(text)
      expect(await verifyReceipt(receipt, key)).toBe(true)
      expect(hexEncode(utf8Encode(receiptSignedText(receipt)))).toBe(signed_bytes_hex)
      const leaf = await leafHash(utf8Encode(extendedEntries[entry]!.entry))
      expect(hexEncode(receipt.leaf)).toBe(hexEncode(leaf))
    }
  })
})

describe('receipts that are none', () => {
  test.each(given.invalid)('$why', async ({ receipt: text }) => {
    const holds = parse(text).then(
      (receipt) => verifyReceipt(receipt, key),
      () => false
    )
    expect(await holds).toBe(false)
  })
  const good = given.commits[given.commits.length - 1]!.receipts[0]!.receipt
  test('another key, a space, a cut, too long', async () => {
    const other = base64urlDecode(extendedEntries[0]!.public_key)
    expect(await verifyReceipt(await parse(good), other)).toBe(false)
    await expect(parse(`${good} `)).rejects.toMatchObject({ code: 'not-canonical' })
    await expect(parse(good.slice(0, -1))).rejects.toMatchObject({ code: 'malformed' })
    await expect(parse(' '.repeat(receiptMax + 1))).rejects.toMatchObject({ code: 'too-large' })
  })
  test('a path that leads elsewhere', async () => {
    const wrong = good.replace(/"leaf":"[0-9a-f]{8}/, '"leaf":"00000000')
    await expect(parse(wrong)).rejects.toMatchObject({ code: 'bad-proof' })
  })
})

/* As a reader of the chain finds it. */
function factsOf({ received }: Receipt, batches: AnchoredBatch[], final: number): ReceiptFacts {
  const batch = batches.find(({ from, to }) => from <= received && received < to)
  return {
    finalTime: final * 1000,
    ...(batch ? { anchored: { time: batch.block_time * 1000, holdsLeaf: batch.holds_leaf } } : {})
  }
}

describe('what became of the promise', () => {
  test.each(given.promises)('$why', async ({ receipt: text, facts, verdict }) => {
    const receipt = await parse(text)
    expect(await verifyReceipt(receipt, key)).toBe(true)
    const known = factsOf(receipt, facts.batches, facts.final_block_time)
    expect(judgeReceipt(receipt, known)).toBe(verdict)
  })
})
