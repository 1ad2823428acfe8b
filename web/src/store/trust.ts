/* SPDX-License-Identifier: Apache-2.0 */
import { reactive } from 'vue'

/* Which contract the reader trusts, and whom they ask about it. The first contract that a daemon
 * names is kept by the browser until the reader chooses another: a daemon that later names one of
 * its own is found by that. */

export interface Trust {
  contract?: string
  chainId?: number
  fromBlock?: number
  /** The reader's own; none: those that the daemon names. */
  endpoints: string[]
}

const memory = 'powertracker.trust'

function load(): Trust {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(memory) ?? '{}')
    const { contract, chainId, fromBlock, endpoints } = kept as Partial<Trust>
    return {
      ...(typeof contract === 'string' ? { contract } : {}),
      ...(typeof chainId === 'number' ? { chainId } : {}),
      ...(typeof fromBlock === 'number' ? { fromBlock } : {}),
      endpoints: Array.isArray(endpoints) ? endpoints.filter((url) => typeof url === 'string') : []
    }
  } catch {
    return { endpoints: [] } // storage is forbidden, or somebody wrote something else there
  }
}

export const trust = reactive<Trust>(load())

function keep(): void {
  try {
    localStorage.setItem(memory, JSON.stringify(trust))
  } catch {
    // It is then forgotten with the page.
  }
}

/** Takes the daemon's contract for the one that is trusted where there is none yet. */
export function pin(chain: { contract?: string; chainId?: number; fromBlock?: number }): void {
  if (trust.contract !== undefined || chain.contract === undefined) return
  Object.assign(trust, {
    contract: chain.contract,
    chainId: chain.chainId,
    fromBlock: chain.fromBlock
  })
  keep()
}

/** Whom to ask: the reader's own, else those that the daemon names. */
export function endpointsOf(named: readonly string[] | undefined): readonly string[] {
  return trust.endpoints.length > 0 ? trust.endpoints : (named ?? [])
}

/** Whether the daemon names another contract than the one that is trusted. */
export function isOther(contract: string | undefined): boolean {
  if (contract === undefined || trust.contract === undefined) return false
  return contract.toLowerCase() !== trust.contract.toLowerCase()
}

/** "31337:0x...", as it is shown and typed. */
export function contractText(): string {
  if (trust.contract === undefined) return ''
  return trust.chainId === undefined ? trust.contract : `${trust.chainId}:${trust.contract}`
}

/** What was typed; an empty text forgets the contract, and the next one that is named is kept. */
export function choose(contract: string, endpoints: string): void {
  if (contract.trim() !== contractText()) {
    const found = /^(?:(\d{1,15}):)?(0x[0-9a-fA-F]{40})$/.exec(contract.trim())
    delete trust.contract
    delete trust.chainId
    delete trust.fromBlock
    if (found?.[2]) trust.contract = found[2]
    if (found?.[1]) trust.chainId = Number(found[1])
  }
  trust.endpoints = endpoints.split(/[\s,]+/).filter((url) => /^https?:\/\//.test(url))
  keep()
}
