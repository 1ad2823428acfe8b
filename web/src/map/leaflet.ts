/* SPDX-License-Identifier: Apache-2.0 */

/* Leaflet as modules, so that what is not used is left out. */
export {
  DomEvent,
  latLng,
  latLngBounds,
  Map as LeafletMap,
  TileLayer
} from 'leaflet/dist/leaflet-src.esm.js'
