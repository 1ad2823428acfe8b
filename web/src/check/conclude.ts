/* SPDX-License-Identifier: Apache-2.0 */
import { type Context, hasWebCrypto } from './context'
import { Steps } from './steps'
import type { CheckOptions, CheckResult, StepName } from './types'

type Facts = Pick<CheckResult, 'entry' | 'report' | 'record' | 'anchoredAt' | 'bundle'>

/** Runs @work and closes its steps, whatever happens in it. */
export async function conclude(
  kind: CheckResult['kind'],
  names: readonly StepName[],
  options: CheckOptions,
  work: (context: Context) => Promise<Facts>
): Promise<CheckResult> {
  const steps = new Steps(options.onStep)
  let facts: Facts = {}
  if (hasWebCrypto()) {
    try {
      facts = await work({ options, steps })
    } catch (error) {
      // Nothing is left but a stopped check, or a defect of ours: neither shows anything as true.
      if (!options.signal?.aborted) console.error(error)
    }
    steps.rest(names, options.signal?.aborted ? 'aborted' : 'no-bundle')
  } else {
    steps.rest(names, 'no-webcrypto')
  }
  return { kind, verdict: steps.verdict(), steps: steps.list(), ...facts }
}
