/* SPDX-License-Identifier: Apache-2.0 */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hexEncode } from '../../src/core/encoding'
import { bytesToSign, type Members, type PrivatePart, writePrivate, writeSigned } from '../../src/core/entry-write'
import { type EntryVector, vectors } from './vectors'

const { entries } = vectors<{ entries: EntryVector[] }>('v2/entries.json')
const { privates } = vectors<{ privates: { note_hash: string; private: string }[] }>('v2/complaints.json')

describe('what is signed', () => {
  const actions = entries.filter(({ kind }) => kind === 'action')

  it('is what other implementations sign, byte for byte', () => {
    expect(actions.length).toBeGreaterThan(20)
    for (const { entry, signed_bytes_hex } of actions) {
      const { received: _, sig: __, ...members } = JSON.parse(entry) as Record<string, string | number>
      expect(hexEncode(bytesToSign(members as Members & { kind: string }))).toBe(signed_bytes_hex)
    }
  })

  it('is handed in as it is stored, but for when it was received', () => {
    for (const { entry, sig } of actions) {
      const { received, sig: _, ...members } = JSON.parse(entry) as Record<string, string | number>
      expect(writeSigned(members, sig)).toBe(entry.replace(`"received":${received},`, ''))
    }
  })
})

describe('the private part', () => {
  it('has the form and the hash that others give it', () => {
    expect(privates.length).toBeGreaterThan(3)
    for (const { note_hash, private: text } of privates) {
      const written = writePrivate(JSON.parse(text) as PrivatePart)
      expect(written).toBe(text)
      expect(createHash('sha256').update(written).digest('hex')).toBe(note_hash)
    }
  })

  it('holds no half of a pair', () => {
    const part = { contact: '\udc00', photos: [], salt: '0'.repeat(32), text: 'a\ud800b 🙂' }
    expect(JSON.parse(writePrivate(part))).toMatchObject({ contact: '\ufffd', text: 'a\ufffdb 🙂' })
  })
})
