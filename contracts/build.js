// SPDX-License-Identifier: Apache-2.0
// node build.js FOLDER: writes PowerAnchor.json (ABI and creation bytecode) and the bytecode as a C header.
'use strict';
const fs = require('fs');
const path = require('path');
const { NAME, compile } = require('./compiler');

function header(bytecode) {
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
  ].join('\n');
}

const folder = process.argv[2];
if (folder === undefined) {
  process.stderr.write('usage: node build.js FOLDER\n');
  process.exit(2);
}
const { abi, bytecode } = compile();
const json = JSON.stringify({ contractName: NAME, abi, bytecode: `0x${bytecode}` }, null, 1);
fs.writeFileSync(path.join(folder, `${NAME}.json`), `${json}\n`);
fs.writeFileSync(path.join(folder, 'pt-contract-bytecode.h'), header(bytecode));
