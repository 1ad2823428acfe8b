/* SPDX-License-Identifier: Apache-2.0 */
import { base } from './base'
import { getJson } from './get'
import { type Status, statusOf } from './status'

type Theme = 'light' | 'dark'

/** What the daemon said of itself while the page itself was still on its way. */
export const first: { status?: Status; asked?: Promise<Status | undefined> } = {}

/** Answers about the map's background; undefined: the map asked for it itself. */
const backgrounds = new Map<Theme, Promise<Response> | undefined>()

const fetchBackground = (theme: Theme) =>
  fetch(`${base}/tiles/${theme}.json`, { credentials: 'omit' })

/** Asks for the map's background if the map is not there yet. */
export function askBackground(theme: Theme): void {
  if (backgrounds.has(theme)) return
  const answer = fetchBackground(theme)
  answer.catch(() => {}) // whoever takes it is told
  backgrounds.set(theme, answer)
}

/** The answer to what was asked before, once; else it is asked now. */
export function takeBackground(theme: Theme): Promise<Response> {
  const asked = backgrounds.get(theme)
  backgrounds.set(theme, undefined)
  return asked ?? fetchBackground(theme)
}

/** undefined where it could not be had: the page asks again, and says why. */
export function askFirst(): Promise<Status | undefined> {
  const answer = getJson(`${base}/api/v1/status`, new AbortController().signal)
  // Nothing is shown as long as nothing is known.
  first.asked = answer.then((said) => (first.status = statusOf(said))).catch(() => undefined)
  return first.asked
}

/** What askFirst() answers, once; undefined where it did not ask, or that was taken. */
export function takeFirst(): Promise<Status | undefined> | undefined {
  const { asked } = first
  delete first.asked
  return asked
}
