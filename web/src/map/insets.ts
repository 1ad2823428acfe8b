/* SPDX-License-Identifier: Apache-2.0 */

/* How much of the map lies under the cards that float over it. */

export interface Edges {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

const least = 0.3 // of the map's width and height is left, whatever lies on it

type Side = keyof Edges

/** What @cards take away from each side of @map (both in one system of px): each from the side where
 * it costs the smallest share. */
export function insetsOf(map: Edges, cards: readonly Edges[]): Edges {
  const width = map.right - map.left
  const height = map.bottom - map.top
  const insets: Record<Side, number> = { left: 0, top: 0, right: 0, bottom: 0 }
  for (const card of cards) {
    const over =
      card.left < map.right - insets.right &&
      card.right > map.left + insets.left &&
      card.top < map.bottom - insets.bottom &&
      card.bottom > map.top + insets.top
    if (!over) continue
    const cuts: readonly [Side, number, number][] = [
      ['top', card.bottom - map.top, height],
      ['bottom', map.bottom - card.top, height],
      ['left', card.right - map.left, width],
      ['right', map.right - card.left, width]
    ]
    const share = ([side, cut, all]: readonly [Side, number, number]) => (cut - insets[side]) / all
    const [side, cut] = cuts.reduce((best, next) => (share(next) < share(best) ? next : best))
    insets[side] = cut
  }
  const fits = (taken: number, all: number) => taken <= all * (1 - least)
  return {
    ...(fits(insets.left + insets.right, width)
      ? { left: insets.left, right: insets.right }
      : { left: 0, right: 0 }),
    ...(fits(insets.top + insets.bottom, height)
      ? { top: insets.top, bottom: insets.bottom }
      : { top: 0, bottom: 0 })
  }
}
