/* SPDX-License-Identifier: Apache-2.0 */

const latitudeMax = 85.0511287798 // where Web Mercator's square ends

export function mercatorX(longitude: number): number {
  return longitude / 360 + 0.5
}

/** The same place on the copy of the world that is nearest to @middle: copies lie side by side. */
export function nearestX(x: number, middle: number): number {
  return x + Math.round(middle - x)
}

export function mercatorY(latitude: number): number {
  const sine = Math.sin((Math.max(-latitudeMax, Math.min(latitudeMax, latitude)) * Math.PI) / 180)
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)
}

export function longitudeOf(x: number): number {
  return (x - 0.5) * 360
}

export function latitudeOf(y: number): number {
  return 90 - (360 * Math.atan(Math.exp((y - 0.5) * 2 * Math.PI))) / Math.PI
}

/** Degrees from north by east, 0 to 360, in which the second place is seen from the first. */
export function bearing(lat1: number, lon1: number, lat2: number, lon2: number): number {
  const radians = Math.PI / 180
  const [from, to, east] = [lat1 * radians, lat2 * radians, (lon2 - lon1) * radians]
  const x = Math.cos(from) * Math.sin(to) - Math.sin(from) * Math.cos(to) * Math.cos(east)
  return (Math.atan2(Math.sin(east) * Math.cos(to), x) / radians + 360) % 360
}

const earthRadius = 6371008.8 // metres, IUGG mean

/** Metres along the great circle between two places in degrees (haversine). */
export function distance(lat1: number, lon1: number, lat2: number, lon2: number): number {
  const radians = Math.PI / 180
  const halfLat = Math.sin(((lat2 - lat1) * radians) / 2)
  const halfLon = Math.sin(((lon2 - lon1) * radians) / 2)
  const chord =
    halfLat * halfLat + Math.cos(lat1 * radians) * Math.cos(lat2 * radians) * halfLon * halfLon
  return 2 * earthRadius * Math.asin(Math.min(1, Math.sqrt(chord)))
}
