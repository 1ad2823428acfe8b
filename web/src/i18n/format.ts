/* SPDX-License-Identifier: Apache-2.0 */
import type { Plural, Words } from './en'

export type Values = Readonly<Record<string, string | number>>

/** Puts values into `{name}`; what is not given stays as it is written. */
export function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

/** Numbers, times and durations as a language writes them; times in the device's zone. */
export class Formats {
  private readonly numbers: Intl.NumberFormat
  private readonly rules: Intl.PluralRules
  private readonly clock: Intl.DateTimeFormat
  private readonly dayMonth: Intl.DateTimeFormat
  private readonly dayMonthYear: Intl.DateTimeFormat
  private readonly weekday: Intl.DateTimeFormat

  constructor(
    locale: string,
    private readonly words: Words['time'],
    private readonly timeZone?: string
  ) {
    const zone = timeZone === undefined ? {} : { timeZone }
    this.numbers = new Intl.NumberFormat(locale)
    this.rules = new Intl.PluralRules(locale)
    this.clock = new Intl.DateTimeFormat(locale, {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      ...zone
    })
    this.dayMonth = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', ...zone })
    this.dayMonthYear = new Intl.DateTimeFormat(locale, {
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      ...zone
    })
    this.weekday = new Intl.DateTimeFormat(locale, { weekday: 'short', ...zone })
  }

  number(value: number): string {
    return this.numbers.format(value)
  }

  /** @forms with its `{n}`. */
  plural(forms: Plural, n: number, values: Values = {}): string {
    const form = this.rules.select(n) === 'one' ? forms.one : forms.other
    return fill(form, { n: this.number(n), ...values })
  }

  day(at: number): string {
    return this.dayMonth.format(at)
  }

  weekdayOf(at: number): string {
    return this.weekday.format(at)
  }

  /** The time alone when it is of the day of @now, else with its date, else with its year too. */
  time(at: number, now: number): string {
    const time = this.clock.format(at)
    const day = this.dayMonthYear.format(at)
    const today = this.dayMonthYear.format(now)
    if (day === today) return time
    const year = (ms: number) => this.yearOf(ms)
    const date = year(at) === year(now) ? this.dayMonth.format(at) : day
    return fill(this.words.at, { date, time })
  }

  /** ms in at most two units. */
  duration(ms: number): string {
    const minutes = Math.floor(Math.max(0, ms) / 60_000)
    if (minutes < 1) return this.words.less
    const days = Math.floor(minutes / 1440)
    const hours = Math.floor(minutes / 60) % 24
    const rest = minutes % 60
    const parts = [
      days > 0 ? this.plural(this.words.days, days) : '',
      hours > 0 ? this.plural(this.words.hours, hours) : '',
      rest > 0 && days === 0 ? this.plural(this.words.minutes, rest) : ''
    ]
    return parts.filter((part) => part !== '').join(' ')
  }

  /** How long ago, in its largest unit. */
  ago(ms: number): string {
    const seconds = Math.floor(Math.max(0, ms) / 1000)
    if (seconds < 3) return this.words.justNow
    if (seconds < 60) return this.plural(this.words.secondsAgo, seconds)
    if (seconds < 3600) return this.plural(this.words.minutesAgo, Math.floor(seconds / 60))
    return this.plural(this.words.hoursAgo, Math.floor(seconds / 3600))
  }

  distance(metres: number): string {
    if (metres < 1000) return this.plural(this.words.metres, Math.round(metres / 10) * 10)
    const kilometres = metres / 1000
    return this.plural(
      this.words.kilometres,
      kilometres < 10 ? Math.round(kilometres * 10) / 10 : Math.round(kilometres)
    )
  }

  private yearOf(ms: number): string {
    const zone = this.timeZone === undefined ? {} : { timeZone: this.timeZone }
    return new Intl.DateTimeFormat('en', { year: 'numeric', ...zone }).format(ms)
  }
}
