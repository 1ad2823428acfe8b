/* SPDX-License-Identifier: Apache-2.0 */
import { computed, ref } from 'vue'
import { en, type Words } from './en'
import { Formats } from './format'
import { hi } from './hi'
import { chooseLanguage, type Language, localeOf, savedLanguage, saveLanguage } from './language'

export type { Language, Words }
export { fill } from './format'

const tables: Readonly<Record<Language, Words>> = { en, hi }

export const language = ref<Language>('en')
export const words = computed<Words>(() => tables[language.value])
export const formats = computed(() => new Formats(localeOf(language.value), words.value.time))

function apply(wanted: Language): void {
  language.value = wanted
  document.documentElement.lang = wanted
}

export function startLanguage(addressed: string | undefined): void {
  apply(chooseLanguage(addressed, savedLanguage(), navigator.languages))
}

export function setLanguage(wanted: Language): void {
  apply(wanted)
  saveLanguage(wanted)
}
