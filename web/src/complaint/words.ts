/* SPDX-License-Identifier: Apache-2.0 */
import { computed } from 'vue'
import { language } from '../i18n'
import { type ComplaintWords, en } from './words-en'
import { hi } from './words-hi'

/* The words of complaints come with them, not with the page. */

export const say = computed<ComplaintWords>(() => (language.value === 'hi' ? hi : en))

/** The words under a name that came from elsewhere; '' where there are none. */
export function wordOf(words: Readonly<Record<string, string>>, name: string | undefined): string {
  return name !== undefined && Object.hasOwn(words, name) ? (words[name] ?? '') : ''
}

type Titles = Readonly<Record<string, string>> | ReadonlyMap<string, string>

/** A kind of problem as its area calls it, else as we do. */
export function kindTitle(id: string, titles: Titles = {}): string {
  const own: ReadonlyMap<string, string> =
    titles instanceof Map ? titles : new Map(Object.entries(titles))
  return own.get(language.value) ?? (wordOf(say.value.categories, id) || (own.get('en') ?? id))
}
