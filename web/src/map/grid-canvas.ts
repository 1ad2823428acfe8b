/* SPDX-License-Identifier: Apache-2.0 */
import type { Map as LeafletMap } from 'leaflet'
import { type SiteStore, stateOff } from '../net/feed-sites'
import type { Box } from './cluster'
import { beside, type GridBox, type GridLine, gridShapes, type GridShapes } from './grid-shapes'
import { MovedCanvas } from './moved-canvas'
import { circlesOf, type Over } from './place-canvas'
import type { Name, Placed } from './place-layout'

const lineLeast = 28 // px: a feeder that is smaller is a blot
const outlineLeast = 120 // and so is an area's outline with its name
const outlineAir = 10 // px between the outermost sites and the outline
const edgesMax = 6000 // drawn at once
const slice = 6 // ms of making shapes before others go first
const newsPause = 1000 // ms between two pictures where only states of sites are others
const structurePause = 500 // ms: new sites come in thousands
const fontSize = 12 // px
const halo = 2

/** Where a drawing is, in the world's pixels. */
interface Frame {
  readonly context: CanvasRenderingContext2D
  readonly box: Box
  readonly world: number // its width, px
}

/** How many whole worlds to go so that @box lies where we look; undefined: it is too small or out of
 * sight. */
function turnOf(box: GridBox, { box: seen, world }: Frame, least: number): number | undefined {
  if (Math.max(box.east - box.west, box.south - box.north) * world < least) return undefined
  const middle = (box.west + box.east) / 2
  const turn = beside(middle, (seen.west + seen.east) / 2 / world) - middle
  const isSeen =
    (box.west + turn) * world < seen.east &&
    (box.east + turn) * world > seen.west &&
    box.north * world < seen.south &&
    box.south * world > seen.north
  return isSeen ? turn : undefined
}

type Point = readonly [number, number]

/** Around the sites and not through the outermost, in pixels of the canvas. */
function pointsAround(
  corners: readonly Point[],
  around: GridBox,
  turn: number,
  frame: Frame
): Point[] {
  const { box, world } = frame
  const [x, y] = [(around.west + around.east) / 2, (around.north + around.south) / 2]
  return corners.map((corner): Point => {
    const [aside, down] = [(corner[0] - x) * world, (corner[1] - y) * world]
    const more = 1 + outlineAir / Math.max(Math.hypot(aside, down), 1e-6)
    return [(x + turn) * world + aside * more - box.west, y * world + down * more - box.north]
  })
}

/** Whether more than half of a feeder's sites are off. */
export function lineIsOff(line: GridLine, states: Uint8Array): boolean {
  let off = 0
  for (const member of line.members) if (states[member] === stateOff) off++
  return 2 * off > line.members.length
}

/** The grid beneath its sites: a thin line through those of each feeder, red where most of it is off,
 * and a dashed outline around each area, with its name. Nothing where no site says its feeder. */
export class GridCanvas extends MovedCanvas {
  private shapes: GridShapes | undefined
  private over: Over | undefined
  private structure = -1 // of the sites that the shapes are of
  private making = 0
  private timer = 0
  private isOld = true // the picture
  private drawnAt = 0

  constructor(
    map: LeafletMap,
    private sites: SiteStore,
    /** There are lines or outlines now, or none any more. */
    private readonly told: (has: boolean) => void,
    /** The names of places at a zoom, which those of areas have to leave alone. */
    private readonly namesAt: (zoom: number) => readonly Placed<Name>[]
  ) {
    super(map, 'grid')
    this.renew(sites)
  }

  override remove(): void {
    super.remove()
    this.making++
    clearTimeout(this.timer)
  }

  /** Something of the sites may have changed. */
  renew(sites: SiteStore): void {
    const isOther = sites !== this.sites
    this.sites = sites
    if (isOther || sites.structure !== this.structure) this.makeLater(isOther ? 0 : structurePause)
    else if (performance.now() - this.drawnAt > newsPause) this.redraw()
    else this.later(newsPause, () => this.redraw())
  }

  /** There are other names of places. */
  makeRoom(): void {
    this.redraw()
  }

  /** Other rings, which names have to leave alone. */
  setOver(over: Over): void {
    this.over = over
    this.redraw()
  }

  private later(pause: number, action: () => void): void {
    if (this.timer !== 0) return
    this.timer = window.setTimeout(() => {
      this.timer = 0
      action()
    }, pause)
  }

  private makeLater(pause: number): void {
    clearTimeout(this.timer)
    this.timer = 0
    this.later(pause, () => this.make())
  }

  private make(): void {
    const { sites } = this
    const mine = ++this.making
    this.structure = sites.structure
    if (!sites.hasFeeders) this.take(undefined)
    else {
      const steps = gridShapes(sites)
      const go = () => {
        const until = performance.now() + slice
        while (mine === this.making) {
          const step = steps.next()
          if (step.done) return this.take(step.value)
          if (performance.now() > until) return void setTimeout(go)
        }
      }
      go()
    }
  }

  private take(shapes: GridShapes | undefined): void {
    this.shapes = shapes
    if (!shapes) this.canvas.width = 0
    this.told(shapes !== undefined && shapes.lines.length + shapes.outlines.length > 0)
    this.redraw()
  }

  private redraw(): void {
    if (!this.shapes) return
    this.isOld = true
    this.soon()
  }

  override recolour(): void {
    this.isOld = true
    super.recolour()
  }

  protected update(): void {
    const zoom = this.map.getZoom()
    if (!this.shapes || this.zooming || (!this.isOld && this.holds())) return
    const begun = this.begin(zoom)
    if (!begun) return
    this.isOld = false
    this.drawnAt = performance.now()
    const frame = { ...begun, world: 256 * 2 ** zoom }
    const style = getComputedStyle(this.canvas)
    const colour = (name: string) => style.getPropertyValue(name).trim()
    this.drawOutlines(frame, colour('--place'), colour('--land'), style.fontFamily)
    const drawn = this.drawLines(frame, colour('--place'), colour('--off'))
    this.canvas.dataset['lines'] = String(drawn.lines)
    this.canvas.dataset['off'] = String(drawn.off)
  }

  private drawLines(frame: Frame, quiet: string, red: string): { lines: number; off: number } {
    const paths = { on: new Path2D(), off: new Path2D() }
    const seen = (this.shapes?.lines ?? []).flatMap((line) => {
      const turn = turnOf(line.box, frame, lineLeast)
      return turn === undefined ? [] : [{ line, turn, off: lineIsOff(line, this.sites.state) }]
    })
    // What is off is the last to be left out.
    seen.sort((a, b) => Number(b.off) - Number(a.off))
    let edges = 0
    const drawn = seen.filter(({ line }) => (edges += line.members.length) <= edgesMax)
    for (const { line, turn, off } of drawn)
      this.trace(paths[off ? 'off' : 'on'], line, turn, frame)
    const { context } = frame
    context.lineCap = 'round'
    context.setLineDash([])
    for (const [path, stroke, width, alpha] of [
      [paths.on, quiet, 1, 0.4],
      [paths.off, red, 1.6, 0.7]
    ] as const) {
      context.strokeStyle = stroke
      context.lineWidth = width
      context.globalAlpha = alpha
      context.stroke(path)
    }
    context.globalAlpha = 1
    return { lines: drawn.length, off: drawn.filter(({ off }) => off).length }
  }

  private trace(path: Path2D, line: GridLine, turn: number, { box, world }: Frame): void {
    const { x, y } = this.sites
    const middle = (line.box.west + line.box.east) / 2
    const across = (site: number) => (beside(x[site]!, middle) + turn) * world - box.west
    for (let i = 0; i < line.edges.length; i += 2) {
      const [from, to] = [line.edges[i]!, line.edges[i + 1]!]
      path.moveTo(across(from), y[from]! * world - box.north)
      path.lineTo(across(to), y[to]! * world - box.north)
    }
  }

  private drawOutlines(frame: Frame, quiet: string, land: string, family: string): void {
    const { context } = frame
    context.font = `${fontSize}px ${family}`
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    context.lineJoin = 'round'
    context.fillStyle = quiet
    for (const { area, corners, box } of this.shapes?.outlines ?? []) {
      const turn = turnOf(box, frame, outlineLeast)
      if (turn === undefined) continue
      const points = pointsAround(corners, box, turn, frame)
      context.beginPath()
      for (const [x, y] of points) context.lineTo(x, y)
      context.closePath()
      context.setLineDash([5, 4])
      context.strokeStyle = quiet
      context.lineWidth = 1
      context.globalAlpha = 0.6
      context.stroke()
      context.globalAlpha = 1
      context.setLineDash([])
      const place = this.roomFor(context.measureText(area).width, points, frame)
      if (!place) continue
      context.lineWidth = 2 * halo
      context.strokeStyle = land
      context.strokeText(area, ...place)
      context.fillText(area, ...place)
    }
  }

  /** Above or below that corner which is farthest north and where no ring is in the way. */
  private roomFor(width: number, points: readonly Point[], frame: Frame): Point | undefined {
    const ys = points.map(([, y]) => y)
    const middle = (Math.min(...ys) + Math.max(...ys)) / 2
    const away = fontSize / 2 + 4
    const rings = this.over?.zoom === this.map.getZoom() ? [...circlesOf(this.over)] : []
    const names = this.namesAt(this.map.getZoom())
    const isClear = ([x, y]: Point) =>
      names.every(
        (one) =>
          Math.abs(one.x - frame.box.west - x) >= (width + one.name.width) / 2 ||
          Math.abs(one.y - frame.box.north - y) >= (fontSize + one.name.height) / 2
      )
    const isFree = ([x, y]: Point) =>
      rings.every((ring) => {
        const aside = beside(ring.x / frame.world, (x + frame.box.west) / frame.world)
        return (
          Math.abs(aside * frame.world - frame.box.west - x) >= width / 2 + ring.radius ||
          Math.abs(ring.y - frame.box.north - y) >= fontSize / 2 + ring.radius
        )
      })
    return points
      .map(([x, y]): Point => [x, y + (y < middle ? -away : away)])
      .sort((a, b) => a[1] - b[1])
      .find((point) => isFree(point) && isClear(point))
  }
}
