/* SPDX-License-Identifier: Apache-2.0 */
import { computed } from 'vue'
import { language } from '../i18n'
import { type ComplaintWords, en } from './words-en'
import { hi } from './words-hi'

/* The words of complaints come with them, not with the page. */

export const say = computed<ComplaintWords>(() => (language.value === 'hi' ? hi : en))

type Titles = Readonly<Record<string, string>> | ReadonlyMap<string, string>

/** A kind of problem as its area calls it, else as we do. */
export function kindTitle(id: string, titles: Titles = {}): string {
  const own: ReadonlyMap<string, string> =
    titles instanceof Map ? titles : new Map(Object.entries(titles))
  const names: Readonly<Record<string, string>> = say.value.categories
  return own.get(language.value) ?? names[id] ?? own.get('en') ?? id
}
