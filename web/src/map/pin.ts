/* SPDX-License-Identifier: Apache-2.0 */
import type { Circle } from './place-layout'

/* The pin of a place that was chosen, and where its name stands beside it. */

export const pinHead = 7 // px, the radius
export const pinHigh = 22 // px from its tip to the middle of its head
const nameHeight = 16 // px

const nameUp = pinHigh + pinHead + 11

/** What the pin and the name above it cover: rings make room for them. @x, @y: its tip. */
export function pinCircles(x: number, y: number, width: number): Circle[] {
  const count = Math.max(2, Math.ceil(width / nameHeight))
  const name = Array.from({ length: count }, (_, at) => ({
    x: x + ((at + 0.5) / count - 0.5) * width,
    y: y - nameUp,
    radius: nameHeight / 2 + 1
  }))
  return [{ x, y: y - pinHigh / 2 - 1, radius: 17 }, ...name]
}

const touches = (west: number, north: number, width: number, { x, y, radius }: Circle) => {
  const dx = x - Math.max(west, Math.min(x, west + width))
  const dy = y - Math.max(north, Math.min(y, north + nameHeight))
  return dx * dx + dy * dy < radius * radius
}

/** The middle of the name of a pin whose tip is at @x, @y: above it, else (a chosen site makes no room)
 * to its right, to its left or below, where it crosses nothing; above where it would everywhere. */
export function namePlace(
  x: number,
  y: number,
  width: number,
  circles: readonly Circle[]
): readonly [number, number] {
  const beside = width / 2 + pinHead + 5
  const above = [x, y - nameUp] as const
  const others = [
    [x + beside, y - pinHigh],
    [x - beside, y - pinHigh],
    [x, y + nameHeight / 2 + 2]
  ] as const
  const free = [above, ...others].find(
    ([middle, at]) =>
      !circles.some((one) => touches(middle - width / 2, at - nameHeight / 2, width, one))
  )
  return free ?? above
}
