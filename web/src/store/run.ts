/* SPDX-License-Identifier: Apache-2.0 */
import { reactive, shallowRef } from 'vue'
import { looksLikeBatch } from '../check/look'
import {
  type CheckResult,
  type Progress,
  type ResultVerdict,
  type Step,
  type StepName,
  stepNames
} from '../check/types'
import { part } from '../part'
import type { Live } from './live'
import { endpointsOf, pin, trust } from './trust'

/** What checks: a third of the page, and nothing that its first view needs. */
const checks = () => part(() => import('../check'))

/** What checks a whole file: asked for only by who brings one. */
const fileChecks = () => part(() => import('../check/batch-file'))

/** Has it ready, also for when the server is gone. */
export function loadChecks(): void {
  checks().catch(() => {}) // it is asked for again when it is needed
}

/** The same of what a file may need, once somebody looks for one. */
export function loadFileChecks(): void {
  fileChecks().catch(() => {})
}

/** A check that runs or has run, as it is shown. */
export class Run {
  readonly result = shallowRef<CheckResult>()
  readonly progress = shallowRef<Progress>()
  private readonly told = reactive(new Map<StepName, Step>())
  private readonly controller = new AbortController()

  constructor(
    readonly kind: 'bundle' | 'batch',
    private readonly live: Live
  ) {}

  steps(): Step[] {
    return stepNames.flatMap((name) => this.told.get(name) ?? [])
  }

  /** Nothing is shown as true before all is done. */
  verdict(): ResultVerdict | 'running' {
    return this.result.value?.verdict ?? 'running'
  }

  stop(): void {
    this.controller.abort()
  }

  report(area: string, device: string, seq: number): void {
    void this.conclude(checks(), (check) =>
      check.checkReport({ ...this.options(), daemon: this.live.base, area, device, seq })
    )
  }

  /** A file that somebody brought. Of the daemon only the published file is asked that a proof names:
   * it is known by its hash, whoever serves it. */
  file(bytes: Uint8Array): void {
    if (this.kind === 'batch')
      void this.conclude(fileChecks(), (check) => check.checkBatchFile(bytes, this.options()))
    else
      void this.conclude(checks(), (check) =>
        check.checkBundleFile(bytes, { ...this.options(), daemon: this.live.base })
      )
  }

  private async conclude<Check>(
    loading: Promise<Check>,
    work: (check: Check) => Promise<CheckResult>
  ): Promise<void> {
    let check: Check
    try {
      check = await loading
    } catch {
      const unchecked = { verdict: 'unchecked', reasonCode: 'unreachable', values: {} } as const
      const steps = stepNames.map((name): Step => ({ name, ...unchecked }))
      return this.end({ kind: this.kind, verdict: 'unchecked', steps })
    }
    this.end(await work(check))
  }

  private end(result: CheckResult): void {
    for (const step of result.steps) this.told.set(step.name, step)
    this.progress.value = undefined
    this.result.value = result
  }

  private options() {
    return {
      ...checkOptions(this.live),
      signal: this.controller.signal,
      onStep: (step: Step) => void this.told.set(step.name, step),
      onProgress: (progress: Progress) => (this.progress.value = progress)
    }
  }
}

/** Whom to ask, and what is expected of the chain. */
export function checkOptions(live: Live) {
  const named = live.chain.value
  if (named) pin(named)
  const { chainId, contract, fromBlock } = trust
  return {
    fetch: (...request: Parameters<typeof fetch>) => fetch(...request),
    chain: {
      rpcUrls: endpointsOf(named?.endpoints),
      ...(chainId === undefined ? {} : { chainId }),
      ...(contract === undefined ? {} : { contract }),
      ...(fromBlock === undefined ? {} : { fromBlock })
    }
  }
}

export function runFile(bytes: Uint8Array, live: Live): Run {
  const run = new Run(looksLikeBatch(bytes) ? 'batch' : 'bundle', live)
  run.file(bytes)
  return run
}

/** Hands bytes to the reader as a file of their own. */
export function saveBytes(bytes: Uint8Array<ArrayBuffer>, name: string): void {
  const address = URL.createObjectURL(new Blob([bytes], { type: 'application/json' }))
  const anchor = document.createElement('a')
  anchor.href = address
  anchor.download = name
  document.body.append(anchor)
  anchor.click()
  anchor.remove()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
