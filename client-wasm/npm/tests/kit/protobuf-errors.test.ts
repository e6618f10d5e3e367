import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { readError } from '../../src/protobuf/error.js';

interface Payload {
  code?: string;
  msg?: string;
  metadata?: Record<string, string>;
}
interface Case {
  name: string;
  serializer?: string;
  protobuf?: string;
  body?: string;
  verdict?: 'ok' | 'error';
  value?: Payload;
}

const vectors = join(import.meta.dirname, '../../../../conformance/vectors');

function cases(name: string): Case[] {
  return (JSON.parse(readFileSync(join(vectors, name), 'utf8')) as { cases: Case[] }).cases;
}

/** Hex digits between blanks; these files write protobuf in no other way. */
function bytes(notation = ''): Uint8Array {
  expect(notation).toMatch(/^[0-9a-f ]*$/);
  return Buffer.from(notation.replaceAll(' ', ''), 'hex');
}

const whole = ({ code = '', msg = '', metadata = {} }: Payload = {}): Payload => ({ code, msg, metadata });

test.each(cases('errors.json'))('$name', ({ protobuf, value }) => {
  expect(whole(readError(bytes(protobuf)))).toEqual(whole(value));
});

test.each(cases('errors-tolerated.json').filter(({ serializer }) => serializer === 'protobuf'))('$name', ({ body, verdict, value }) => {
  if (verdict === 'ok') expect(whole(readError(bytes(body)))).toEqual(whole(value));
  else expect(() => readError(bytes(body))).toThrow();
});

test.each(['0a', '0a05', '0b', '08', '08ffffffffffffffffffff', '00', '0a02c328'])('%s is no error payload', (digits) => {
  expect(() => readError(bytes(digits))).toThrow();
});

test('a detail may have any name', () => {
  const { metadata } = readError(bytes('1a0e 0a095f5f70726f746f5f5f 120161'));
  expect(Object.entries(metadata ?? {})).toEqual([['__proto__', 'a']]);
});
