/* SPDX-License-Identifier: Apache-2.0 */
import type { StreamEvent } from './events'
import type { RowsOf } from './feed'
import { emptyLists, type Feeds, type ListsOf } from './feeds'
import { getJson, parseJson, request } from './get'
import { LinkError, makeTurn, readLines } from './lines'
import { listOf, membersOf } from './rows'

const lineMax = 1024 * 1024 // characters: some hundred sites of long names
const pagesMax = 1000

/** Everything that a daemon has told since a line to it began: its lists, from rows and events. */
export class Picture<F extends Feeds> {
  readonly lists: ListsOf<F>
  private readonly events = new Map<string, { readonly list: string; readonly rowsOf: RowsOf }>()

  constructor(private readonly feeds: F) {
    this.lists = emptyLists(feeds)
    for (const [list, feed] of Object.entries(feeds))
      for (const [event, rowsOf] of Object.entries(feed.events))
        this.events.set(event, { list, rowsOf })
  }

  /** Loads one list after the other from the daemon at @base; @taken is called for each row, and
   * @whole after each list. */
  async load(
    base: string,
    signal: AbortSignal,
    taken: () => void,
    whole: () => void
  ): Promise<void> {
    for (const [name, { lines, rowsOf, pages }] of Object.entries(this.feeds)) {
      const take = (row: unknown) => {
        this.take(name, row)
        taken()
      }
      const takeLine = (line: unknown) => {
        for (const row of rowsOf ? rowsOf(line) : [line]) take(row)
      }
      if (lines !== undefined) await loadLines(base + lines, signal, takeLine)
      if (pages !== undefined) await loadPages(base, pages, name, signal, take)
      if (!signal.aborted) whole()
    }
  }

  /** Whether an event was one of a list. */
  apply({ name, data }: StreamEvent): boolean {
    const known = this.events.get(name)
    if (!known) return false
    for (const row of known.rowsOf(parseJson(data))) this.take(known.list, row)
    return true
  }

  private take(name: string, row: unknown): void {
    const list = this.lists[name]
    const feed = this.feeds[name]
    if (!list || !feed) return
    list.take(row)
    if (list.size > feed.maximum) throw new LinkError('malformed', `too many ${name}`)
  }
}

type Take = (row: unknown) => void

async function loadLines(address: string, signal: AbortSignal, take: Take): Promise<void> {
  const answer = await request(address, 'application/x-ndjson', signal)
  if (!answer.body) throw new LinkError('ended', 'no body')
  await readLines(answer.body, lineMax, (line) => {
    if (line !== '' && !signal.aborted) take(parseJson(line))
  }).catch((error: unknown) => {
    throw error instanceof LinkError ? error : new LinkError('ended', String(error))
  })
}

/** Pages at @first and after it, with their rows under @name. */
async function loadPages(
  base: string,
  first: string,
  name: string,
  signal: AbortSignal,
  take: Take
): Promise<void> {
  const path = first.slice(0, first.indexOf('?') + 1)
  const turn = makeTurn()
  let next: unknown = first
  for (let page = 0; typeof next === 'string' && page < pagesMax; page++) {
    // Only ever this daemon: an answer must not send us elsewhere.
    if (!next.startsWith(path)) throw new LinkError('version', 'next')
    const answer = await getJson(base + next, signal)
    for (const row of listOf(answer, name)) {
      take(row)
      const wait = turn()
      if (wait) await wait
      if (signal.aborted) return
    }
    next = membersOf(answer, name)['next']
  }
}
