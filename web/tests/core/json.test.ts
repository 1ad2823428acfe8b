/* SPDX-License-Identifier: Apache-2.0 */
import { describe, expect, test } from 'vitest'

import { FormatError } from '../../src/core/bytes'
import { parseCanonical, writeMembers } from '../../src/core/json'

const codeOf = (text: string) => {
  try {
    parseCanonical(text)
    return 'accepted'
  } catch (error) {
    return error instanceof FormatError ? error.code : String(error)
  }
}

describe('accepts what is canonical', () => {
  test.each([
    '{}',
    '{"a":1}',
    '{"a":-1,"b":"x"}',
    '{"a":[],"b":{}}',
    '{"a":[1,"2",{"b":[]}]}',
    '{"a":9007199254740991,"b":-9007199254740991}',
    '{"":0}',
    '{"a":"\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\u007f"}',
    '{"a":"\u0915\ud83d\ude00\u2028"}',
    '{"1":1,"10":2,"2":3,"a":4}',
    '{"__proto__":1,"constructor":2}'
  ])('%s', (text) => expect(codeOf(text)).toBe('accepted'))
})

describe('not canonical', () => {
  test.each([
    '{"a":-0}',
    '{"a":1.0}',
    '{"a":1e0}',
    '{"a":1E2}',
    '{"a":0.5}',
    '{"a":9007199254740992}',
    '{"a":-9007199254740992}',
    '{"a":9007199254740993}',
    '{"a":18446744073709551615}',
    '{"a":1e400}',
    '{"a":null}',
    '{"a":true}',
    '{"a":false}',
    '{"a":1,"a":1}',
    '{"a":1,"a":2}',
    '{"b":1,"a":2}',
    '{"2":1,"1":2}',
    '{"a": 1}',
    '{ "a":1}',
    ' {"a":1}',
    '{"a":1}\n',
    '{"a":[1, 2]}',
    '{"a":"\\u0041"}',
    '{"a":"\\/"}',
    '{"a":"\\u000a"}',
    '{"a":"\\u001F"}',
    '{"a":"\\u007f"}',
    '{"a":"\\ud83d\\ude00"}',
    '{"a":"\\ud800"}',
    '{"a":"\\udc00x"}',
    '{"\\u0061":1}',
    '{"a":[[[[[[[[[1]]]]]]]]]}'
  ])('%s', (text) => expect(codeOf(text)).toBe('not-canonical'))
})

describe('no JSON, or no object', () => {
  test.each([
    '',
    '{',
    '{"a"}',
    '{"a":}',
    '{"a":01}',
    '{"a":+1}',
    '{"a":.5}',
    '{"a":1,}',
    "{'a':1}",
    '{"a":1}}',
    '{"a":"\\x"}',
    '{"a":"\t"}',
    '[]',
    '1',
    '"a"',
    'nul',
    '\ufeff{}'
  ])('%j', (text) => expect(codeOf(text)).toBe('malformed'))
})

test('very deep nesting is refused without harm', () => {
  expect(codeOf(`{"a":${'['.repeat(20000)}${']'.repeat(20000)}}`)).toBe('not-canonical')
})

test('keys that objects inherit are plain members', () => {
  const value = parseCanonical('{"__proto__":1,"toString":2}')
  expect([...value.entries()]).toEqual([
    ['__proto__', 1],
    ['toString', 2]
  ])
})

test('the writer writes what the reader reads', () => {
  expect(
    writeMembers([
      ['a', 1],
      ['b', 'x"\u0001']
    ])
  ).toBe('{"a":1,"b":"x\\"\\u0001"}')
  expect(() => writeMembers([['a', 1.5]])).toThrow()
  expect(() => writeMembers([['a', '\ud800']])).toThrow()
})
