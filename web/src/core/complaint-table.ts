/* SPDX-License-Identifier: Apache-2.0 */
import type { OfficialEntry } from './entry'
import type { Action } from './entry-table'

/* Who may do what to a complaint, in which state, and what that makes it: the table of
 * docs/PROTOCOL.md section 10. */

export type State =
  | 'none' // nothing of it is known yet
  | 'open'
  | 'acknowledged'
  | 'assigned'
  | 'resolved'
  | 'rejecting' // by one officer, until another approves
  | 'rejected'
  | 'duplicate'
  | 'confirmed'
  | 'withdrawn'

export type Who = 'stranger' | 'filer' | 'joiner' | 'service' | 'operator' | 'officer' | 'auditor'

interface Step {
  readonly who: readonly Who[]
  readonly in: readonly State[]
  readonly makes?: State
}

const atWork: State[] = ['open', 'acknowledged', 'assigned']
const closed: State[] = ['resolved', 'rejecting', 'rejected', 'duplicate']
const notEnded = [...atWork, ...closed]
const any: State[] = [...notEnded, 'confirmed', 'withdrawn']
const dispatch: Who[] = ['operator', 'officer']

export const steps: Readonly<Record<Action, Step>> = {
  file: { who: ['stranger', 'service'], in: ['none'], makes: 'open' },
  join: { who: ['stranger', 'service'], in: notEnded },
  comment: { who: ['filer', 'joiner', 'service', ...dispatch, 'auditor'], in: any },
  acknowledge: { who: dispatch, in: ['open'], makes: 'acknowledged' },
  assign: { who: dispatch, in: atWork, makes: 'assigned' },
  resolve: { who: ['officer'], in: atWork, makes: 'resolved' },
  unresolve: { who: ['officer'], in: closed, makes: 'open' },
  reject: { who: ['officer'], in: atWork, makes: 'rejected' },
  approve: { who: ['officer'], in: ['rejecting'], makes: 'rejected' },
  duplicate: { who: dispatch, in: atWork, makes: 'duplicate' },
  reopen: { who: ['filer', 'joiner', 'service'], in: [...closed, 'confirmed'], makes: 'open' },
  confirm: { who: ['filer', 'joiner'], in: ['resolved'], makes: 'confirmed' },
  withdraw: { who: ['filer'], in: notEnded, makes: 'withdrawn' }
}

/** Whether somebody of this role may ever do this to a complaint. */
export function mayAct(action: Action, role: OfficialEntry['role']): boolean {
  return steps[action].who.includes(role)
}
