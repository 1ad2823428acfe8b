// SPDX-License-Identifier: Apache-2.0
// The compiler and its settings, in one place for the build, the tests and the gas figures.
'use strict';
const fs = require('fs');
const path = require('path');

const NAME = 'PowerAnchor';
const SOURCES = ['PowerAnchor.sol', 'Checkpoint.sol', 'PeriodTree.sol', 'ReportSignature.sol'];
const SETTINGS = {
  evmVersion: 'cancun',
  optimizer: { enabled: true, runs: 1000000 },
  viaIR: true,
  metadata: { appendCBOR: false, bytecodeHash: 'none' },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
};

function loadCompiler() {
  try {
    return require('solc');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    process.stderr.write('contracts: the Solidity compiler is not installed; run `make deps`\n');
    return process.exit(1);
  }
}

// { abi, bytecode, deployed } (hex without 0x); ends the process with the compiler's words.
function compile() {
  const file = `${NAME}.sol`;
  const sources = SOURCES.map((name) => [name, { content: fs.readFileSync(path.join(__dirname, name), 'utf8') }]);
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(sources),
    settings: SETTINGS,
  };
  const output = JSON.parse(loadCompiler().compile(JSON.stringify(input)));
  const messages = output.errors || [];
  messages.forEach((message) => process.stderr.write(message.formattedMessage));
  if (messages.length > 0) process.exit(1); // warnings too
  const contract = output.contracts[file][NAME];
  return {
    abi: contract.abi,
    bytecode: contract.evm.bytecode.object,
    deployed: contract.evm.deployedBytecode.object,
  };
}

module.exports = { NAME, SOURCES, loadCompiler, compile };
