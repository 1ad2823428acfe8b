/* SPDX-License-Identifier: Apache-2.0 */
import { plain } from '../core/bytes'
import { batchSteps, checkBatch } from './batch-check'
import { conclude } from './conclude'
import type { CheckOptions, CheckResult } from './types'

/* Whoever brings a whole file asks for this; the rules of a log are not needed before. */

/** Checks a batch file. Never rejects. */
export function checkBatchFile(bytes: Uint8Array, options: CheckOptions): Promise<CheckResult> {
  return conclude('batch', batchSteps, options, (context) => checkBatch(context, plain(bytes)))
}
