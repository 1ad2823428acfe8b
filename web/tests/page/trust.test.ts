/* SPDX-License-Identifier: Apache-2.0 */
// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'

const first = { chainId: 31337, contract: `0x${'aa'.repeat(20)}`, fromBlock: 7 }
const liar = { chainId: 31337, contract: `0x${'bb'.repeat(20)}`, fromBlock: 0 }

/** As after the page was loaded anew. */
async function load() {
  vi.resetModules()
  return import('../../src/store/trust')
}

beforeEach(() => localStorage.clear())

test('the first contract that is named is kept, whatever is named later', async () => {
  const before = await load()
  expect(before.contractText()).toBe('')
  before.pin(first)
  before.pin(liar)
  expect(before.trust.contract).toBe(first.contract)
  const after = await load()
  after.pin(liar)
  expect(after.trust).toEqual({ ...first, endpoints: [] })
  expect([after.isOther(liar.contract), after.isOther(first.contract.toUpperCase().replace('0X', '0x'))]).toEqual([true, false])
})

test('the reader chooses another, and whom to ask', async () => {
  const { choose, contractText, endpointsOf, pin, trust } = await load()
  pin(first)
  choose(contractText(), 'http://a.example, https://b.example nonsense')
  expect(trust).toEqual({ ...first, endpoints: ['http://a.example', 'https://b.example'] })
  expect(endpointsOf(['http://daemon'])).toEqual(['http://a.example', 'https://b.example'])
  choose(`1:${liar.contract}`, '')
  expect((await load()).trust).toEqual({ chainId: 1, contract: liar.contract, endpoints: [] })
  choose('', '')
  expect(endpointsOf(['http://daemon'])).toEqual(['http://daemon'])
  pin(first)
  expect(trust.contract).toBe(first.contract)
})

test('what somebody else wrote there is nothing', async () => {
  for (const text of ['x', 'null', '[]', '{"contract":7,"endpoints":"x"}']) {
    localStorage.setItem('powertracker.trust', text)
    const { trust } = await load()
    expect(trust).toEqual({ endpoints: [] })
  }
})
