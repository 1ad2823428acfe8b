/* SPDX-License-Identifier: Apache-2.0 */
import type { Map as LeafletMap, Point, ZoomAnimEvent } from 'leaflet'
import { nearestX } from '../mercator'
import { type Box, chosenRadius, type Clusters } from './cluster'
import { atStep } from './leaflet'
import { type Circle, dotRadius, layOut, type Name, type Placed } from './place-layout'
import { type Place, PlaceTiles, tilesMax, tilesOver } from './places'

/** What is over the names, in pixels of the world at @zoom. */
export interface Over {
  readonly zoom: number
  readonly clusters: Clusters
  readonly chosen: { readonly x: number; readonly y: number } | undefined
}

interface Label extends Name {
  readonly font: number // px
}

interface Layout {
  readonly zoom: number
  readonly middle: number // of the world's width, 0 to 1, that was seen
  readonly labels: readonly Placed<Label>[]
}

const fonts = [11, 12, 13, 14] // px
const lineHeight = 1.25
const margin = 192 // px drawn around what is seen
const tileMargin = 128
const shownMax = 24 * tilesMax
const widthsMax = 4096
const pixelsMax = 12e6 // of the canvas
const halo = 2 // px

function* circlesOf({ clusters, chosen }: Over): Iterable<Circle> {
  for (let i = 0; i < clusters.count; i++)
    yield { x: clusters.x[i]!, y: clusters.y[i]!, radius: clusters.radius[i]! }
  if (chosen) yield { ...chosen, radius: chosenRadius }
}

const scaled = ({ west, north, east, south }: Box, by: number): Box => ({
  west: west * by,
  north: north * by,
  east: east * by,
  south: south * by
})

/** Those of @first and then those of @others that are not among them; a bounded number. */
export function joined(first: readonly Place[], others: readonly Place[]): Place[] {
  const all = new Map<string, Place>()
  for (const place of [...others, ...first]) all.set(`${place.x} ${place.y} ${place.name}`, place)
  return [...all.values()].slice(-shownMax)
}

/** Names of places, on a canvas that Leaflet moves with its tiles, beneath all sites. It is drawn
 * anew only when what is on it changed, or when what is seen leaves it. */
export class PlaceCanvas {
  private readonly canvas = document.createElement('canvas')
  private readonly context = this.canvas.getContext('2d')
  private readonly tiles = new PlaceTiles(() => this.arrived())
  private readonly widths = new Map<string, number>()
  private shown: readonly Place[] = []
  private over: Over | undefined
  private layout: Layout | undefined
  /** What the canvas holds: a box of the world's pixels at a zoom. */
  private drawn: (Box & { readonly zoom: number }) | undefined
  private frame = 0
  private zooming = false
  private readonly handlers = {
    move: () => this.moved(),
    'zoom viewreset': () => this.follow(this.map.getPixelOrigin(), this.map.getZoom()),
    zoomanim: (event: ZoomAnimEvent) => this.animate(event),
    resize: () => this.ask(),
    'zoomend moveend': () => this.settle()
  }

  constructor(private readonly map: LeafletMap) {
    this.canvas.className = 'map-places leaflet-zoom-animated'
    this.canvas.dataset['testid'] = 'map-places'
    this.canvas.setAttribute('aria-hidden', 'true')
    map.createPane('places').append(this.canvas)
    for (const [names, handler] of Object.entries(this.handlers))
      map.on(names, handler as () => void)
  }

  remove(): void {
    cancelAnimationFrame(this.frame)
    this.tiles.close()
    for (const [names, handler] of Object.entries(this.handlers))
      this.map.off(names, handler as () => void)
  }

  /** Where names are had from; undefined: there are none. */
  setTemplate(template: string | undefined): void {
    this.tiles.setTemplate(template)
    if (template === undefined) this.shown = []
    this.ask()
    this.again()
  }

  /** Other rings, or another site is chosen. */
  setOver(over: Over): void {
    this.over = over
    this.again()
  }

  recolour(): void {
    this.drawn = undefined
    this.soon()
  }

  private again(): void {
    this.layout = undefined
    this.soon()
  }

  private arrived(): void {
    const places = this.tiles.places()
    // Until all have come, those of before stay: a name that goes and comes again catches the eye.
    this.shown = this.tiles.settled ? places : joined(places, this.shown)
    this.again()
  }

  private soon(): void {
    if (this.frame !== 0) return
    this.frame = requestAnimationFrame(() => {
      this.frame = 0
      this.update()
    })
  }

  private seen(air: number): Box | undefined {
    const { min, max } = this.map.getPixelBounds()
    if (!min || !max || max.x <= min.x || max.y <= min.y) return undefined
    return { west: min.x - air, north: min.y - air, east: max.x + air, south: max.y + air }
  }

  private ask(): void {
    const zoom = this.map.getZoom()
    const box = this.seen(tileMargin)
    if (!box || atStep(zoom) !== zoom) return
    const whole = Math.round(zoom)
    if (this.tiles.want(tilesOver(whole, scaled(box, 2 ** (whole - zoom)))) && this.tiles.settled)
      this.arrived()
    this.soon()
  }

  private settle(): void {
    this.zooming = false
    this.ask()
  }

  private moved(): void {
    if (!this.zooming && !this.holds()) this.soon()
  }

  /** Whether all that is seen is on the canvas. */
  private holds(): boolean {
    const [seen, { drawn }] = [this.seen(0), this]
    if (!seen || !drawn || drawn.zoom !== this.map.getZoom()) return false
    return (
      drawn.west <= seen.west &&
      drawn.east >= seen.east &&
      drawn.north <= seen.north &&
      drawn.south >= seen.south
    )
  }

  /** Puts the canvas where its part of the world is when layers begin at @origin. */
  private follow(origin: Point, zoom: number): void {
    const { drawn } = this
    if (!drawn) return
    const scale = this.map.getZoomScale(zoom, drawn.zoom)
    const x = drawn.west * scale - origin.x
    const y = drawn.north * scale - origin.y
    this.canvas.style.transform = `translate3d(${x}px, ${y}px, 0) scale(${scale})`
  }

  /** Goes along with Leaflet's own animation. */
  private animate({ center, zoom }: ZoomAnimEvent): void {
    this.zooming = true
    const corner = this.map.project(center, zoom).subtract(this.map.getSize().divideBy(2))
    this.follow(corner.subtract(this.map.containerPointToLayerPoint([0, 0])).round(), zoom)
  }

  private update(): void {
    const zoom = this.map.getZoom()
    // Between two zooms, and until there are rings of this one, the old picture stays.
    if (this.zooming || atStep(zoom) !== zoom || this.over?.zoom !== zoom) return
    const middle = this.middle(zoom)
    const near = this.layout?.zoom === zoom && Math.abs(this.layout.middle - middle) < 0.25
    const laid = near && this.layout ? this.layout : this.layOut(zoom, middle, this.over)
    if (laid !== this.layout || !this.holds()) this.draw(laid)
    this.layout = laid
  }

  private middle(zoom: number): number {
    const seen = this.seen(0)
    return seen ? (seen.west + seen.east) / 2 / (256 * 2 ** zoom) : 0.5
  }

  private layOut(zoom: number, middle: number, over: Over): Layout {
    const world = 256 * 2 ** zoom
    const family = getComputedStyle(this.canvas).fontFamily
    const names = this.shown.map((place): Label => {
      const font = fonts[place.size] ?? 11
      const x = nearestX(place.x, middle) * world
      const y = place.y * world
      const width = this.widthOf(place.name, `${font}px ${family}`)
      return { text: place.name, rank: place.rank, x, y, width, height: font * lineHeight, font }
    })
    return { zoom, middle, labels: layOut(names, circlesOf(over)) }
  }

  private widthOf(text: string, font: string): number {
    const known = this.widths.get(`${font} ${text}`)
    if (known !== undefined || !this.context) return known ?? 0
    if (this.widths.size >= widthsMax) this.widths.clear()
    this.context.font = font
    const { width } = this.context.measureText(text)
    this.widths.set(`${font} ${text}`, width)
    return width
  }

  private draw({ zoom, labels }: Layout): void {
    const [box, { context }] = [this.seen(margin), this]
    if (!box || !context) return
    this.resize(box.east - box.west, box.south - box.north)
    this.drawn = { ...box, zoom }
    this.follow(this.map.getPixelOrigin(), zoom)
    const style = getComputedStyle(this.canvas)
    context.fillStyle = style.getPropertyValue('--place').trim()
    context.strokeStyle = style.getPropertyValue('--land').trim()
    context.lineWidth = 2 * halo
    context.lineJoin = 'round'
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    const inside = labels.filter(
      ({ name, x, y }) =>
        Math.abs(2 * x - box.west - box.east) < box.east - box.west + name.width &&
        Math.abs(2 * y - box.north - box.south) < box.south - box.north + name.height
    )
    for (const { name, x, y } of inside) {
      context.beginPath()
      context.arc(name.x - box.west, name.y - box.north, dotRadius, 0, 2 * Math.PI)
      context.stroke()
      context.fill()
      context.font = `${name.font}px ${style.fontFamily}`
      context.strokeText(name.text, x - box.west, y - box.north)
      context.fillText(name.text, x - box.west, y - box.north)
    }
    this.canvas.dataset['names'] = String(inside.length)
  }

  /** Also wipes it. */
  private resize(width: number, height: number): void {
    const most = Math.sqrt(pixelsMax / (width * height))
    const ratio = Math.min(3, window.devicePixelRatio || 1, most)
    this.canvas.width = Math.round(width * ratio)
    this.canvas.height = Math.round(height * ratio)
    this.canvas.style.width = `${width}px`
    this.canvas.style.height = `${height}px`
    this.context?.setTransform(ratio, 0, 0, ratio, 0, 0)
  }
}
