// @vitest-environment happy-dom
/* SPDX-License-Identifier: Apache-2.0 */
import { mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import { type CheckResult, stepNames } from '../../src/check'
import CheckResultView from '../../src/components/CheckResult.vue'
import { language, setLanguage } from '../../src/i18n'
import { createLive, liveKey } from '../../src/store/live'
import { Run } from '../../src/store/run'

const unchecked = stepNames.map((name) => ({
  name,
  verdict: 'unchecked' as const,
  reasonCode: 'no-bundle' as const,
  values: {}
}))

function shown(result: CheckResult) {
  const live = createLive()
  const run = new Run('bundle', live)
  run.result.value = result
  return mount(CheckResultView, {
    props: { run },
    global: { provide: { [liveKey as symbol]: live } }
  })
}

beforeEach(() => (language.value = 'en'))

describe('what a check found', () => {
  it.each([
    ['en', 'This is no proof file.', 'Choose another'],
    ['hi', 'यह प्रमाण फ़ाइल नहीं है', 'दूसरी फ़ाइल चुनें']
  ] as const)('a file that is none accuses nobody and lists nothing (%s)', async (tongue, first, then) => {
    await setLanguage(tongue)
    const view = shown({ kind: 'bundle', verdict: 'no-proof', steps: unchecked })
    const verdict = view.get('[data-testid="check-verdict"]')
    expect(verdict.text()).toContain(first)
    expect(verdict.text()).toContain(then)
    expect(verdict.classes()).not.toContain('verdict-fails')
    expect(view.find('[data-testid="check-steps"]').exists()).toBe(false)
    expect(view.find('.limits').exists()).toBe(false)
    expect(view.find('.tick-no-proof path').attributes('d')).toBe('M5 10h10')
  })
})
