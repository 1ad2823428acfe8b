/* SPDX-License-Identifier: Apache-2.0 */

/* Leaflet as modules, so that what is not used is left out. */
export {
  DomEvent,
  latLng,
  latLngBounds,
  Map as LeafletMap,
  TileLayer
} from 'leaflet/dist/leaflet-src.esm.js'

/** How far apart zooms are at which the map rests. */
export const zoomStep = 0.25
export const atStep = (zoom: number) => Math.round(zoom / zoomStep) * zoomStep
