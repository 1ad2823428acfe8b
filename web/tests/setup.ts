/* SPDX-License-Identifier: Apache-2.0 */
import { webcrypto } from 'node:crypto'

/* Node 18 has no global `crypto`; browsers do. */
if (!('crypto' in globalThis))
  Object.defineProperty(globalThis, 'crypto', { value: webcrypto, configurable: true })
