/* SPDX-License-Identifier: Apache-2.0 */
import type { Map as LeafletMap } from 'leaflet'
import { nearestX } from '../mercator'
import { type Box, chosenRadius, type Clusters } from './cluster'
import { atStep } from './leaflet'
import { MovedCanvas } from './moved-canvas'
import { type Circle, dotRadius, layOut, type Name, type Placed } from './place-layout'
import type { Place } from '../net/place-tile'
import { PlaceTiles, tilesMax, tilesOver } from './places'

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
const tileMargin = 128
const shownMax = 24 * tilesMax
const widthsMax = 4096
const halo = 2 // px

/** Rings and signs, in pixels of the world. */
export function* circlesOf({ clusters, chosen }: Over): Iterable<Circle> {
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

/** Names of places. */
export class PlaceCanvas extends MovedCanvas {
  private readonly tiles = new PlaceTiles(() => this.arrived())
  private readonly widths = new Map<string, number>()
  private shown: readonly Place[] = []
  private over: Over | undefined
  private marked: string | undefined
  private layout: Layout | undefined

  constructor(
    map: LeafletMap,
    /** Names have other places. */
    private readonly laid: () => void
  ) {
    super(map, 'places')
  }

  /** Where names are, in pixels of the world at @zoom; none where that is not the one that is drawn. */
  namesAt(zoom: number): readonly Placed<Name>[] {
    return this.layout?.zoom === zoom ? this.layout.labels : []
  }

  override remove(): void {
    super.remove()
    this.tiles.close()
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

  /** The place that is drawn over all else: its name is not written twice. */
  setMarked(name: string | undefined): void {
    if (name === this.marked) return
    this.marked = name
    this.again()
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

  private ask(): void {
    const zoom = this.map.getZoom()
    const box = this.seen(tileMargin)
    if (!box || atStep(zoom) !== zoom) return
    const whole = Math.round(zoom)
    if (this.tiles.want(tilesOver(whole, scaled(box, 2 ** (whole - zoom)))) && this.tiles.settled)
      this.arrived()
    this.soon()
  }

  protected override settled(): void {
    this.ask()
  }

  protected update(): void {
    const zoom = this.map.getZoom()
    // Between two zooms, and until there are rings of this one, the old picture stays.
    if (this.zooming || atStep(zoom) !== zoom || this.over?.zoom !== zoom) return
    const middle = this.middle(zoom)
    const near = this.layout?.zoom === zoom && Math.abs(this.layout.middle - middle) < 0.25
    const laid = near && this.layout ? this.layout : this.layOut(zoom, middle, this.over)
    if (laid !== this.layout || !this.holds()) this.draw(laid)
    const isOther = laid !== this.layout
    this.layout = laid
    if (isOther) this.laid()
  }

  private middle(zoom: number): number {
    const seen = this.seen(0)
    return seen ? (seen.west + seen.east) / 2 / (256 * 2 ** zoom) : 0.5
  }

  private layOut(zoom: number, middle: number, over: Over): Layout {
    const world = 256 * 2 ** zoom
    const family = getComputedStyle(this.canvas).fontFamily
    const others = this.shown.filter((place) => place.name !== this.marked)
    const names = others.map((place): Label => {
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
    const begun = this.begin(zoom)
    if (!begun) return
    const { box, context } = begun
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
}
