// SPDX-License-Identifier: Apache-2.0
// node run-forge.js FOLDER [forge's arguments]: runs the contract's tests in a copy below FOLDER.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { spawnSync } = require('child_process');
const { SOURCES } = require('./compiler');

const FORGE = path.join(__dirname, 'node_modules/@foundry-rs/forge-linux-amd64/bin/forge');
const VECTORS = path.join(__dirname, '../tests/vectors/v2');

function copyInto(folder) {
  for (const name of ['src', 'test', 'fixtures']) fs.mkdirSync(path.join(folder, name), { recursive: true });
  for (const name of SOURCES) fs.copyFileSync(path.join(__dirname, name), path.join(folder, 'src', name));
  for (const name of ['foundry.toml', 'solc-js']) fs.copyFileSync(path.join(__dirname, name), path.join(folder, name));
  for (const name of fs.readdirSync(path.join(__dirname, 'test'))) {
    fs.copyFileSync(path.join(__dirname, 'test', name), path.join(folder, 'test', name));
  }
  const link = path.join(folder, 'node_modules');
  fs.rmSync(link, { force: true });
  fs.symlinkSync(path.join(__dirname, 'node_modules'), link);
}

const hex = (text) => `0x${text}`;
const word = (text) => hex(Buffer.from(text).toString('hex').padEnd(64, '0'));
const key = (text) => hex(Buffer.from(text, 'base64url').toString('hex'));

// The batches of tests/vectors as the test reads them: checkpoints, and each path with its entry's bytes.
function writeFixtures(folder) {
  const vectors = JSON.parse(fs.readFileSync(path.join(VECTORS, 'batches.json'), 'utf8'));
  const entries = [];
  const checkpoints = vectors.batches.map(({ file, cid_hex: cid }) => {
    const text = fs.readFileSync(path.join(VECTORS, file), 'utf8');
    text.split('\n').slice(1, -2).forEach((line) => entries.push(line.replace(/,$/, '')));
    const { batch, size, from, to, root } = JSON.parse(text);
    return { batch, size, from, to, root: hex(root), cid: hex(cid) };
  });
  const inclusion = vectors.inclusion.map(({ index, size, path: nodes }) => ({
    index,
    batch: checkpoints.find((checkpoint) => checkpoint.size === size).batch,
    entry: hex(Buffer.from(entries[index]).toString('hex')),
    path: nodes.map(hex),
  }));
  const fixtures = {
    area: word(vectors.area),
    authority: key(vectors.authority_key),
    service: key(vectors.service_key),
    checkpointCount: checkpoints.length,
    checkpoints,
    inclusionCount: inclusion.length,
    inclusion,
  };
  fs.writeFileSync(path.join(folder, 'fixtures/batches.json'), JSON.stringify(fixtures, null, 1));
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

function fromBase32(text) {
  const bits = [...text].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2))).toString('hex');
}

// A line of a period file as the struct that the contract takes, and the line's hash as a leaf.
function checkpointOf(line) {
  const { area, batch, size, from, to, root, cid } = JSON.parse(line);
  const leaf = crypto.createHash('sha256').update('\0').update(line).digest('hex');
  return { area: word(area), batch, size, from, to, root: hex(root), cid: hex(fromBase32(cid.slice(1))), leaf: hex(leaf) };
}

// period.json: the tree of periods, the checkpoints of its first two with their paths, and pairs that conflict or do not.
function writePeriods(folder) {
  const { tree, periods, pairs } = JSON.parse(fs.readFileSync(path.join(VECTORS, 'period.json'), 'utf8'));
  const checkpoints = periods.flatMap(({ period, to, checkpoints: lines }) => lines.map(({ line, index, path: nodes }) => ({
    ...checkpointOf(line), period, periodTo: to, index, path: nodes.map(hex),
  })));
  const fixtures = {
    treeCount: tree.length,
    tree: tree.map(({ root, count, root_after: after, frontier_after: frontier, path_in_last: nodes }, i) => ({
      root: hex(root), count, after: hex(after), frontier: frontier.map(hex), path: nodes.map(hex), cid: hex(periods[i] ? periods[i].cid_hex : '01'),
    })),
    calls: periods.map(({ anchor_period_calldata: call }) => call),
    checkpointCount: checkpoints.length,
    checkpoints,
    pairCount: pairs.length,
    pairs: pairs.map(({ conflict, a, b }) => ({ conflict, a: checkpointOf(a), b: checkpointOf(b) })),
  };
  fs.writeFileSync(path.join(folder, 'fixtures/periods.json'), JSON.stringify(fixtures, null, 1));
}

// Reports of the vectors with their devices' keys.
function writeReports(folder) {
  const { entries } = JSON.parse(fs.readFileSync(path.join(VECTORS, 'entries.json'), 'utf8'));
  const reports = entries.filter(({ kind }) => kind === 'report').map((one) => ({
    entry: hex(Buffer.from(one.entry).toString('hex')), key: key(one.public_key),
  }));
  const other = entries.find(({ kind }) => kind === 'roster');
  const fixtures = { reportCount: reports.length, reports, roster: { entry: hex(Buffer.from(other.entry).toString('hex')), key: key(other.public_key) } };
  fs.writeFileSync(path.join(folder, 'fixtures/reports.json'), JSON.stringify(fixtures, null, 1));
}

const folder = process.argv[2];
if (folder === undefined) {
  process.stderr.write('usage: node run-forge.js FOLDER [forge arguments]\n');
  process.exit(2);
}
if (!fs.existsSync(FORGE)) {
  process.stderr.write('contracts: forge is not installed; run `make deps`\n');
  process.exit(1);
}
fs.mkdirSync(folder, { recursive: true });
copyInto(folder);
writeFixtures(folder);
writePeriods(folder);
writeReports(folder);
const run = spawnSync(FORGE, ['test', '--offline', ...process.argv.slice(3)], {
  cwd: folder,
  stdio: 'inherit',
  env: { ...process.env, HOME: folder, FOUNDRY_DISABLE_NIGHTLY_WARNING: '1' },
});
if (run.error) process.stderr.write(`contracts: forge did not start: ${run.error.message}\n`);
process.exit(run.status === null ? 1 : run.status);
