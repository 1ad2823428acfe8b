/* SPDX-License-Identifier: Apache-2.0 */

/* One list of the daemon's: where it is had, which events change it, what is kept of it. Each is a
 * file of its own, feed-NAME.ts, and a line in feeds.ts. */

/** What is kept of a list. */
export interface List {
  /** Rows; never more than the feed's maximum. */
  readonly size: number
  /** A row as the daemon writes it, new or changed; a LinkError where it is not as it should be. */
  take(row: unknown): void
}

/** The rows in an event's data. */
export type RowsOf = (data: unknown) => readonly unknown[]

/** The data is a row itself. */
export const oneRow: RowsOf = (data) => [data]

export interface Feed<L extends List = List> {
  /** A path that answers with a row a line, or with what `rowsOf` makes rows of. */
  readonly lines?: string
  readonly rowsOf?: (line: unknown) => Iterable<unknown>
  /** A path that answers with pages, each with its rows under the list's name and `next`. */
  readonly pages?: string
  /** The events that bring rows of it, by name. */
  readonly events: Readonly<Record<string, RowsOf>>
  readonly maximum: number
  readonly empty: () => L
}
