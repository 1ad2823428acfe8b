/* SPDX-License-Identifier: Apache-2.0 */
import { computed, ref } from 'vue'
import { en, type Words } from './en'
import { Formats } from './format'
import { hi } from './hi'

export type { Words }
export { fill } from './format'

export const languages = ['en', 'hi'] as const
export type Language = (typeof languages)[number]

const tables: Readonly<Record<Language, Words>> = { en, hi }
const memory = 'powertracker.language'

export const isLanguage = (text: string | null | undefined): text is Language =>
  languages.some((language) => language === text)

/** What the address says, else what was chosen before, else what the browser prefers. */
export function chooseLanguage(
  addressed: string | undefined,
  saved: string | null,
  preferred: readonly string[]
): Language {
  if (isLanguage(addressed)) return addressed
  if (isLanguage(saved)) return saved
  const known = preferred.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage)
  return known ?? 'en'
}

function savedLanguage(): string | null {
  try {
    return localStorage.getItem(memory)
  } catch {
    return null // storage is forbidden
  }
}

export const language = ref<Language>('en')
export const words = computed<Words>(() => tables[language.value])

function localeOf(wanted: Language): string {
  if (wanted === 'hi') return 'hi-IN'
  return navigator.languages.find((tag) => /^en\b/i.test(tag)) ?? 'en-GB'
}

export const formats = computed(() => new Formats(localeOf(language.value), words.value.time))

function apply(wanted: Language): void {
  language.value = wanted
  document.documentElement.lang = wanted
  document.title = words.value.name
}

export function startLanguage(addressed: string | undefined): void {
  apply(chooseLanguage(addressed, savedLanguage(), navigator.languages))
}

export function setLanguage(wanted: Language): void {
  apply(wanted)
  try {
    localStorage.setItem(memory, wanted)
  } catch {
    // It is then forgotten with the page.
  }
}
