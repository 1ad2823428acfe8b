// SPDX-License-Identifier: Apache-2.0
// Reads GSHHG (shores, lakes and rivers of the world; Wessel and Smith 1996) as the packages of the Generic Mapping Tools have it:
// netCDF files in which the Earth is cut into bins of some degrees, each with the pieces of lines and rings that lie in it.
'use strict';
const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const TEXT_MAX = 512 * 1024 * 1024;
const BIN_UNITS = 65535; // of a bin's side
const SAME = 2000; // ends of a ring's pieces are one point when they agree to a part of this of a degree

const COMMON = ['N_bins_in_360_longitude_range', 'N_segments_in_a_bin', 'Id_of_first_segment_in_a_bin', 'Id_of_first_point_in_a_segment',
  'Relative_longitude_from_SW_corner_of_bin', 'Relative_latitude_from_SW_corner_of_bin'];

/** The numbers of the variables of a netCDF file. */
function variables(file, names) {
  if (!fs.existsSync(file)) throw new Error(`${file} is not there; run \`make deps\``);
  let text;
  try {
    text = execFileSync('ncdump', ['-v', names.join(','), file], { maxBuffer: TEXT_MAX, encoding: 'latin1' });
  } catch (error) {
    throw new Error(`ncdump cannot read ${file} (${error.message.split('\n')[0]}); run \`make deps\``);
  }
  const data = text.indexOf('\ndata:');
  return Object.fromEntries(names.map((name) => {
    const start = text.indexOf(`\n ${name} = `, data);
    if (data < 0 || start < 0) throw new Error(`${file} has no ${name}: is this GSHHG 2.3?`);
    return [name, text.slice(start + name.length + 5, text.indexOf(';', start)).split(',').map(Number)];
  }));
}

/** Calls back with each piece's number and a reader of @count of its points, in degrees. */
function eachPiece(read, onPiece) {
  const across = read.N_bins_in_360_longitude_range[0];
  const size = 360 / across;
  read.N_segments_in_a_bin.forEach((count, bin) => {
    const west = (bin % across) * size;
    const south = 90 - (Math.floor(bin / across) + 1) * size;
    for (let piece = read.Id_of_first_segment_in_a_bin[bin], end = piece + count; piece < end; piece += 1) {
      const first = read.Id_of_first_point_in_a_segment[piece];
      onPiece(piece, (length) => Array.from({ length }, (_, i) => [
        west + ((read.Relative_longitude_from_SW_corner_of_bin[first + i] & 0xffff) * size) / BIN_UNITS,
        south + ((read.Relative_latitude_from_SW_corner_of_bin[first + i] & 0xffff) * size) / BIN_UNITS]));
    }
  });
}

function nameOf([longitude, latitude]) {
  return `${Math.round((longitude % 360) * SAME)},${Math.round(latitude * SAME)}`;
}

/** The pieces of one polygon, each going on where another ends, as closed rings. */
function joined(pieces) {
  const byStart = new Map();
  for (const piece of pieces) {
    const name = nameOf(piece[0]);
    byStart.set(name, [...(byStart.get(name) || []), piece]);
  }
  const rings = [];
  for (const [start, waiting] of byStart) {
    while (waiting.length > 0) {
      const ring = [];
      for (let at = start, next = waiting.pop(); next; next = (byStart.get(at) || []).pop()) {
        ring.push(...next.slice(ring.length > 0 ? 1 : 0));
        at = nameOf(next[next.length - 1]);
        if (at === start) break;
      }
      if (nameOf(ring[ring.length - 1]) !== start) throw new Error('a shore of GSHHG is not closed');
      rings.push([...ring.slice(0, -1), ring[0]]);
    }
  }
  return rings;
}

/** Longitudes of -180 to 180, where the line does not cross the antimeridian. */
function turned(line) {
  const turn = line.every(([longitude]) => longitude >= 180) ? -360 : 0;
  return line.map(([longitude, latitude]) => [longitude + turn, latitude]);
}

/** Of about this many square kilometres. */
function areaOf(ring) {
  let sum = 0;
  for (let i = 0; i + 1 < ring.length; i += 1) sum += ring[i][0] * ring[i + 1][1] - ring[i + 1][0] * ring[i][1];
  return (Math.abs(sum) / 2) * 111.2 * 111.2 * Math.cos((ring[0][1] * Math.PI) / 180);
}

/** [{ level, area, ring }]: level 1 is land in the sea, 2 lakes on it, 3 islands in these, 4 ponds there. */
function shores(folder) {
  const info = 'Embedded_npts_levels_exit_entry_for_a_segment';
  const read = variables(path.join(folder, 'binned_GSHHS_h.nc'), [...COMMON, info, 'Id_of_GSHHS_ID']);
  const polygons = new Map();
  eachPiece(read, (piece, points) => {
    const level = (read[info][piece] >> 6) & 7;
    const key = `${level}/${read.Id_of_GSHHS_ID[piece]}`;
    if (!polygons.has(key)) polygons.set(key, { level, pieces: [] });
    polygons.get(key).pieces.push(points(read[info][piece] >> 9));
  });
  return [...polygons.values()].flatMap(({ level, pieces }) => joined(pieces).map((ring) => ({ level, area: areaOf(ring), ring: turned(ring) })));
}

/** [{ level, line }]: 0 to 2 the great rivers, 3 to 5 smaller ones, 6 to 8 those that fall dry, from 9 on canals. */
function rivers(folder) {
  const read = variables(path.join(folder, 'binned_river_h.nc'), [...COMMON, 'N_points_for_a_segment', 'Hierarchial_level_of_a_segment']);
  const found = [];
  eachPiece(read, (piece, points) => {
    found.push({ level: read.Hierarchial_level_of_a_segment[piece], line: turned(points(read.N_points_for_a_segment[piece])) });
  });
  return found;
}

module.exports = { shores, rivers };
