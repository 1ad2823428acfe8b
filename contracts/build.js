// SPDX-License-Identifier: Apache-2.0
// node build.js FOLDER: writes PowerAnchor.json (ABI and creation bytecode) and the bytecode as a C header.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { NAME, compile } = require('./compiler');

// What the code of a deployed contract may be, SHA-256: this one's, and those of versions before (known-code.json).
function knownCode(deployed) {
  const own = crypto.createHash('sha256').update(Buffer.from(deployed, 'hex')).digest('hex');
  const older = JSON.parse(fs.readFileSync(path.join(__dirname, 'known-code.json'), 'utf8'));
  return [...new Set([own, ...older.map(({ sha256 }) => sha256)])];
}

function codeLines(hashes) {
  return hashes.map((hash) => `  { { ${hash.match(/../g).map((pair) => `0x${pair}`).join(', ')} } },`);
}

function header(bytecode, hashes) {
  const bytes = bytecode.match(/../g).map((pair) => `0x${pair}`);
  const lines = [];
  for (let i = 0; i < bytes.length; i += 16) lines.push(`  ${bytes.slice(i, i + 16).join(', ')},`);
  return [
    '/* SPDX-License-Identifier: Apache-2.0 */',
    `/* Made from contracts/${NAME}.sol by contracts/build.js. */`,
    '#pragma once',
    '',
    `/* What creates ${NAME}; its constructor takes no arguments. */`,
    `#define PT_CONTRACT_BYTECODE_SIZE ${bytes.length}`,
    'static const unsigned char pt_contract_bytecode[PT_CONTRACT_BYTECODE_SIZE] = {',
    ...lines,
    '};',
    '',
    `/* SHA-256 of the code that a ${NAME} has on the chain: this one's, then those of versions before. */`,
    `#define PT_CONTRACT_CODE_COUNT ${hashes.length}`,
    '#define PT_CONTRACT_CODE_HASHES \\',
    ...codeLines(hashes).map((line) => `${line} \\`),
    '',
    '',
  ].join('\n');
}

const folder = process.argv[2];
if (folder === undefined) {
  process.stderr.write('usage: node build.js FOLDER\n');
  process.exit(2);
}
const { abi, bytecode, deployed } = compile();
const json = JSON.stringify({ contractName: NAME, abi, bytecode: `0x${bytecode}` }, null, 1);
fs.writeFileSync(path.join(folder, `${NAME}.json`), `${json}\n`);
fs.writeFileSync(path.join(folder, 'pt-contract-bytecode.h'), header(bytecode, knownCode(deployed)));
