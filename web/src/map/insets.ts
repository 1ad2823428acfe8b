/* SPDX-License-Identifier: Apache-2.0 */

/* How much of the map lies under the cards that float over it. */

export interface Edges {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

const least = 0.25 // of the map's width and height is left, whatever lies on it

type Side = keyof Edges

/** What @cards take away from each side of @map (both in one system of px): each from the side where
 * a box that is @aspect times as wide as high stays largest. */
export function insetsOf(map: Edges, cards: readonly Edges[], aspect: number): Edges {
  const width = map.right - map.left
  const height = map.bottom - map.top
  const insets: Record<Side, number> = { left: 0, top: 0, right: 0, bottom: 0 }
  /** How high that box is. */
  const size = ({ left, top, right, bottom }: Edges) =>
    Math.min((width - left - right) / aspect, height - top - bottom)
  for (const card of cards) {
    const over =
      card.left < map.right - insets.right &&
      card.right > map.left + insets.left &&
      card.top < map.bottom - insets.bottom &&
      card.bottom > map.top + insets.top
    if (!over) continue
    const cuts: readonly Edges[] = [
      { ...insets, top: card.bottom - map.top },
      { ...insets, bottom: map.bottom - card.top },
      { ...insets, left: card.right - map.left },
      { ...insets, right: map.right - card.left }
    ]
    Object.assign(
      insets,
      cuts.reduce((best, next) => (size(next) > size(best) ? next : best))
    )
  }
  const [left, right] = bounded(insets.left, insets.right, width)
  const [top, bottom] = bounded(insets.top, insets.bottom, height)
  return { left, top, right, bottom }
}

/** Where both sides together take too much, the larger one counts: what lies beneath a sheet is not seen. */
function bounded(first: number, second: number, all: number): readonly [number, number] {
  const most = all * (1 - least)
  if (first + second <= most) return [first, second]
  if (Math.max(first, second) > most) return [0, 0]
  return first > second ? [first, 0] : [0, second]
}
