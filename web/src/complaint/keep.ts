/* SPDX-License-Identifier: Apache-2.0 */
import type { Place } from './api'
import type { Keys } from './keys'

/* What this browser keeps of the reader's own complaints, in IndexedDB: keys, receipts, and what was
 * not sent yet. Where there is none, or it is forbidden, it is forgotten with the page. */

export type CitizenAction = 'file' | 'join' | 'comment' | 'confirm' | 'reopen' | 'withdraw'

export interface Kept {
  readonly id: string // area/number
  readonly area: string
  readonly complaint: string
  readonly keys?: Keys
  /** Own entries as they are stored, and their receipts, in their order. */
  readonly entries: readonly string[]
  readonly receipts: readonly string[]
  readonly privates: readonly string[]
  /** ms, by the daemon's clock: when it was filed or joined. */
  readonly at: number
  /** Whether the receipt was saved to a file. */
  readonly saved: boolean
  /** How many of its steps the reader has seen. */
  readonly seen: number
}

/** What was made ready to be handed in: its bytes stay the same however often it is sent. */
export interface Prepared {
  readonly complaint: string
  readonly ticket?: string
  readonly nonce?: string
  readonly entry?: string // undefined: the service signs it
  readonly private?: string
  readonly keys?: Keys
}

export interface Draft {
  readonly id: string
  readonly area: string
  readonly action: CitizenAction
  readonly place: Place
  /** '' until the daemon gave one. */
  readonly complaint: string
  readonly category: string
  readonly text: string
  readonly contact: string
  readonly photos: readonly Blob[]
  readonly state: 'writing' | 'sending'
  readonly prepared?: Prepared
}

interface Tables {
  readonly complaints: Kept
  readonly drafts: Draft
}
type Table = keyof Tables

export interface Keeper {
  all<T extends Table>(table: T): Promise<Tables[T][]>
  get<T extends Table>(table: T, id: string): Promise<Tables[T] | undefined>
  put<T extends Table>(table: T, row: Tables[T]): Promise<void>
  remove(table: Table, id: string): Promise<void>
  /** Whether it is there after the page is closed. */
  readonly lasts: boolean
}

/** Forgotten with the page. */
export class MemoryKeeper implements Keeper {
  readonly lasts = false
  private readonly tables = { complaints: new Map<string, Kept>(), drafts: new Map<string, Draft>() }

  private of<T extends Table>(table: T): Map<string, Tables[T]> {
    return this.tables[table] as unknown as Map<string, Tables[T]>
  }
  async all<T extends Table>(table: T): Promise<Tables[T][]> {
    return [...this.of(table).values()]
  }
  async get<T extends Table>(table: T, id: string): Promise<Tables[T] | undefined> {
    return this.of(table).get(id)
  }
  async put<T extends Table>(table: T, row: Tables[T]): Promise<void> {
    this.of(table).set(row.id, row)
  }
  async remove(table: Table, id: string): Promise<void> {
    this.of(table).delete(id)
  }
}

const name = 'powertracker'

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('IndexedDB'))
  })
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1)
  request.onupgradeneeded = () => {
    request.result.createObjectStore('complaints', { keyPath: 'id' })
    request.result.createObjectStore('drafts', { keyPath: 'id' })
  }
  return answerOf(request)
}

class DatabaseKeeper implements Keeper {
  readonly lasts = true
  constructor(private readonly database: IDBDatabase) {}

  private store(table: Table, mode: IDBTransactionMode): IDBObjectStore {
    return this.database.transaction(table, mode).objectStore(table)
  }
  all<T extends Table>(table: T): Promise<Tables[T][]> {
    return answerOf(this.store(table, 'readonly').getAll() as IDBRequest<Tables[T][]>)
  }
  async get<T extends Table>(table: T, id: string): Promise<Tables[T] | undefined> {
    return answerOf(this.store(table, 'readonly').get(id) as IDBRequest<Tables[T] | undefined>)
  }
  async put<T extends Table>(table: T, row: Tables[T]): Promise<void> {
    const store = this.store(table, 'readwrite')
    const done = new Promise<void>((resolve, reject) => {
      store.transaction.oncomplete = () => resolve()
      store.transaction.onabort = () => reject(store.transaction.error ?? new Error('IndexedDB'))
    })
    store.put(row)
    await done
  }
  async remove(table: Table, id: string): Promise<void> {
    await answerOf(this.store(table, 'readwrite').delete(id))
  }
}

let opened: Promise<Keeper> | undefined

export function keeper(): Promise<Keeper> {
  opened ??= Promise.resolve().then(openDatabase).then(
    (database): Keeper => new DatabaseKeeper(database),
    (): Keeper => new MemoryKeeper()
  )
  return opened
}

/** For tests. */
export function useKeeper(other: Keeper): void {
  opened = Promise.resolve(other)
}
