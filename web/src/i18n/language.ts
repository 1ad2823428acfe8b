/* SPDX-License-Identifier: Apache-2.0 */

export const languages = ['en', 'hi'] as const
export type Language = (typeof languages)[number]

const memory = 'powertracker.language'

export const isLanguage = (text: string | null | undefined): text is Language =>
  languages.some((language) => language === text)

/** What the address says, else what was chosen before, else what the browser prefers. */
export function chooseLanguage(
  addressed: string | null | undefined,
  saved: string | null,
  preferred: readonly string[]
): Language {
  if (isLanguage(addressed)) return addressed
  if (isLanguage(saved)) return saved
  const known = preferred.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage)
  return known ?? 'en'
}

export const readsHindi = (preferred: readonly string[]) =>
  preferred.some((tag) => /^hi\b/i.test(tag))

export function savedLanguage(): string | null {
  try {
    return localStorage.getItem(memory)
  } catch {
    return null // storage is forbidden
  }
}

export function saveLanguage(wanted: Language): void {
  try {
    localStorage.setItem(memory, wanted)
  } catch {
    // It is then forgotten with the page.
  }
}

export function localeOf(wanted: Language): string {
  if (wanted === 'hi') return 'hi-IN'
  return navigator.languages.find((tag) => /^en\b/i.test(tag)) ?? 'en-GB'
}
