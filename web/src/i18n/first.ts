/* SPDX-License-Identifier: Apache-2.0 */
import type { Language } from './language'

/* The words that stand there before the page does; en.ts and hi.ts have them from here. */

interface FirstWords {
  readonly name: string
  readonly loading: string
  readonly counts: {
    readonly off: { readonly one: string; readonly other: string }
    readonly none: string
    readonly of: { readonly one: string; readonly other: string }
    readonly coming: string
  }
}

export const firstWords: Readonly<Record<Language, FirstWords>> = {
  en: {
    name: 'Power Tracker',
    loading: 'Loading …',
    counts: {
      off: { one: 'site without power', other: 'sites without power' },
      none: 'No site is known to be without power',
      of: { one: 'of {n} site', other: 'of {n} sites' },
      coming: 'the map is coming …'
    }
  },
  hi: {
    name: 'पावर ट्रैकर',
    loading: 'लोड हो रहा है …',
    counts: {
      off: { one: 'स्थल बिना बिजली', other: 'स्थल बिना बिजली' },
      none: 'कहीं बिजली बंद होने की ख़बर नहीं है',
      of: { one: '{n} स्थल में से', other: '{n} स्थलों में से' },
      coming: 'नक़्शा आ रहा है …'
    }
  }
}
