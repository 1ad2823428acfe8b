/* SPDX-License-Identifier: Apache-2.0 */
import { computed, ref } from 'vue'
import { part } from '../part'
import { en, type Words } from './en'
import { Formats } from './format'
import {
  chooseLanguage,
  type Language,
  localeOf,
  readsHindi,
  savedLanguage,
  saveLanguage
} from './language'

export type { Language, Words }
export { fill } from './format'

/** Words that are here; others come when they are wished for. */
const tables: Partial<Record<Language, Words>> = { en }

export const language = ref<Language>('en')
export const words = computed<Words>(() => tables[language.value] ?? en)
export const formats = computed(() => new Formats(localeOf(language.value), words.value.time))

/** What was wished for last and cannot be had yet. */
export const missing = ref<Language>()

let wished: Language = 'en'

/** The words of the other language: only for who reads it, or is about to. */
export async function loadWords(): Promise<void> {
  tables.hi ??= (await part(() => import('./hi'))).hi
}

/** The same, once all else is there, for who reads both. */
export function loadReadWords(): void {
  if (readsHindi(navigator.languages)) loadWords().catch(() => {})
}

/** Whether it is the language now: not where its words cannot be had, or another was wished for. */
async function apply(wanted: Language): Promise<boolean> {
  wished = wanted
  // They are asked for again when somebody wishes for them again.
  if (!tables[wanted]) await loadWords().catch(() => {})
  if (wished !== wanted) return false
  missing.value = tables[wanted] ? undefined : wanted
  if (missing.value) return false
  language.value = wanted
  document.documentElement.lang = wanted
  return true
}

export async function startLanguage(addressed: string | undefined): Promise<void> {
  await apply(chooseLanguage(addressed, savedLanguage(), navigator.languages))
  document.documentElement.lang = language.value
}

export async function setLanguage(wanted: Language): Promise<boolean> {
  const done = await apply(wanted)
  if (done) saveLanguage(wanted)
  return done
}
