// SPDX-License-Identifier: Apache-2.0
// node gas.js: gas used per call on a fresh anvil, whole transactions, as rows of a Markdown table.
// node gas.js --check FILE: exits 0 only if each figure of the table in FILE is within 2 % of what was used, and no
// period uses more than PERIOD_MAX.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const net = require('net');
const path = require('path');
const { spawn } = require('child_process');
const { keccak256 } = require('js-sha3');
const { compile } = require('./compiler');

const ANVIL = path.join(__dirname, 'node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil');
const WORD = 64; // hex digits
const AREA_COUNT = 50;
const START = 1700000000000;
const TOLERANCE = 0.02;
const PERIOD_MAX = 45000;
const PERIODS = 256;
const FAR = 2 ** 20; // the number of a period, 29 years of quarter hours later
const MODE_SLOT = 4; // of the contract's storage: operator and number of the newest period, then the tree's words
const TREE_WORDS = 64;
const LINE_PATH = 10; // a period of 1,024 checkpoints

const number = (value) => BigInt(value).toString(16).padStart(WORD, '0');
const text = (value) => Buffer.from(value).toString('hex').padEnd(WORD, '0');
const blob = (hex) => number(hex.length / 2) + hex.padEnd(Math.ceil(hex.length / WORD) * WORD, '0');
const selector = (signature) => `0x${keccak256(signature).slice(0, 8)}`;
const areaName = (i) => `area-${String(i).padStart(2, '0')}`;

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function call(port, method, params) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  return new Promise((resolve, reject) => {
    const request = http.request({ port, host: '127.0.0.1', method: 'POST', headers: { 'Content-Type': 'application/json' } }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => {
        const { result, error } = JSON.parse(Buffer.concat(parts).toString());
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result);
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function start() {
  const port = await freePort();
  const chain = spawn(ANVIL, ['--silent', '--port', String(port), '--hardfork', 'osaka'], { stdio: 'ignore' });
  process.on('exit', () => chain.kill());
  for (let i = 0; i < 15000; i += 1) {
    try {
      const [account] = await call(port, 'eth_accounts', []);
      return { port, account, chain };
    } catch (error) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  throw new Error('anvil did not answer within 300 s');
}

async function send({ port, account }, to, data) {
  const hash = await call(port, 'eth_sendTransaction', [{ from: account, to, data, gas: '0x1c9c380' }]);
  let receipt = null;
  while (receipt === null) receipt = await call(port, 'eth_getTransactionReceipt', [hash]);
  if (receipt.status !== '0x1') throw new Error(`reverted: ${data.slice(0, 10)}`);
  return { gas: Number(receipt.gasUsed), contract: receipt.contractAddress };
}

function registration(name, operator) {
  const key = `04${'ab'.repeat(64)}`;
  return selector('registerArea(bytes32,bytes,bytes,address)') + text(name) + number(128) + number(256)
    + number(operator) + blob(key) + blob(key);
}

function checkpoint(name, batch) {
  const root = keccak256(`${name}/${batch}`);
  return text(name) + number(batch) + number(batch * 10000) + number(START + batch * 900000)
    + number(START + (batch + 1) * 900000) + root + number(7 * 32) + blob(`01551220${root}`);
}

function anchoring(list) {
  const tuples = list.map(([name, batch]) => checkpoint(name, batch));
  const offsets = tuples.map((tuple, i) => number(32 * list.length + (i * tuple.length) / 2));
  return selector('anchor((bytes32,uint64,uint64,uint64,uint64,bytes32,bytes)[])') + number(32)
    + number(list.length) + offsets.join('') + tuples.join('');
}

// Batches 5 to 8 of the areas first to end - 1, all of them in each transaction.
async function measureMany(node, contract, first, end) {
  const names = Array.from({ length: end - first }, (_, i) => areaName(first + i));
  let gas = 0;
  for (let batch = 1; batch <= 8; batch += 1) {
    const used = (await send(node, contract, anchoring(names.map((name) => [name, batch])))).gas;
    if (batch > 4) gas += used / 4 / names.length;
  }
  return [`\`anchor\`, ${names.length} areas, per area, mean of batches 5 to 8`, gas];
}

async function measureAnchors(node, contract) {
  const single = [];
  for (let batch = 1; batch <= 13; batch += 1) single.push((await send(node, contract, anchoring([[areaName(0), batch]]))).gas);
  return [
    ['`anchor`, one area, its first batch', single[0]],
    ['`anchor`, one area, odd batch', single[8]],
    ['`anchor`, one area, even batch that begins a group of four', single[9]],
    ['`anchor`, one area, even batch that ends it', single[11]],
    ['`anchor`, one area, mean of batches 5 to 12', single.slice(4, 12).reduce((x, y) => x + y) / 8],
    await measureMany(node, contract, 1, 10),
    await measureMany(node, contract, 10, AREA_COUNT),
  ];
}

// Period mode: a list of what was anchored, { root, count }, and what the contract needs to be shown of it.
const sha256 = (hex) => crypto.createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex');
const join = (left, right) => sha256(`01${left}${right}`);
const bigEndian = (value, bytes) => BigInt(value).toString(16).padStart(2 * bytes, '0');
const periodLeaf = ({ root, count }, i) => sha256(`00${bigEndian(i + 1, 8)}${root}${bigEndian(count, 4)}`);
const largestPower = (below) => 2 ** Math.floor(Math.log2(below - 0.5));

function rootOf(leaves) {
  if (leaves.length === 1) return leaves[0];
  const k = largestPower(leaves.length);
  return join(rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

function pathOf(leaves, index) {
  if (leaves.length === 1) return [];
  const k = largestPower(leaves.length);
  return index < k ? [...pathOf(leaves.slice(0, k), index), rootOf(leaves.slice(k))]
    : [...pathOf(leaves.slice(k), index - k), rootOf(leaves.slice(0, k))];
}

function period(number_, { root, count }) {
  return selector('anchorPeriod(uint64,bytes32,uint32,bytes)') + number(number_) + root + number(count)
    + number(128) + blob(`01551220${root}`);
}

const base32 = (hex) => [...hex].flatMap((digit) => parseInt(digit, 16).toString(2).padStart(4, '0').split(''))
  .concat('00').join('').match(/.{5}/g).map((bits) => 'abcdefghijklmnopqrstuvwxyz234567'[parseInt(bits, 2)]).join('');

// A period whose first line is this checkpoint (checkpoint () above), among 2^LINE_PATH.
function periodWith(name, batch, size = batch * 10000) {
  const root = keccak256(`${name}/${batch}`);
  const line = `{"area":"${name}","batch":${batch},"cid":"b${base32(`01551220${root}`)}","from":${START + batch * 900000},`
    + `"root":"${root}","size":${size},"to":${START + (batch + 1) * 900000}}`;
  const path = Array.from({ length: LINE_PATH }, (_, i) => keccak256(`sibling ${i}`));
  return { root: path.reduce(join, sha256(`00${Buffer.from(line).toString('hex')}`)), count: 2 ** LINE_PATH, path };
}

const array = (hashes) => number(hashes.length) + hashes.join('');
const tuples = (parts) => parts.map((part, i) => number(32 * parts.length
  + parts.slice(0, i).reduce((sum, { length }) => sum + length / 2, 0))).join('') + parts.join('');

function place(all, index) {
  const { root, count, path } = all[index];
  return number(index + 1) + root + number(count) + number(0) + number(6 * 32) + number(6 * 32 + 32 * (path.length + 1))
    + array(path) + array(pathOf(all.map(periodLeaf), index));
}

async function anchorAll(node, contract, first, all) {
  const gas = [];
  for (const [i, one] of all.entries()) gas.push((await send(node, contract, period(first + i, one))).gas);
  return gas;
}

// The contract as it is shortly before period FAR, with something in all words.
async function goFar(node, contract) {
  const words = Array.from({ length: TREE_WORDS }, (_, i) => [MODE_SLOT + 1 + i, keccak256(`word ${i}`)]);
  words.push([MODE_SLOT, bigEndian(FAR - 33, 12) + node.account.slice(2)]);
  for (const [slot, word] of words) await call(node.port, 'anvil_setStorageAt', [contract, `0x${number(slot)}`, `0x${word}`]);
}

async function measurePeriods(node, contract) {
  const noise = Array.from({ length: PERIODS - 3 }, (_, i) => ({ root: keccak256(`period ${i}`), count: 4000 + i }));
  const all = [...noise, periodWith(areaName(0), 14), periodWith(areaName(0), 16), periodWith(areaName(0), 16, 170000)];
  const rows = [['`setPeriodOperator`, the first time', (await send(node, contract, selector('setPeriodOperator(address)') + number(node.account))).gas]];
  const gas = await anchorAll(node, contract, 1, all);
  const one = async (name, data) => rows.push([name, (await send(node, contract, data)).gas]);
  const shown = (index, batch, size) => [checkpoint(areaName(0), batch).replace(number(batch * 10000), number(size || batch * 10000)), place(all, index)];
  const signature = (name, times) => selector(`${name}(${Array(times).fill('(bytes32,uint64,uint64,uint64,uint64,bytes32,bytes),(uint64,bytes32,uint32,uint32,bytes32[],bytes32[])').join(',')})`);
  rows.push([`\`anchorPeriod\`, any number of areas, mean of periods 1 to ${PERIODS}`, gas.reduce((x, y) => x + y) / gas.length]);
  rows.push(['`anchorPeriod`, the most that one of these takes', Math.max(...gas)]);
  await one('`lift`, out of 1,024 checkpoints, the next batch', signature('lift', 1) + tuples(shown(PERIODS - 3, 14)));
  await one('`lift`, likewise, a batch left out before it', signature('lift', 1) + tuples(shown(PERIODS - 2, 16)));
  await one('`conflict`, two of 1,024 checkpoints each', signature('conflict', 2) + tuples([...shown(PERIODS - 2, 16), ...shown(PERIODS - 1, 16, 170000)]));
  await one('`attestPeriod`', selector('attestPeriod(uint64,bytes32,uint32,bytes32[])') + number(1) + all[0].root + number(all[0].count) + number(128)
    + array(pathOf(all.map(periodLeaf), 0)));
  await goFar(node, contract);
  rows.push(['`anchorPeriod`, the most around period 2^20', Math.max(...await anchorAll(node, contract, FAR - 32, noise.slice(0, 96)))]);
  return rows;
}

// A report of the vectors, asked for in a transaction.
async function measureReport(node, contract) {
  const { entries } = JSON.parse(fs.readFileSync(path.join(__dirname, '../tests/vectors/v2/entries.json'), 'utf8'));
  const report = entries.find(({ kind }) => kind === 'report');
  const entry = Buffer.from(report.entry).toString('hex');
  const key = Buffer.from(report.public_key, 'base64url').toString('hex');
  const data = selector('verifyReport(bytes,bytes)') + number(64) + number(64 + blob(entry).length / 2) + blob(entry) + blob(key);
  return ['`verifyReport`, in a transaction', (await send(node, contract, data)).gas];
}

async function measure(node) {
  const { contract, gas: deployment } = await send(node, undefined, `0x${compile().bytecode}`);
  const rows = [['deployment', deployment]];
  const one = async (name, data) => rows.push([name, (await send(node, contract, data)).gas]);
  const key = blob(`04${'cd'.repeat(64)}`);
  await one('`registerArea`', registration(areaName(0), node.account));
  for (let i = 1; i < AREA_COUNT; i += 1) await send(node, contract, registration(areaName(i), node.account));
  rows.push(...await measureAnchors(node, contract));
  await one('`registerWitness`', selector('registerWitness(address)') + number(node.account));
  await one('`attest`', selector('attest(bytes32,uint64,bytes32)') + text(areaName(0)) + number(1) + keccak256(`${areaName(0)}/1`));
  rows.push(...await measurePeriods(node, contract));
  rows.push(await measureReport(node, contract));
  await one('`rotateKeys`', selector('rotateKeys(bytes32,uint64,bytes,bytes)') + text(areaName(0)) + number(99) + number(128) + number(256) + key + key);
  await one('`pause`', selector('pause(bytes32)') + text(areaName(0)));
  await one('`resume`', selector('resume(bytes32)') + text(areaName(0)));
  await one('`setOperator`', selector('setOperator(bytes32,address)') + text(areaName(1)) + number(1));
  await one('`transferOwnership`', selector('transferOwnership(address)') + number(node.account));
  await one('`acceptOwnership`', selector('acceptOwnership()'));
  return rows;
}

const shown = (gas) => Math.round(gas).toLocaleString('en');

// What is wrong with the table in the file; nothing if it is right.
function complaints(rows, file) {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  const stated = new Map(lines.map((line) => /^\| (.*) \| ([0-9,]+) \|$/.exec(line)).filter(Boolean).map(([, name, gas]) => [name, Number(gas.replaceAll(',', ''))]));
  const wrong = rows.filter(([name, gas]) => !(Math.abs(stated.get(name) / gas - 1) <= TOLERANCE))
    .map(([name, gas]) => `${name}: ${shown(gas)} used, ${stated.has(name) ? shown(stated.get(name)) : 'nothing'} in the table`);
  const unknown = [...stated.keys()].filter((name) => !rows.some(([other]) => other === name)).map((name) => `${name}: not measured`);
  const dear = rows.filter(([name, gas]) => name.startsWith('`anchorPeriod`') && gas > PERIOD_MAX).map(([name, gas]) => `${name}: ${shown(gas)} are too much`);
  return [...wrong, ...unknown, ...dear];
}

async function main() {
  const [option, file] = process.argv.slice(2);
  const node = await start();
  const rows = await measure(node);
  node.chain.kill();
  if (option === '--check') {
    const wrong = complaints(rows, file);
    wrong.forEach((line) => process.stderr.write(`${file}: ${line}\n`));
    process.exit(wrong.length > 0 ? 1 : 0);
  }
  process.stdout.write('| call | gas |\n|---|---:|\n');
  rows.forEach(([name, gas]) => process.stdout.write(`| ${name} | ${shown(gas)} |\n`));
}

main().catch((error) => {
  process.stderr.write(`gas: ${error.message}\n`);
  process.exit(1);
});
