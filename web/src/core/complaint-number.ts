/* SPDX-License-Identifier: Apache-2.0 */

/* The number of a complaint: nine digits and a check digit, to be said on the telephone. The twin of
 * core/pt-complaint-number.h. */

const digits = 10

/* H. Michael Damm, Total anti-symmetrische Quasigruppen (2004): finds every wrong digit and every two
 * that changed places. */
const table = [
  '0317598642',
  '7092154863',
  '4206871359',
  '1750983426',
  '6123045978',
  '3674209581',
  '5869720134',
  '8945362017',
  '9438617205',
  '2581436790'
]

/** What is left over by the digits: 0 when the last one checks those before it. */
export function damm(text: string): number {
  let interim = 0
  for (const digit of text) interim = Number(table[interim]![Number(digit)])
  return interim
}

export function isComplaintNumber(text: string): boolean {
  return text.length === digits && /^[1-9][0-9]+$/.test(text) && damm(text) === 0
}

/** As people write it, with blanks or dashes; undefined where it is none. */
export function parseComplaintNumber(text: string): string | undefined {
  const bare = text.replace(/[\s\u00a0\u202f-]/g, '')
  return isComplaintNumber(bare) ? bare : undefined
}

/** Whether somebody who types this means a complaint's number, be it a right one or not. */
export function looksLikeComplaintNumber(text: string): boolean {
  const bare = text.replace(/[\s\u00a0\u202f-]/g, '')
  return /^[0-9]+$/.test(bare) && Math.abs(bare.length - digits) <= 1
}

/** "1234 567 890"; another id as it is. */
export function showComplaintNumber(id: string): string {
  if (!isComplaintNumber(id)) return id
  return `${id.slice(0, 4)} ${id.slice(4, 7)} ${id.slice(7)}`
}
