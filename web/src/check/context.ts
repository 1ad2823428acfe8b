/* SPDX-License-Identifier: Apache-2.0 */
import { makePace, type Pace } from '../core/pace'
import type { Steps } from './steps'
import type { CheckOptions, Phase } from './types'

/** What the parts of one check share. */
export interface Context {
  readonly options: CheckOptions
  readonly steps: Steps
}

export const fileMax = 256 * 1024 * 1024 // bytes of a batch file
export const rpcTimeout = 10_000 // ms
export const bundleTimeout = 15_000
export const fileTimeout = 20_000

export function paceOf({ options }: Context, phase: Phase): Pace {
  return makePace((done, total) => options.onProgress?.({ phase, done, total }), options.signal)
}

export function hasWebCrypto(): boolean {
  return typeof crypto !== 'undefined' && typeof crypto.subtle === 'object'
}
