/* SPDX-License-Identifier: Apache-2.0 */

import { nearestX } from '../mercator'
import type { Circle } from './place-layout'

/* Which sites are drawn as one ring. Depends on places only, never on states: what changes in a
 * second is a recount, not a new picture. Rings never touch: whatever would is merged. */

export interface Points {
  readonly count: number
  readonly x: Float64Array // 0 to 1
  readonly y: Float64Array
}

export interface Box {
  readonly west: number
  readonly north: number
  readonly east: number
  readonly south: number
}

export interface Clusters {
  readonly count: number
  readonly x: Float64Array // px of the whole world at this zoom
  readonly y: Float64Array
  readonly radius: Float32Array
  readonly total: Int32Array
  /** One of its sites. */
  readonly first: Int32Array
  /** Each site's ring, -1 outside of the box (or left out). */
  readonly of: Int32Array
}

export const dotRadius = 7 // px that a single site takes, a little air with it
export const chosenRadius = 16 // px around a site that stands by itself because it was chosen
const gap = 2
const radiusMax = 26
const fine = 14 // px: sites of one such cell are drawn as one
const coarse = 3 * fine
const cellsMax = 1 << 22

export function ringRadius(total: number): number {
  return total === 1 ? dotRadius : Math.min(radiusMax, 10 + 1.9 * Math.log2(total))
}

class Builder {
  readonly x: number[] = []
  readonly y: number[] = []
  readonly total: number[] = []
  readonly radius: number[] = []
  readonly first: number[] = []
  readonly parent: number[] = []

  add(x: number, y: number, first: number): number {
    this.x.push(x)
    this.y.push(y)
    this.total.push(1)
    this.radius.push(dotRadius)
    this.first.push(first)
    return this.parent.push(this.parent.length) - 1
  }

  /** One site more; the middle and the radius are reckoned by `settle`. */
  include(number: number, x: number, y: number): void {
    this.x[number]! += x
    this.y[number]! += y
    this.total[number]!++
  }

  settle(): void {
    for (let number = 0; number < this.total.length; number++) {
      const total = this.total[number]!
      this.x[number]! /= total
      this.y[number]! /= total
      this.radius[number] = ringRadius(total)
    }
  }

  root(number: number): number {
    let at = number
    while (this.parent[at] !== at) {
      this.parent[at] = this.parent[this.parent[at]!]!
      at = this.parent[at]!
    }
    return at
  }

  /** The middle is the mean of all that are in it. */
  join(kept: number, other: number): void {
    const a = this.total[kept]!
    const b = this.total[other]!
    this.x[kept] = (this.x[kept]! * a + this.x[other]! * b) / (a + b)
    this.y[kept] = (this.y[kept]! * a + this.y[other]! * b) / (a + b)
    this.total[kept] = a + b
    this.radius[kept] = ringRadius(a + b)
    this.parent[other] = kept
  }

  touches(a: number, b: number): boolean {
    const dx = this.x[a]! - this.x[b]!
    const dy = this.y[a]! - this.y[b]!
    const apart = this.radius[a]! + this.radius[b]! + gap
    return dx * dx + dy * dy < apart * apart
  }
}

/** A table of cells over the box; a hash of them where they would be too many. */
function cellTable(box: Box, scale: number, size: number) {
  const left = Math.floor((box.west * scale) / size)
  const top = Math.floor((box.north * scale) / size)
  const across = Math.floor((box.east * scale) / size) - left + 1
  const down = Math.floor((box.south * scale) / size) - top + 1
  const few = across * down <= cellsMax
  const array = few ? new Int32Array(across * down).fill(-1) : undefined
  const map = new Map<number, number>()
  const place = (x: number, y: number) =>
    (Math.floor(y / size) - top) * across + Math.floor(x / size) - left
  return {
    get: (x: number, y: number) => (array ? array[place(x, y)]! : (map.get(place(x, y)) ?? -1)),
    set: (x: number, y: number, value: number) => {
      if (array) array[place(x, y)] = value
      else map.set(place(x, y), value)
    }
  }
}

/** Sites of a fine cell are one; returns each site's circle. */
function bin(points: Points, scale: number, box: Box, left: number, made: Builder): Int32Array {
  const of = new Int32Array(points.count).fill(-1)
  const cells = cellTable(box, scale, fine)
  const { x, y } = points
  const middle = (box.west + box.east) / 2
  for (let i = 0; i < points.count; i++) {
    const u = nearestX(x[i]!, middle)
    const v = y[i]!
    if (u < box.west || u > box.east || v < box.north || v > box.south || i === left) continue
    const px = u * scale
    const py = v * scale
    let number = cells.get(px, py)
    if (number < 0) cells.set(px, py, (number = made.add(px, py, i)))
    else made.include(number, px, py)
    of[i] = number
  }
  made.settle()
  return of
}

/** Where four and more circles crowd in a coarse cell they would all touch: one. */
function crowd(made: Builder, roots: number[], scale: number, box: Box): number[] {
  const cells = cellTable(box, scale, coarse)
  const members: number[][] = []
  for (const root of roots) {
    const x = made.x[root]!
    const y = made.y[root]!
    const there = cells.get(x, y)
    if (there < 0) cells.set(x, y, members.push([root]) - 1)
    else members[there]!.push(root)
  }
  for (const [first, ...others] of members)
    if (others.length >= 3) for (const other of others) made.join(first!, other)
  return roots.filter((root) => made.parent[root] === root)
}

const hashSize = 2 * radiusMax + gap

class Neighbours {
  private readonly cells = new Map<number, number[]>()

  constructor(private readonly made: Builder) {}

  private key(x: number, y: number): number {
    return Math.floor(y / hashSize) * 4194304 + Math.floor(x / hashSize)
  }

  add(number: number): void {
    const key = this.key(this.made.x[number]!, this.made.y[number]!)
    const cell = this.cells.get(key)
    if (cell) cell.push(number)
    else this.cells.set(key, [number])
  }

  remove(number: number): void {
    const cell = this.cells.get(this.key(this.made.x[number]!, this.made.y[number]!))
    const at = cell ? cell.indexOf(number) : -1
    if (cell && at >= 0) cell.splice(at, 1)
  }

  /** Any that touches @number. */
  touching(number: number): number {
    const x = this.made.x[number]!
    const y = this.made.y[number]!
    for (let row = -1; row <= 1; row++)
      for (let column = -1; column <= 1; column++)
        for (const other of this.cells.get(this.key(x + column * hashSize, y + row * hashSize)) ??
          [])
          if (other !== number && this.made.touches(number, other)) return other
    return -1
  }
}

/** Merges until no two touch; what a merged ring touches in its new place is looked at again. */
function mergeAll(made: Builder, roots: readonly number[]): void {
  const near = new Neighbours(made)
  for (const root of roots) near.add(root)
  const work = [...roots].sort((a, b) => made.total[a]! - made.total[b]!)
  while (work.length > 0) {
    const number = work.pop()!
    if (made.parent[number] !== number) continue
    const other = near.touching(number)
    if (other < 0) continue
    near.remove(number)
    near.remove(other)
    const [kept, gone] =
      made.total[number]! >= made.total[other]! ? [number, other] : [other, number]
    made.join(kept, gone)
    near.add(kept)
    work.push(kept)
  }
}

/** Moves rings from under a circle aside, until they just touch; whether any was. */
function makeRoom(made: Builder, roots: readonly number[], { x, y, radius }: Circle): boolean {
  let moved = false
  for (const root of roots) {
    const dx = made.x[root]! - x
    const dy = made.y[root]! - y
    const apart = Math.hypot(dx, dy)
    const wanted = radius + made.radius[root]!
    if (apart >= wanted - 0.01) continue
    made.x[root] = x + (apart > 0 ? dx / apart : 1) * wanted
    made.y[root] = y + (apart > 0 ? dy / apart : 0) * wanted
    moved = true
  }
  return moved
}

function chosenCircle(points: Points, scale: number, box: Box, chosen: number): Circle {
  const x = nearestX(points.x[chosen]!, (box.west + box.east) / 2) * scale
  return { x, y: points.y[chosen]! * scale, radius: chosenRadius }
}

const roomRounds = 20 // each but the last takes a ring away

/** The rings of what is in @box at @scale px around the world; the site @left stays by itself, and
 * what lies in the circles @free (px) makes room. The box may go over the date line: each site is on the
 * copy of the world nearest to its middle. */
export function buildClusters(
  points: Points,
  scale: number,
  box: Box,
  left: number,
  free: readonly Circle[] = []
): Clusters {
  const made = new Builder()
  const of = bin(points, scale, box, left, made)
  let roots = made.parent
    .map((_, number) => number)
    .filter((number) => made.parent[number] === number)
  roots = crowd(made, roots, scale, box)
  const alive = () => roots.filter((root) => made.parent[root] === root)
  mergeAll(made, roots)
  roots = alive()
  const kept = left < 0 ? free : [...free, chosenCircle(points, scale, box, left)]
  for (let round = 0; round < roomRounds; round++) {
    const moved = kept.filter((circle) => makeRoom(made, roots, circle))
    if (moved.length === 0) break
    mergeAll(made, roots)
    roots = alive()
  }
  const place = new Map(roots.map((root, index) => [root, index]))
  for (let i = 0; i < of.length; i++) if (of[i]! >= 0) of[i] = place.get(made.root(of[i]!))!
  const pick = (values: readonly number[]) => roots.map((root) => values[root]!)
  return {
    count: roots.length,
    x: Float64Array.from(pick(made.x)),
    y: Float64Array.from(pick(made.y)),
    radius: Float32Array.from(pick(made.radius)),
    total: Int32Array.from(pick(made.total)),
    first: Int32Array.from(pick(made.first)),
    of
  }
}

/** How many sites of each ring are off, and how many are silent or unknown. */
export function countStates(
  clusters: Clusters,
  states: Uint8Array,
  off: Int32Array,
  unheard: Int32Array
): void {
  const { of } = clusters
  off.fill(0)
  unheard.fill(0)
  for (let i = 0; i < of.length; i++) {
    const ring = of[i]!
    if (ring < 0) continue
    const state = states[i]!
    if (state === 1) off[ring] = off[ring]! + 1
    else if (state > 1) unheard[ring] = unheard[ring]! + 1
  }
}
