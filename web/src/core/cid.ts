/* SPDX-License-Identifier: Apache-2.0 */
import { type Bytes, concat, equal, FormatError } from './bytes'
import { base32Decode, base32Encode } from './encoding'
import { noPace, type Pace } from './pace'
import { sha256 } from './sha256'

/* CIDv1 with SHA2-256, and UnixFS files as the unixfs-v1-2025 profile lays them out (IPIP-499): raw
 * leaves of 1 MiB, a balanced tree of at most 1024 links a node. As core/pt-unixfs.c. */

export const chunkSize = 1048576
export const linksMax = 1024
const cidSize = 36
const codecRaw = 0x55
const codecDagPb = 0x70

function makeCid(codec: number, digest: Bytes): Bytes {
  return concat(Uint8Array.of(1, codec, 0x12, 0x20), digest)
}

export function cidToText(cid: Uint8Array): string {
  return `b${base32Encode(cid)}`
}

export function cidFromBytes(data: Bytes): Bytes {
  const prefix = data.length === cidSize ? data.slice(0, 4) : new Uint8Array()
  if (![codecRaw, codecDagPb].some((codec) => equal(prefix, Uint8Array.of(1, codec, 0x12, 0x20)))) {
    throw new FormatError('bad-cid', 'not a CIDv1 of raw or dag-pb with SHA2-256')
  }
  return data
}

export function cidFromText(text: string): Bytes {
  if (text.length !== 59 || text[0] !== 'b') throw new FormatError('bad-cid', 'not a CID in base32')
  try {
    return cidFromBytes(base32Decode(text.slice(1)))
  } catch {
    throw new FormatError('bad-cid', 'not a CID in base32')
  }
}

interface Link {
  readonly cid: Bytes
  readonly treeSize: number // serialised bytes of the node and all below
  readonly fileSize: number // bytes of the file below it
}

function varint(value: number): number[] {
  const out: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out.push((rest % 0x80) | 0x80)
  out.push(rest)
  return out
}

/* PBLink: Hash, an empty Name, Tsize. */
function writeLink(link: Link): number[] {
  const body = [0x0a, cidSize, ...link.cid, 0x12, 0, 0x18, ...varint(link.treeSize)]
  return [0x12, ...varint(body.length), ...body]
}

/* PBNode: the links first, then UnixFS Data of type File with the size of each child. */
async function makeNode(links: readonly Link[]): Promise<Link> {
  const fileSize = links.reduce((sum, link) => sum + link.fileSize, 0)
  const data = [
    0x08,
    0x02,
    0x18,
    ...varint(fileSize),
    ...links.flatMap((link) => [0x20, ...varint(link.fileSize)])
  ]
  const node = Uint8Array.from([...links.flatMap(writeLink), 0x0a, ...varint(data.length), ...data])
  return {
    cid: makeCid(codecDagPb, await sha256(node)),
    treeSize: links.reduce((sum, link) => sum + link.treeSize, node.length),
    fileSize
  }
}

async function hashLeaves(file: Uint8Array, chunk: number, pace: Pace): Promise<Link[]> {
  const leaves: Link[] = []
  for (let at = 0; at < file.length || at === 0; at += chunk) {
    const data = file.subarray(at, at + chunk)
    leaves.push({
      cid: makeCid(codecRaw, await sha256(data)),
      treeSize: data.length,
      fileSize: data.length
    })
    await pace(Math.min(at + chunk, file.length), file.length)
  }
  return leaves
}

/** The CID of a whole file. @chunk and @links differ from the profile's only in tests. */
export async function cidOfFile(
  file: Uint8Array,
  pace: Pace = noPace,
  chunk = chunkSize,
  links = linksMax
): Promise<Bytes> {
  let row = await hashLeaves(file, chunk, pace)
  while (row.length > 1) {
    const parents: Link[] = []
    for (let at = 0; at < row.length; at += links)
      parents.push(await makeNode(row.slice(at, at + links)))
    row = parents
  }
  return row[0]!.cid
}
