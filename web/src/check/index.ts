/* SPDX-License-Identifier: Apache-2.0 */
import { bundleMax } from '../core/bundle'
import { type Bytes, plain } from '../core/bytes'
import { checkBundle } from './bundle-check'
import { conclude } from './conclude'
import { bundleTimeout, type Context } from './context'
import type { Asked } from './entry-steps'
import { FetchError, getGood } from './fetch'
import {
  type CheckOptions,
  type CheckResult,
  type ReportOptions,
  stepNames
} from './types'

/* Check it yourself: everything is computed here and now, and nothing is believed of the daemon. */

export * from './types'

function addressOf({ daemon, area, device, seq }: ReportOptions): string {
  const query = new URLSearchParams({
    device,
    seq: String(seq),
    ...(area === undefined ? {} : { area })
  })
  return `${daemon}/api/v1/proof?${query.toString()}`
}

async function fetchBundle(
  { steps, options }: Context,
  address: string
): Promise<Bytes | undefined> {
  try {
    return await getGood(options.fetch, address, {
      max: bundleMax,
      timeout: options.bundleTimeout ?? bundleTimeout,
      signal: options.signal,
      told: (done, total) => options.onProgress?.({ phase: 'bundle', done, total })
    })
  } catch (error) {
    if (!(error instanceof FetchError)) throw error
    steps.unchecked('form', error.reason, {
      address,
      detail: error.message,
      ...(error.status ? { status: error.status } : {})
    })
    steps.rest(stepNames, 'no-bundle')
    return undefined
  }
}

/** Checks one report of the daemon's. Never rejects. */
export function checkReport(options: ReportOptions): Promise<CheckResult> {
  const asked: Asked = { area: options.area, device: options.device, seq: options.seq }
  return conclude('bundle', stepNames, options, async (context) => {
    const bundle = await fetchBundle(context, addressOf(options))
    return bundle ? { ...(await checkBundle(context, bundle, asked)), bundle } : {}
  })
}

/** Editors and mail end a file with a line feed: it is none of its bytes. */
const withoutEnd = <B extends Bytes>(bytes: B) =>
  bytes[bytes.length - 1] === 0x0a ? bytes.subarray(0, -1) : bytes

/** Whether there was no proof to be read: what was sent by mistake accuses nobody. */
const isNoProof = ({ steps }: CheckResult) =>
  steps.some((step) => step.name === 'form' && step.reasonCode === 'bundle-malformed')

/** Checks a proof bundle that somebody kept; its batch file comes from the daemon, if there is one.
 * Never rejects. */
export async function checkBundleFile(
  bytes: Uint8Array,
  options: CheckOptions
): Promise<CheckResult> {
  const bundle = withoutEnd(plain(bytes))
  const result = await conclude('bundle', stepNames, options, async (context) => ({
    ...(await checkBundle(context, bundle)),
    bundle
  }))
  if (!isNoProof(result)) return result
  const { kind, steps } = result
  return { kind, verdict: 'no-proof', steps }
}
