/* SPDX-License-Identifier: Apache-2.0 */
import { ref } from 'vue'

/* Whether this browser keeps complaints of the reader's: known before anything of them is loaded. */

const memory = 'powertracker.complaints'

function load(): boolean {
  try {
    return localStorage.getItem(memory) !== null
  } catch {
    return false // storage is forbidden
  }
}

export const hasOwn = ref(load())

export function setOwn(count: number): void {
  hasOwn.value = count > 0
  try {
    if (count > 0) localStorage.setItem(memory, String(count))
    else localStorage.removeItem(memory)
  } catch {
    // They are then found when the reader looks for them.
  }
}
