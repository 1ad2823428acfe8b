/* SPDX-License-Identifier: Apache-2.0 */
import type { Map as LeafletMap, Point, ZoomAnimEvent } from 'leaflet'
import type { Box } from './cluster'

const margin = 192 // px drawn around what is seen
const pixelsMax = 12e6 // of the canvas

/** A canvas that Leaflet moves with its tiles, beneath all sites. It is drawn anew only when what is
 * on it changed, or when what is seen leaves it. */
export abstract class MovedCanvas {
  protected readonly canvas = document.createElement('canvas')
  protected readonly context = this.canvas.getContext('2d')
  protected zooming = false
  /** What the canvas holds: a box of the world's pixels at a zoom. */
  private drawn: (Box & { readonly zoom: number }) | undefined
  private frame = 0
  private readonly handlers = {
    move: () => this.moved(),
    'zoom viewreset': () => this.follow(this.map.getPixelOrigin(), this.map.getZoom()),
    zoomanim: (event: ZoomAnimEvent) => this.animate(event),
    resize: () => this.settled(),
    'zoomend moveend': () => {
      this.zooming = false
      this.settled()
    }
  }

  /** In a pane of the map's called @name. */
  constructor(
    protected readonly map: LeafletMap,
    name: string
  ) {
    this.canvas.className = `map-${name} leaflet-zoom-animated`
    this.canvas.dataset['testid'] = `map-${name}`
    this.canvas.setAttribute('aria-hidden', 'true')
    map.createPane(name).append(this.canvas)
    for (const [names, handler] of Object.entries(this.handlers))
      map.on(names, handler as () => void)
  }

  /** Draws if something changed, or not all that is seen is there. */
  protected abstract update(): void

  /** The map came to rest. */
  protected settled(): void {
    this.soon()
  }

  remove(): void {
    cancelAnimationFrame(this.frame)
    for (const [names, handler] of Object.entries(this.handlers))
      this.map.off(names, handler as () => void)
  }

  recolour(): void {
    this.drawn = undefined
    this.soon()
  }

  protected soon(): void {
    if (this.frame !== 0) return
    this.frame = requestAnimationFrame(() => {
      this.frame = 0
      this.update()
    })
  }

  /** Pixels of the world. */
  protected seen(air: number): Box | undefined {
    const { min, max } = this.map.getPixelBounds()
    if (!min || !max || max.x <= min.x || max.y <= min.y) return undefined
    return { west: min.x - air, north: min.y - air, east: max.x + air, south: max.y + air }
  }

  private moved(): void {
    if (!this.zooming && !this.holds()) this.soon()
  }

  /** Whether all that is seen is on the canvas. */
  protected holds(): boolean {
    const [seen, { drawn }] = [this.seen(0), this]
    if (!seen || !drawn || drawn.zoom !== this.map.getZoom()) return false
    return (
      drawn.west <= seen.west &&
      drawn.east >= seen.east &&
      drawn.north <= seen.north &&
      drawn.south >= seen.south
    )
  }

  /** An empty canvas for what is seen at @zoom and around it, and what of the world's pixels it
   * holds. */
  protected begin(zoom: number): { box: Box; context: CanvasRenderingContext2D } | undefined {
    const [box, { context }] = [this.seen(margin), this]
    if (!box || !context) return undefined
    this.resize(box.east - box.west, box.south - box.north)
    this.drawn = { ...box, zoom }
    this.follow(this.map.getPixelOrigin(), zoom)
    return { box, context }
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
