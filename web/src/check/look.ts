/* SPDX-License-Identifier: Apache-2.0 */

const firstLineMax = 128 // bytes that are looked at

/** Whether these bytes begin as a batch file does. */
export function looksLikeBatch(file: Uint8Array): boolean {
  const [start = ''] = new TextDecoder().decode(file.subarray(0, firstLineMax)).split('\n')
  return /^\s*\{\s*"area"\s*:\s*"[^"]*"\s*,\s*"batch"\s*:\s*\d+\s*,\s*"entries"/.test(start)
}
