/* SPDX-License-Identifier: Apache-2.0 */
import { chosenRadius, type Clusters } from './cluster'
import { namePlace, pinHead, pinHigh } from './pin'
import type { Circle } from './place-layout'

/* Signs: shape and colour both say the state, as everywhere. */

export interface Palette {
  readonly on: string
  readonly off: string
  readonly silent: string
  readonly paper: string
  readonly ink: string
  readonly quiet: string
  readonly font: string
}

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  return {
    on: colour('--on'),
    off: colour('--off'),
    silent: colour('--silent'),
    paper: colour('--paper'),
    ink: colour('--ink'),
    quiet: colour('--quiet'),
    font: style.fontFamily
  }
}

const turn = 2 * Math.PI
const top = -Math.PI / 2

function circle(context: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath()
  context.arc(x, y, radius, 0, turn)
}

function diamond(context: CanvasRenderingContext2D, x: number, y: number, half: number): void {
  context.beginPath()
  context.moveTo(x, y - half)
  context.lineTo(x + half, y)
  context.lineTo(x, y + half)
  context.lineTo(x - half, y)
  context.closePath()
}

/** One site: on a small dot, off a diamond, silent a hollow ring, unknown a dotted one. */
export function drawSite(
  context: CanvasRenderingContext2D,
  palette: Palette,
  state: number,
  x: number,
  y: number
): void {
  if (state === 0) {
    circle(context, x, y, 3)
    context.fillStyle = palette.on
    context.fill()
  } else if (state === 1) {
    diamond(context, x, y, 7)
    context.fillStyle = palette.off
    context.strokeStyle = palette.paper
    context.lineWidth = 1.5
    context.fill()
    context.stroke()
  } else {
    circle(context, x, y, 4.5)
    context.fillStyle = palette.paper
    context.strokeStyle = palette.silent
    context.lineWidth = 1.8
    context.fill()
    if (state === 3) context.setLineDash([2, 2])
    context.stroke()
    context.setLineDash([])
  }
}

export function drawChosen(
  context: CanvasRenderingContext2D,
  palette: Palette,
  x: number,
  y: number
): void {
  circle(context, x, y, chosenRadius - 2)
  context.strokeStyle = palette.paper
  context.lineWidth = 5
  context.stroke()
  context.strokeStyle = palette.ink
  context.lineWidth = 2.5
  context.stroke()
}

/** How wide a pin's name is written; the context is left with its font. */
export function nameWidth(
  context: CanvasRenderingContext2D,
  palette: Palette,
  name: string
): number {
  context.font = `700 14px ${palette.font}`
  return context.measureText(name).width
}

/** A place and its name, where it crosses none of @circles: the tip of the pin is where it is. */
export function drawPin(
  context: CanvasRenderingContext2D,
  palette: Palette,
  name: string,
  x: number,
  y: number,
  circles: readonly Circle[]
): void {
  context.beginPath()
  context.moveTo(x, y)
  context.lineTo(x - pinHead * 0.9, y - pinHigh + pinHead * 0.45)
  context.arc(x, y - pinHigh, pinHead, Math.PI * 0.86, Math.PI * 0.14)
  context.closePath()
  context.lineJoin = 'round'
  context.strokeStyle = palette.paper
  context.lineWidth = 3
  context.stroke()
  context.fillStyle = palette.ink
  context.fill()
  circle(context, x, y - pinHigh, 2.5)
  context.fillStyle = palette.paper
  context.fill()
  const [middle, at] = namePlace(x, y, nameWidth(context, palette, name), circles)
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.lineWidth = 4
  context.strokeText(name, middle, at)
  context.fillStyle = palette.ink
  context.fillText(name, middle, at)
}

function arc(
  context: CanvasRenderingContext2D,
  colour: string,
  width: number,
  place: readonly [number, number, number],
  from: number,
  share: number
): void {
  context.beginPath()
  context.arc(place[0], place[1], place[2], top + from * turn, top + (from + share) * turn)
  context.strokeStyle = colour
  context.lineWidth = width
  context.stroke()
}

const units = ['k', 'M', 'G', 'T', 'P']

/** A number in at most four characters, rounded: "999", "1.7k", "12k". The console writes it so, too. */
export function brief(value: number): string {
  if (value < 1000) return String(value)
  let [scale, unit] = [1000, 0]
  // As long as it would be rounded to a thousand of its unit.
  for (; unit + 1 < units.length && value >= scale * 1000 - scale / 2; unit++) scale *= 1000
  const tenths = Math.round(value / (scale / 10))
  return `${tenths < 100 ? tenths / 10 : Math.round(value / scale)}${units[unit]}`
}

export interface Ring {
  readonly total: number
  readonly off: number
  readonly unheard: number
  readonly radius: number
}

/** Several sites: the filled arc is the share that is off, the number how many (all, if none is). */
export function drawRing(
  context: CanvasRenderingContext2D,
  palette: Palette,
  ring: Ring,
  x: number,
  y: number
): void {
  const place = [x, y, ring.radius - 2.5] as const
  circle(context, x, y, ring.radius - 1)
  context.fillStyle = palette.paper
  context.fill()
  arc(context, palette.on, 1.8, place, 0, 1)
  const off = ring.off / ring.total
  const unheard = ring.unheard / ring.total
  if (unheard > 0) {
    arc(context, palette.paper, 3, place, off, unheard)
    context.setLineDash([3, 3])
    arc(context, palette.silent, 1.8, place, off, unheard)
    context.setLineDash([])
  }
  // A share of one in a thousand has to be seen too.
  if (off > 0) arc(context, palette.off, 4.5, place, 0, Math.max(off, 0.04))
  context.fillStyle = ring.off > 0 ? palette.off : palette.quiet
  const text = brief(ring.off > 0 ? ring.off : ring.total)
  const size = ring.radius < 13 ? 10.5 : 12.5
  context.font = `${ring.off > 0 ? 700 : 400} ${size}px ${palette.font}`
  context.fillText(text, x, y + 0.5)
}

export interface Picture {
  readonly clusters: Clusters
  readonly off: Int32Array
  readonly unheard: Int32Array
  readonly states: Uint8Array
}

/** Everything in view; what is on lies beneath what is off. */
export function drawPicture(
  context: CanvasRenderingContext2D,
  palette: Palette,
  picture: Picture,
  view: { left: number; top: number; scale: number; width: number; height: number }
): void {
  const { clusters, off, unheard, states } = picture
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  for (const front of [false, true])
    for (let i = 0; i < clusters.count; i++) {
      if (off[i]! > 0 !== front) continue
      const x = clusters.x[i]! * view.scale - view.left
      const y = clusters.y[i]! * view.scale - view.top
      if (x < -30 || y < -30 || x > view.width + 30 || y > view.height + 30) continue
      const total = clusters.total[i]!
      if (total === 1) drawSite(context, palette, states[clusters.first[i]!]!, x, y)
      else
        drawRing(
          context,
          palette,
          { total, off: off[i]!, unheard: unheard[i]!, radius: clusters.radius[i]! },
          x,
          y
        )
    }
}
