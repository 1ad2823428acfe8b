// SPDX-License-Identifier: Apache-2.0
// node gas.js: gas used per call on a fresh anvil, whole transactions, as rows of a Markdown table.
'use strict';
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
  const chain = spawn(ANVIL, ['--silent', '--port', String(port), '--hardfork', 'cancun'], { stdio: 'ignore' });
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

async function measure(node) {
  const { contract, gas: deployment } = await send(node, undefined, `0x${compile().bytecode}`);
  const rows = [['deployment', deployment]];
  const one = async (name, data) => rows.push([name, (await send(node, contract, data)).gas]);
  await one('`registerArea`', registration(areaName(0), node.account));
  for (let i = 1; i < AREA_COUNT; i += 1) await send(node, contract, registration(areaName(i), node.account));
  const single = [];
  for (let batch = 1; batch <= 13; batch += 1) single.push((await send(node, contract, anchoring([[areaName(0), batch]]))).gas);
  rows.push(['`anchor`, one area, its first batch', single[0]]);
  rows.push(['`anchor`, one area, odd batch', single[8]]);
  rows.push(['`anchor`, one area, even batch that begins a group of four', single[9]]);
  rows.push(['`anchor`, one area, even batch that ends it', single[11]]);
  rows.push(['`anchor`, one area, mean of batches 5 to 12', single.slice(4, 12).reduce((a, b) => a + b) / 8]);
  rows.push(await measureMany(node, contract, 1, 10));
  rows.push(await measureMany(node, contract, 10, AREA_COUNT));
  await one('`registerWitness`', selector('registerWitness(address)') + number(node.account));
  await one('`attest`', selector('attest(bytes32,uint64,bytes32)') + text(areaName(0)) + number(1) + keccak256(`${areaName(0)}/1`));
  await one('`setOperator`', selector('setOperator(bytes32,address)') + text(areaName(1)) + number(1));
  await one('`transferOwnership`', selector('transferOwnership(address)') + number(node.account));
  await one('`acceptOwnership`', selector('acceptOwnership()'));
  return rows;
}

async function main() {
  const node = await start();
  const rows = await measure(node);
  process.stdout.write('| call | gas |\n|---|---:|\n');
  rows.forEach(([name, gas]) => process.stdout.write(`| ${name} | ${Math.round(gas).toLocaleString('en')} |\n`));
  node.chain.kill();
}

main().catch((error) => {
  process.stderr.write(`gas: ${error.message}\n`);
  process.exit(1);
});
