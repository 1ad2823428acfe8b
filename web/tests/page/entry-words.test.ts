// @vitest-environment happy-dom
/* SPDX-License-Identifier: Apache-2.0 */
import { mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import type { CheckResult, Step } from '../../src/check'
import CheckResultView from '../../src/components/CheckResult.vue'
import { parseEntryText } from '../../src/core/entry'
import { language, setLanguage, words } from '../../src/i18n'
import { entryText } from '../../src/store/entry-words'
import { createLive, liveKey } from '../../src/store/live'
import { Run } from '../../src/store/run'
import { extendedEntries } from '../core/vectors'

beforeEach(() => (language.value = 'en'))

const time = (at: number) => `t${at}`

describe('what entries say', () => {
  it.each(['en', 'hi'] as const)('each entry of the log has its sentence (%s)', async (tongue) => {
    await setLanguage(tongue)
    for (const { entry } of extendedEntries) {
      const text = entryText(parseEntryText(entry), time)
      expect(text).toMatch(tongue === 'en' ? /\.$/ : /।$/)
      expect(text).not.toMatch(/\{\w+\}|undefined/)
    }
  })
  it('tells who did what, to what and when', () => {
    const text = (find: string) =>
      entryText(parseEntryText(extendedEntries.find(({ entry }) => entry.includes(find))!.entry), time)
    expect(text('"action":"file"')).toMatch(/^Complaint C-2025-000001, step 1: filed, by a citizen, t\d+\.$/)
    expect(text('"action":"assign"')).toMatch(/assigned to \S+, by (officer|operator)-1, /)
    expect(text('"kind":"notice"')).toMatch(/^Planned shutdown for feeder F-11kV\.2, t1764172800000 to /)
    expect(text('"last":5,')).toBe(
      'Device tx-0001 says that its report 5 is lost: its counter moved by itself.'
    )
    expect(text('"last":15,')).toMatch(/^Device tx-0001 says that its reports 10 to 15 are lost: /)
  })
})

function shown(result: CheckResult): string {
  const live = createLive()
  const run = new Run(result.kind, live)
  run['end'](result)
  return mount(CheckResultView, {
    props: { run },
    global: { provide: { [liveKey as symbol]: live } }
  }).text()
}

describe('why an entry does not count', () => {
  const broken = (detail: string): Step => ({
    name: 'form',
    verdict: 'fails',
    reasonCode: 'entry-not-counting',
    values: { where: '1234', detail }
  })
  it.each(['en', 'hi'] as const)('is said of each rule, with the line (%s)', async (tongue) => {
    await setLanguage(tongue)
    for (const [rule, said] of Object.entries(words.value.check.rules)) {
      const text = shown({ kind: 'batch', verdict: 'fails', steps: [broken(rule)] })
      expect(text).toContain(`1,234: ${said}`)
    }
  })
  it('says it in general where the rule is not known', () => {
    const text = shown({ kind: 'batch', verdict: 'fails', steps: [broken('constructor')] })
    expect(text).toContain('An entry in the file breaks a rule of the record.')
  })
})

describe('who signed', () => {
  const step = (name: Step['name'], signer: string, verdict: Step['verdict']): Step => ({
    name,
    verdict,
    reasonCode: verdict === 'holds' ? '' : 'signature-bad',
    values: { signer }
  })
  it.each([
    ['official', 'The official signed this themselves'],
    ['citizen', 'The citizen signed this with a key of their own'],
    ['service', 'The service of the area signed this itself'],
    ['authority', 'The authority of the area signed this itself'],
    ['device', 'The device signed this itself']
  ])('%s', (signer, sentence) => {
    const steps = [step('signature', signer, 'holds')]
    expect(shown({ kind: 'bundle', verdict: 'holds', steps })).toContain(sentence)
  })
  it('is the device of a report where nobody else is named', () => {
    const steps = [{ ...step('signature', '', 'holds'), values: {} }]
    expect(shown({ kind: 'bundle', verdict: 'holds', steps })).toContain(
      'The device signed this report itself'
    )
  })
})
