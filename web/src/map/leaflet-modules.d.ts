/* SPDX-License-Identifier: Apache-2.0 */
declare module 'leaflet/dist/leaflet-src.esm.js' {
  export * from 'leaflet'
}
