/* SPDX-License-Identifier: Apache-2.0 */
import type { ActionEntry, Entry, NoticeEntry } from '../check/types'
import { fill, formats, words } from '../i18n'

/* What an entry says, in a sentence for people. */

type TimeText = (at: number) => string

function byWhom(by: string): string {
  const { citizen, service } = words.value.check.entries
  if (by === 'citizen') return citizen
  return by === 'service' ? service : by
}

function actionText(entry: ActionEntry, time: TimeText): string {
  const { action, actions } = words.value.check.entries
  return fill(action, {
    complaint: entry.complaint,
    n: formats.value.number(entry.n),
    action: fill(actions[entry.action], { to: entry.to ?? '', of: entry.of ?? '' }),
    by: byWhom(entry.by),
    time: time(entry.received)
  })
}

function noticeText(entry: NoticeEntry, time: TimeText): string {
  const { notice, noticeWithdrawn, abouts, scopes } = words.value.check.entries
  return fill(entry.status === 'active' ? notice : noticeWithdrawn, {
    about: abouts[entry.about],
    scope: fill(scopes[entry.scope], { target: entry.target ?? '' }),
    start: time(entry.start),
    end: time(entry.end),
    by: entry.by,
    time: time(entry.received)
  })
}

export function entryText(entry: Entry, time: TimeText): string {
  const { check, reports } = words.value
  const { entries } = check
  const number = (value: number) => formats.value.number(value)
  switch (entry.kind) {
    case 'report': {
      const power = entry.power === 'ON' ? reports.on : reports.off
      return fill(check.says, { power, time: time(entry.ts), site: entry.site })
    }
    case 'action':
      return actionText(entry, time)
    case 'notice':
      return noticeText(entry, time)
    case 'profile':
      return fill(entries.profile, { time: time(entry.received) })
    case 'lost': {
      const [first, last] = [number(entry.first), number(entry.last)]
      const reason = entries.losses[entry.reason]
      const text = first === last ? entries.lostOne : entries.lost
      return fill(text, { device: entry.device, first, last, reason })
    }
    case 'device': {
      const { device, site, status, received } = entry
      return fill(entries.device, {
        device,
        site,
        status: entries.statuses[status],
        time: time(received)
      })
    }
    case 'official': {
      const { official, name, status, received } = entry
      return fill(entries.official, {
        official,
        name,
        status: entries.statuses[status],
        time: time(received)
      })
    }
    case 'roster':
      return fill(entries.roster, {
        batch: number(entry.batch),
        heard: number(entry.heard),
        expected: number(entry.expected)
      })
  }
}
