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

/** How it counts; made once there is something to count, for that takes a phone a while. */
function counter() {
  const numbers = new Intl.NumberFormat(localeOf(language))
  const rules = new Intl.PluralRules(localeOf(language))
  const plural = (forms: { one: string; other: string }, count: number) =>
    fill(rules.select(count) === 'one' ? forms.one : forms.other, { n: numbers.format(count) })
  return { numbers, plural }
}

/** Nothing, once the page is there. */
function write(place: string, text: string): void {
  const found = document.getElementById(place)
  if (found) found.textContent = text
}

function show({ off, sites }: Status): void {
  if (off === undefined || !document.getElementById('first-counts')) return
  const { numbers, plural } = counter()
  write('first-number', off > 0 ? numbers.format(off) : '')
  write('first-words', off > 0 ? plural(words.counts.off, off) : words.counts.none)
  write('first-more', `${plural(words.counts.of, sites)} · ${words.counts.coming}`)
  document.getElementById('first-counts')?.removeAttribute('hidden')
}

document.documentElement.lang = language
write('first-name', words.name)
write('first-state', words.loading)
void askFirst().then((status) => status && show(status))
askBackground(matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
if (language === 'hi') void import('./i18n/hi').catch(() => {}) // main.ts waits for it
void import('./main')
void import('./components/MapView.vue').catch(() => {}) // App.vue asks for it again
