/* SPDX-License-Identifier: Apache-2.0 */
import type { LeafletMouseEvent } from 'leaflet'
import type { View } from '../hash'
import type { SiteStore } from '../net/feed-sites'
import { isStill } from '../store/screen'
import type { Extent } from '../net/status'
import { atStep, latLng, latLngBounds, LeafletMap, zoomStep } from './leaflet'
import { latitudeOf, longitudeOf, mercatorX, nearestX } from '../mercator'
import { extentOf } from './extent'
import { GridCanvas } from './grid-canvas'
import type { Edges } from './insets'
import { PlaceCanvas } from './place-canvas'
import { type Mark, SiteCanvas } from './site-canvas'
import { type Background, loadBackground } from './tiles'

export interface MapOptions {
  readonly sites: SiteStore
  readonly chosen: number
  readonly view: View | undefined
  /** One site was tapped, or several that lie on one spot. */
  readonly tapped: (numbers: readonly number[]) => void
  readonly moved: (view: View) => void
  /** How much of the map is under cards, px, for what is so many times as wide as high. */
  readonly covered: (aspect: number) => Edges
  /** There are lines of feeders or outlines of areas now, or none any more. */
  readonly gridded: (has: boolean) => void
}

const zoomMax = 18
const zoomSite = 13 // at least, when a site is shown
const air = 30 // px around what the map is fitted to: half a ring
const tileFaults = 6 // without a single good tile: the background is not there

type Bounds = ReturnType<typeof latLngBounds>

/** Leaflet, its background and the layer of sites. */
export class SiteMap {
  private readonly map: LeafletMap
  private readonly layer: SiteCanvas
  private readonly names: PlaceCanvas
  private readonly grid: GridCanvas
  private background: Background | undefined
  private painting = 0

  constructor(
    box: HTMLElement,
    canvas: HTMLCanvasElement,
    private readonly options: MapOptions
  ) {
    const { view } = options
    this.sites = options.sites
    this.map = new LeafletMap(box, {
      zoomControl: false,
      zoomSnap: zoomStep,
      attributionControl: false,
      minZoom: 2,
      maxZoom: zoomMax,
      worldCopyJump: true,
      zoomAnimation: !isStill(),
      fadeAnimation: false, // a phone draws each frame of it
      inertia: !isStill()
    })
    this.map.setView(latLng(view?.lat ?? 20, view?.lon ?? 0), view?.zoom ?? 2)
    this.isPlaced = view !== undefined
    this.grid = new GridCanvas(this.map, options.sites, options.gridded, (zoom) => this.names.namesAt(zoom))
    this.names = new PlaceCanvas(this.map, () => this.grid.makeRoom())
    this.layer = new SiteCanvas(this.map, canvas, options.sites, options.chosen, (over) => {
      this.names.setOver(over)
      this.grid.setOver(over)
    })
    this.map.on('click', (event) => this.tap(event))
    this.map.on('mousemove', (event) => this.hover(event))
    this.map.on('moveend', () => this.tell())
  }

  private sites: SiteStore
  private told = false
  /** Until then it shows the whole world, for which nothing is asked. */
  private isPlaced: boolean
  /** What it begins with is known, but it is not seen. */
  private waiting = false
  private extent: Extent | undefined

  remove(): void {
    this.layer.remove()
    this.names.remove()
    this.grid.remove()
    this.map.remove()
  }

  update(sites: SiteStore, chosen: number): void {
    this.sites = sites
    this.layer.update(sites, chosen)
    this.grid.renew(sites)
  }

  resized(): void {
    this.map.invalidateSize({ animate: false, pan: true })
    if (this.waiting) this.begin(this.extent)
  }

  zoom(step: 1 | -1): void {
    this.map.setZoom(this.map.getZoom() + step)
  }

  /** The background of a theme; @drawn is called when all that is in sight came, or did not, and
   * @failed if its tiles do not come. */
  async setBackground(
    theme: 'light' | 'dark',
    drawn: () => void,
    failed: () => void
  ): Promise<Background | undefined> {
    const mine = ++this.painting
    const found = await loadBackground(theme)
    if (mine !== this.painting) return found
    this.background?.layer.remove()
    this.background = found
    this.layer.recolour()
    this.names.recolour()
    this.grid.recolour()
    if (!found) {
      this.names.setTemplate(undefined)
      return undefined
    }
    let good = 0
    let bad = 0
    found.layer.once('load', drawn)
    found.layer.on('tileload', () => good++)
    found.layer.on('tileerror', () => {
      if (++bad === tileFaults && good === 0) failed()
    })
    this.draw()
    return found
  }

  private draw(): void {
    const { background } = this
    if (!this.isPlaced || !background) return
    background.layer.addTo(this.map)
    const name = () => {
      if (background === this.background) this.names.setTemplate(background.places)
    }
    // What the names are written on comes first.
    if (background.layer.isLoading()) background.layer.once('load', name)
    else name()
  }

  /** The first view, if the reader wished for no other: what is known of where all sites are, else the
   * whole world. */
  begin(extent: Extent | undefined): void {
    if (this.isPlaced) return
    this.extent = extent
    this.waiting = this.map.getSize().x === 0
    if (this.waiting) return
    this.isPlaced = true
    this.told = extent !== undefined
    if (extent) {
      const { south, west, north, east } = extent
      this.fitBounds(latLngBounds([south, west], [north, east]), 14, false)
    }
    this.draw()
  }

  fit(numbers: readonly number[]): void {
    if (numbers.length > 0) this.fitBounds(this.boundsOf(numbers), 16, true)
  }

  private fitBounds(bounds: Bounds, maxZoom: number, animate: boolean): void {
    const size = this.map.project(bounds.getSouthEast(), 8).subtract(
      this.map.project(bounds.getNorthWest(), 8)
    )
    const aspect = Math.min(8, Math.max(1 / 8, (size.x + 1) / (size.y + 1)))
    const { left, top, right, bottom } = this.options.covered(aspect)
    this.map.fitBounds(bounds, {
      maxZoom,
      paddingTopLeft: [left + air, top + air],
      paddingBottomRight: [right + air, bottom + air],
      ...(animate ? {} : { animate })
    })
  }

  /** Back to a view of before. */
  restore({ zoom, lat, lon }: View): void {
    this.map.setView(latLng(lat, lon), zoom, { animate: false })
  }

  setMark(mark: Mark | undefined): void {
    this.layer.setMark(mark)
    this.names.setMarked(mark?.name)
  }

  go(lat: number, lon: number): void {
    this.map.setView(latLng(lat, lon), Math.max(this.map.getZoom(), zoomSite))
  }

  /** Brings a site into the part of the map that nothing covers (a share of its height, from below). */
  reveal(number: number, covered: number): void {
    const place = this.placeOf(number)
    const size = this.map.getSize()
    if (!size.x) return
    const free = size.y * (1 - covered)
    const at = this.map.latLngToContainerPoint(place)
    const seen = at.x > 30 && at.x < size.x - 30 && at.y > 80 && at.y < free - 30
    if (seen && this.map.getZoom() >= zoomSite - 4) return
    const zoom = Math.max(this.map.getZoom(), zoomSite - 3)
    const target = this.map
      .project(place, zoom)
      .add([0, (size.y * covered) / 2 - 20 * Math.sign(covered)])
    this.map.setView(this.map.unproject(target, zoom), zoom)
  }

  /** On the copy of the world that is seen. */
  private placeOf(number: number) {
    const x = nearestX(this.sites.x[number]!, mercatorX(this.map.getCenter().lng))
    return latLng(latitudeOf(this.sites.y[number]!), longitudeOf(x))
  }

  private boundsOf(numbers: readonly number[]): Bounds {
    const { x, y } = this.sites
    const { west, east } = extentOf(numbers.map((number) => x[number]!))
    let north = 1
    let south = 0
    for (const number of numbers) {
      north = Math.min(north, y[number]!)
      south = Math.max(south, y[number]!)
    }
    return latLngBounds(
      [latitudeOf(south), longitudeOf(west)],
      [latitudeOf(north), longitudeOf(east)]
    )
  }

  private tap(event: LeafletMouseEvent): void {
    const hit = this.layer.hit(event.containerPoint.x, event.containerPoint.y)
    if (!hit) this.options.tapped([])
    else if (hit.kind === 'site') this.options.tapped([hit.number])
    else this.open(hit.numbers)
  }

  /** A ring is taken apart by going nearer; what no zoom takes apart is listed. */
  private open(numbers: readonly number[]): void {
    const bounds = this.boundsOf(numbers)
    const zoom = this.map.getBoundsZoom(bounds, false)
    const corner = bounds.getNorthWest()
    const other = bounds.getSouthEast()
    const apart = this.map.project(corner, zoomMax).distanceTo(this.map.project(other, zoomMax))
    if (apart < 24 || this.map.getZoom() >= zoomMax) this.options.tapped(numbers)
    else
      this.map.setView(
        bounds.getCenter(),
        Math.min(
          zoomMax,
          Math.max(this.map.getZoom() + 1, Math.min(zoom - 1, this.map.getZoom() + 4))
        )
      )
  }

  private hover(event: LeafletMouseEvent): void {
    const hit = this.layer.hit(event.containerPoint.x, event.containerPoint.y)
    this.map.getContainer().classList.toggle('over-site', hit !== undefined)
  }

  private tell(): void {
    // The first view is nobody's wish.
    if (!this.told && this.sites.count === 0) return
    this.told = true
    const { lat, lng } = this.map.getCenter().wrap()
    this.options.moved({ zoom: atStep(this.map.getZoom()), lat, lon: lng })
  }
}
