/* SPDX-License-Identifier: Apache-2.0 */

const firstLineMax = 128 // bytes that are looked at

/** Whether these bytes begin as a batch file does. */
export function looksLikeBatch(file: Uint8Array): boolean {
  const [start = ''] = new TextDecoder().decode(file.subarray(0, firstLineMax)).split('\n')
  return /^\s*\{\s*"area"\s*:\s*"[^"]*"\s*,\s*"batch"\s*:\s*\d+\s*,\s*"entries"/.test(start)
}

const receiptMax = 4 * 1024 * 1024 // bytes, as of complaint/kept-file.ts

/** Whether these bytes may be a receipt: a single one, or a complaint's that its citizen kept. */
export function looksLikeReceipt(file: Uint8Array): boolean {
  if (file.length > receiptMax) return false
  return /"format"\s*:\s*"powertrack-(kept|receipt)-1"/.test(new TextDecoder().decode(file))
}
