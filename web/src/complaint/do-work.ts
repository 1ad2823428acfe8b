/* SPDX-License-Identifier: Apache-2.0 */
import { WorkSearch } from '../core/work'

const slice = 512 // nonces between two chances for the page

/** In slices on the page itself, where there are no workers. */
async function workHere(ticket: string, bits: number): Promise<string> {
  const search = new WorkSearch(ticket, bits)
  for (;;) {
    const nonce = search.search(slice)
    if (nonce !== '') return nonce
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
}

function workBeside(ticket: string, bits: number): Promise<string> {
  const worker = new Worker(new URL('./work-worker.ts', import.meta.url), { type: 'module' })
  const done = new Promise<string>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<string>) => resolve(data)
    worker.onerror = () => reject(new Error('no worker'))
  })
  worker.postMessage({ ticket, bits })
  return done.finally(() => worker.terminate())
}

/** The nonce that a ticket asks for. */
export async function doWork(ticket: string, bits: number): Promise<string> {
  if (typeof Worker === 'undefined') return workHere(ticket, bits)
  return workBeside(ticket, bits).catch(() => workHere(ticket, bits))
}
