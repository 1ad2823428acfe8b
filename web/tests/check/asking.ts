/* SPDX-License-Identifier: Apache-2.0 */
import { expect } from 'vitest'

import {
  checkReport,
  type CheckResult,
  type ReportOptions,
  type Step,
  type StepName,
  stepNames
} from '../../src/check'
import { bundleBytes, bytes, daemon, network, rpc, type Script } from './scripted'
import { area, chainId, contract, makeWorld } from './world'

/* A world, and its reports checked in a network that a test bends. */

export const world = await makeWorld()

export async function check(
  script: Script = {},
  change: Partial<ReportOptions> = {}
): Promise<CheckResult> {
  return checkReport({
    fetch: network(world, script),
    daemon,
    area,
    device: 'tx-1',
    seq: world.seq,
    chain: { rpcUrls: [rpc], chainId, contract },
    ...change
  })
}

/** What is not 'holds', as {step: 'verdict reason'}. */
export function amiss(result: CheckResult): Record<string, string> {
  expect(result.steps.map((step) => step.name)).toEqual([...stepNames])
  const others = result.steps.filter((step) => step.verdict !== 'holds')
  for (const step of result.steps) expect(step.reasonCode === '').toBe(step.verdict === 'holds')
  const worst = others.some((step) => step.verdict === 'fails')
    ? 'fails'
    : others.length > 0
      ? 'unchecked'
      : 'holds'
  expect(result.verdict).toBe(worst)
  return Object.fromEntries(others.map((step) => [step.name, `${step.verdict} ${step.reasonCode}`]))
}

export const step = (result: CheckResult, name: string): Step =>
  result.steps.find((item) => item.name === name)!
/** Ends a check as soon as all steps but @open have been told. */
export function stopBefore(...open: StepName[]): Partial<ReportOptions> {
  const controller = new AbortController()
  const left = new Set<string>(stepNames.filter((name) => !open.includes(name)))
  const onStep = ({ name }: Step) => {
    left.delete(name)
    if (left.size === 0) controller.abort()
  }
  return { signal: controller.signal, onStep }
}
export const served = (change: Record<string, unknown>): Script => ({
  proof: bytes(bundleBytes(world, change))
})
export const nothingElse = (form: string) =>
  Object.fromEntries(
    stepNames.map((name) => [name, name === 'form' ? form : 'unchecked no-bundle'])
  )
