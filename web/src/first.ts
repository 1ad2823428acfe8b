/* SPDX-License-Identifier: Apache-2.0 */
import { fill } from './i18n/format'
import { firstWords } from './i18n/first'
import { chooseLanguage, localeOf, savedLanguage } from './i18n/language'
import { askBackground, askFirst } from './net/first'
import type { Status } from './net/status'
import './styles/base.css'
import './styles/group.css'
import './styles/layout.css'
import './styles/map.css'
import './styles/sheet.css'

/* The first that is loaded, and the least: how many are without power, while the page is on its way.
 * index.html has the places; the page puts itself where they are. */

const addressed = new URLSearchParams(location.hash.slice(1)).get('lang')
const language = chooseLanguage(addressed, savedLanguage(), navigator.languages)
const words = firstWords[language]
const numbers = new Intl.NumberFormat(localeOf(language))
const rules = new Intl.PluralRules(localeOf(language))

function plural(forms: { one: string; other: string }, count: number): string {
  const form = rules.select(count) === 'one' ? forms.one : forms.other
  return fill(form, { n: numbers.format(count) })
}

/** Nothing, once the page is there. */
function write(place: string, text: string): void {
  const found = document.getElementById(place)
  if (found) found.textContent = text
}

function show({ off, sites }: Status): void {
  if (off === undefined) return
  write('first-number', off > 0 ? numbers.format(off) : '')
  write('first-words', off > 0 ? plural(words.counts.off, off) : words.counts.none)
  write('first-more', `${plural(words.counts.of, sites)} · ${words.counts.coming}`)
  document.getElementById('first-counts')?.removeAttribute('hidden')
}

document.documentElement.lang = language
write('first-name', words.name)
write('first-state', words.loading)
void askFirst().then((status) => {
  if (status) show(status)
  // One after the other: the page begins to load its sites while the map is on its way.
  askBackground(matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
  void import('./components/MapView.vue').catch(() => {}) // App.vue asks for it again
})
if (language === 'hi') void import('./i18n/hi').catch(() => {}) // main.ts waits for it
void import('./main')
