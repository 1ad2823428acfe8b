/* SPDX-License-Identifier: Apache-2.0 */
import type { Map as LeafletMap, ZoomAnimEvent } from 'leaflet'
import type { SiteStore } from '../net/feed-sites'
import { type Box, buildClusters, chosenRadius, type Clusters, countStates } from './cluster'
import { nearestX } from '../mercator'
import { atStep } from './leaflet'
import { pinCircles } from './pin'
import type { Over } from './place-canvas'
import type { Circle } from './place-layout'
import { drawChosen, drawPicture, drawPin, drawSite, nameWidth, type Palette, readPalette } from './draw'

export type Hit =
  | { readonly kind: 'site'; readonly number: number }
  | { readonly kind: 'ring'; readonly numbers: readonly number[] }

interface Made {
  readonly sites: SiteStore
  readonly structure: number
  readonly zoom: number
  readonly chosen: number
  readonly mark: Mark | undefined
  readonly box: Box
  readonly clusters: Clusters
  readonly off: Int32Array
  readonly unheard: Int32Array
}

/** A place that was chosen: it is drawn over all else, with its name. */
export interface Mark {
  readonly name: string
  readonly x: number // Web Mercator, 0 to 1
  readonly y: number
}

interface View {
  readonly left: number
  readonly top: number
  readonly scale: number
  readonly width: number
  readonly height: number
}

const reach = 22 // px around a finger
const zoomTime = 250 // ms of Leaflet's own zoom animation

/** A part of the world, at most all of it: what is further from its middle is nearer on the other side. */
function around(middle: number, width: number) {
  const half = Math.min(1, width) / 2
  return { west: middle - half, east: middle + half }
}

/** Whether @seen lies in @box from west to east. Of all the world a quarter may have been passed: nothing
 * is missing then, only some of it stands on the other side. */
function holds(box: Box, seen: Box): boolean {
  if (box.west <= seen.west && box.east >= seen.east) return true
  const aside = Math.abs(box.west + box.east - seen.west - seen.east) / 2
  return box.east - box.west >= 1 && aside < 0.25
}

/** How many sites are in the rings of the view, for who looks at the page from outside. */
function seenOf(clusters: Clusters, view: View): number {
  let seen = 0
  for (let i = 0; i < clusters.count; i++) {
    const x = clusters.x[i]! * view.scale - view.left
    const y = clusters.y[i]! * view.scale - view.top
    if (x >= 0 && x <= view.width && y >= 0 && y <= view.height) seen += clusters.total[i]!
  }
  return seen
}

/** The layer of all sites: one canvas over the map, drawn anew whenever something moved or changed. */
export class SiteCanvas {
  private made: Made | undefined
  private mark: Mark | undefined
  private stale = true // the counts
  private frame = 0
  private zooming = false
  private palette: Palette
  private readonly context: CanvasRenderingContext2D | null
  private readonly handlers = {
    'move zoom viewreset resize': () => this.drawNow(),
    zoomanim: (event: ZoomAnimEvent) => this.animate(event),
    'zoomend moveend': () => this.settle()
  }

  constructor(
    private readonly map: LeafletMap,
    private readonly canvas: HTMLCanvasElement,
    private sites: SiteStore,
    private chosen: number,
    /** There are other rings. */
    private readonly told: (over: Over) => void
  ) {
    this.context = canvas.getContext('2d')
    this.palette = readPalette(canvas)
    for (const [names, handler] of Object.entries(this.handlers))
      map.on(names, handler as () => void)
    this.settle()
  }

  remove(): void {
    cancelAnimationFrame(this.frame)
    for (const [names, handler] of Object.entries(this.handlers))
      this.map.off(names, handler as () => void)
  }

  /** Something of the sites may have changed. */
  update(sites: SiteStore, chosen: number): void {
    this.sites = sites
    this.chosen = chosen
    this.stale = true
    this.drawSoon()
  }

  setMark(mark: Mark | undefined): void {
    const known = this.mark
    if (known?.name === mark?.name && known?.x === mark?.x && known?.y === mark?.y) return
    this.mark = mark
    this.drawSoon()
  }

  recolour(): void {
    this.palette = readPalette(this.canvas)
    this.drawSoon()
  }

  /** What is at a place of the container, the nearest of what is within a finger's reach. */
  hit(x: number, y: number): Hit | undefined {
    const { made } = this
    if (!made) return undefined
    const view = this.view(made.zoom)
    let best = Infinity
    let found = -1
    const near = (number: number, px: number, py: number, radius: number) => {
      const apart = Math.hypot(px * view.scale - view.left - x, py * view.scale - view.top - y)
      if (apart - radius >= best || apart > Math.max(radius, reach)) return
      best = apart - radius
      found = number
    }
    const { clusters, sites } = made
    for (let i = 0; i < clusters.count; i++)
      near(i, clusters.x[i]!, clusters.y[i]!, clusters.radius[i]!)
    const world = 256 * 2 ** made.zoom
    if (made.chosen >= 0) near(-2, this.xOf(made) * world, sites.y[made.chosen]! * world, 9)
    if (found === -2) return { kind: 'site', number: made.chosen }
    if (found < 0) return undefined
    if (clusters.total[found] === 1) return { kind: 'site', number: clusters.first[found]! }
    const numbers: number[] = []
    for (let i = 0; i < clusters.of.length; i++) if (clusters.of[i] === found) numbers.push(i)
    return { kind: 'ring', numbers }
  }

  private drawSoon(): void {
    if (this.frame !== 0) return
    this.frame = requestAnimationFrame(() => {
      this.frame = 0
      this.drawNow()
    })
  }

  private settle(): void {
    this.zooming = false
    this.canvas.style.transition = ''
    this.canvas.style.transform = ''
    this.drawNow()
  }

  /** Follows Leaflet's own animation: the old picture is moved and scaled, then drawn anew. */
  private animate({ center, zoom }: ZoomAnimEvent): void {
    const scale = this.map.getZoomScale(zoom)
    const old = this.map.getPixelBounds().min
    const half = this.map.getSize().divideBy(2)
    const next = this.map.project(center, zoom).subtract(half)
    if (!old) return
    const x = old.x * scale - next.x
    const y = old.y * scale - next.y
    this.zooming = true
    this.canvas.style.transition = `transform ${zoomTime}ms cubic-bezier(0, 0, 0.25, 1)`
    this.canvas.style.transform = `translate(${x}px, ${y}px) scale(${scale})`
  }

  /** What turns pixels of the world at @zoom into those of the container. */
  private view(zoom: number): View {
    const corner = this.map.getPixelBounds().min
    const { x: width, y: height } = this.map.getSize()
    const scale = 2 ** (this.map.getZoom() - zoom)
    return { left: corner?.x ?? 0, top: corner?.y ?? 0, scale, width, height }
  }

  private resize(width: number, height: number): void {
    const ratio = Math.min(3, window.devicePixelRatio || 1)
    const across = Math.round(width * ratio)
    const down = Math.round(height * ratio)
    if (this.canvas.width !== across || this.canvas.height !== down) {
      this.canvas.width = across
      this.canvas.height = down
    }
    this.context?.setTransform(ratio, 0, 0, ratio, 0, 0)
  }

  private drawNow(): void {
    if (this.zooming || !this.context || !this.map.getSize().x) return
    const made = this.ready(atStep(this.map.getZoom()))
    const view = this.view(made.zoom)
    this.resize(view.width, view.height)
    const { context, palette, sites } = this
    context.clearRect(0, 0, view.width, view.height)
    drawPicture(context, palette, { ...made, states: sites.state }, view)
    this.canvas.dataset['seen'] = String(seenOf(made.clusters, view))
    const world = 256 * 2 ** made.zoom * view.scale
    if (made.chosen >= 0) {
      const x = this.xOf(made) * world - view.left
      const y = sites.y[made.chosen]! * world - view.top
      drawChosen(context, palette, x, y)
      drawSite(context, palette, sites.state[made.chosen]!, x, y)
    }
    this.drawMark(made, view, world)
  }

  /** All that is drawn in the view, in its pixels. */
  private circles(made: Made, { left, top, scale }: View): Circle[] {
    const { clusters, chosen } = made
    const circles: Circle[] = []
    const add = (x: number, y: number, radius: number) =>
      circles.push({ x: x * scale - left, y: y * scale - top, radius })
    for (let i = 0; i < clusters.count; i++)
      add(clusters.x[i]!, clusters.y[i]!, clusters.radius[i]!)
    const world = 256 * 2 ** made.zoom
    if (chosen >= 0) add(this.xOf(made) * world, this.sites.y[chosen]! * world, chosenRadius)
    return circles
  }

  private drawMark(made: Made, view: View, world: number): void {
    const { box } = made
    const { mark, context, palette } = this
    this.canvas.dataset['mark'] = mark?.name ?? ''
    if (!mark || !context) return
    const x = nearestX(mark.x, (box.west + box.east) / 2) * world - view.left
    drawPin(context, palette, mark.name, x, mark.y * world - view.top, this.circles(made, view))
  }

  private fits(made: Made | undefined, zoom: number, seen: Box): made is Made {
    return (
      made !== undefined &&
      made.sites === this.sites &&
      made.structure === this.sites.structure &&
      made.zoom === zoom &&
      made.chosen === this.chosen &&
      made.mark === this.mark &&
      holds(made.box, seen) &&
      made.box.north <= seen.north &&
      made.box.south >= seen.south
    )
  }

  /** The rings of the view and half a view around it, so that a pan seldom makes them anew. */
  private ready(zoom: number): Made {
    const world = 256 * 2 ** zoom
    const { left, top, scale, width, height } = this.view(zoom)
    const pixel = 1 / (world * scale)
    const seen: Box = {
      ...around((left + width / 2) * pixel, width * pixel),
      north: Math.max(0, top * pixel),
      south: Math.min(1, (top + height) * pixel)
    }
    if (!this.fits(this.made, zoom, seen)) {
      this.made = this.build(zoom, world, seen)
      this.tell(this.made, world)
    }
    const { made } = this
    if (this.stale) countStates(made.clusters, this.sites.state, made.off, made.unheard)
    this.stale = false
    return made
  }

  /** Where the chosen site is drawn. */
  private xOf({ sites, chosen, box }: Made): number {
    return nearestX(sites.x[chosen]!, (box.west + box.east) / 2)
  }

  private tell(made: Made, world: number): void {
    const { zoom, clusters, chosen } = made
    const { y } = this.sites
    this.told({
      zoom,
      clusters,
      chosen: chosen < 0 ? undefined : { x: this.xOf(made) * world, y: y[chosen]! * world }
    })
  }

  private widthOf(name: string): number {
    return this.context ? nameWidth(this.context, this.palette, name) : 0
  }

  private build(zoom: number, world: number, seen: Box): Made {
    const wide = seen.east - seen.west
    const high = (seen.south - seen.north) / 2
    const box: Box = {
      ...around((seen.west + seen.east) / 2, 2 * wide),
      north: Math.max(0, seen.north - high),
      south: Math.min(1, seen.south + high)
    }
    const { sites, chosen, mark } = this
    const middle = (box.west + box.east) / 2
    const pins = mark
      ? pinCircles(nearestX(mark.x, middle) * world, mark.y * world, this.widthOf(mark.name))
      : []
    const clusters = buildClusters(sites, world, box, chosen, pins)
    this.stale = true
    return {
      sites,
      structure: sites.structure,
      zoom,
      chosen,
      mark,
      box,
      clusters,
      off: new Int32Array(clusters.count),
      unheard: new Int32Array(clusters.count)
    }
  }
}
