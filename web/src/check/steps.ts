/* SPDX-License-Identifier: Apache-2.0 */
import {
  type ReasonCode,
  type Step,
  type StepName,
  stepNames,
  type ValueName,
  type Verdict
} from './types'

export type Values = Partial<Record<ValueName, string | number>>

/** The answers so far. A step that was told again replaces itself; only a worse verdict can. */
export class Steps {
  private readonly known = new Map<StepName, Step>()
  private readonly skipped = new Set<StepName>()

  constructor(private readonly told?: (step: Step) => void) {}

  get(name: StepName): Step | undefined {
    return this.known.get(name)
  }

  holds(name: StepName, values: Values = {}): void {
    this.put(name, 'holds', '', values)
  }

  fails(name: StepName, reasonCode: ReasonCode, values: Values = {}): void {
    this.put(name, 'fails', reasonCode, values)
  }

  unchecked(name: StepName, reasonCode: ReasonCode, values: Values = {}): void {
    this.put(name, 'unchecked', reasonCode, values)
  }

  /** Whatever of @names is still open is unchecked for this reason. */
  rest(names: readonly StepName[], reasonCode: ReasonCode): void {
    for (const name of names)
      if (!this.known.has(name) && !this.skipped.has(name)) this.unchecked(name, reasonCode)
  }

  /** These are no questions here. */
  skip(...names: readonly StepName[]): void {
    for (const name of names) this.skipped.add(name)
  }

  list(): Step[] {
    return stepNames.flatMap((name) => this.known.get(name) ?? [])
  }

  verdict(): Verdict {
    const verdicts = this.list().map((step) => step.verdict)
    if (verdicts.includes('fails')) return 'fails'
    return verdicts.length > 0 && verdicts.every((verdict) => verdict === 'holds')
      ? 'holds'
      : 'unchecked'
  }

  private put(name: StepName, verdict: Verdict, reasonCode: ReasonCode, values: Values): void {
    if (this.known.get(name)?.verdict === 'fails') return
    const texts = Object.entries(values).map(([key, value]) => [key, String(value)] as const)
    const step: Step = { name, verdict, reasonCode, values: Object.fromEntries(texts) }
    this.known.set(name, step)
    this.told?.(step)
  }
}
