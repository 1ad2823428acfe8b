/* SPDX-License-Identifier: Apache-2.0 */
import { vi } from 'vitest'

/** ms; nobody waits so long but to fail: how fast a machine is, is not for a test to guess. */
export const patience = 300_000

/** Waits until @expectation does not throw any more. */
export const comes = <T>(expectation: () => T): Promise<T> =>
  vi.waitFor(expectation, { timeout: patience, interval: 2 })
