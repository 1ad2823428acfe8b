// SPDX-License-Identifier: Apache-2.0
// node interface.js: what the compiled contract offers, as rows of a Markdown table: functions and errors with the
// four bytes of their selectors, events with their first topic.
// node interface.js --check FILE: exits 0 only if the table stands in FILE as it is printed.
'use strict';
const fs = require('fs');
const path = require('path');
const { keccak256 } = require('js-sha3');
const { compile } = require('./compiler');

const ORDER = ['function', 'event', 'error'];

// Structs are tuples to whoever computes a selector.
function canonicalType({ type, components }) {
  return components ? `(${components.map(canonicalType).join(',')})${type.slice('tuple'.length)}` : type;
}

function shownType({ type, internalType, components }) {
  return components ? `${internalType.replace(/^struct (\w+\.)?/, '').replace(/\[\]$/, '')}${type.slice('tuple'.length)}` : type;
}

function shown(parameter) {
  const name = parameter.name ? ` ${parameter.name}` : '';
  return `${shownType(parameter)}${parameter.indexed ? ' indexed' : ''}${name}`;
}

function signature({ name, inputs }) {
  return `${name}(${inputs.map(canonicalType).join(',')})`;
}

function row(item) {
  const hash = keccak256(signature(item));
  const list = (parameters) => parameters.map(shown).join(', ');
  const returns = item.outputs && item.outputs.length > 0 ? ` returns (${list(item.outputs)})` : '';
  const code = item.type === 'event' ? hash : hash.slice(0, 8);
  return `| ${item.type} | \`${item.name}(${list(item.inputs)})${returns}\` | \`0x${code}\` |`;
}

function table() {
  const items = compile().abi.filter(({ type }) => ORDER.includes(type));
  const rows = ORDER.flatMap((type) => items.filter((item) => item.type === type).map(row).sort());
  return ['| | signature | selector or first topic |', '|---|---|---|', ...rows, ''].join('\n');
}

// Every error has its words in the programs.
function namelessErrors() {
  const words = fs.readFileSync(path.join(__dirname, '../common/pt-revert.c'), 'utf8');
  const errors = compile().abi.filter(({ type }) => type === 'error').map(signature);
  return errors.filter((error) => !words.includes(`"${error}"`));
}

const [option, file] = process.argv.slice(2);
if (option === '--check' && file !== undefined) {
  if (!fs.readFileSync(file, 'utf8').includes(`\n${table()}`)) {
    process.stderr.write(`${file}: the table of the contract is another; print it with node contracts/interface.js\n`);
    process.exit(1);
  }
  if (namelessErrors().length > 0) {
    process.stderr.write(`common/pt-revert.c has no words for ${namelessErrors().join(', ')}\n`);
    process.exit(1);
  }
} else if (option === undefined) {
  process.stdout.write(table());
} else {
  process.stderr.write('usage: node interface.js [--check FILE]\n');
  process.exit(2);
}
