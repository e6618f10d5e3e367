import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { bytes, json, readJson } from '../../src/codec.js';
import { decompress } from '../../src/decompress.js';
import { CAPABILITIES, compression, readTerms, refusal, VERSION, writeHandshake } from '../../src/handshake.js';
import { bytesOf, cases } from './vectors.js';

async function read(body: Uint8Array<ArrayBuffer>) {
  const format = compression(body);
  return readTerms(readJson(format ? await decompress(body, 1 << 20, format) : body));
}

test.each(cases('handshake-responses'))('a response: $name', async ({ body, compressed, verdict, value }) => {
  const bytes = bytesOf(body);
  if (verdict === 'error') {
    await expect(read(bytes)).rejects.toThrow();
    return;
  }
  expect(compression(bytes) !== undefined).toBe(compressed);
  const terms = await read(bytes);
  expect(terms).toMatchObject({ code_: value.code, heartbeatMs_: value.heartbeat_ms, serializer_: value.serializer });
  expect(Object.fromEntries(terms.dictionary_)).toEqual(value.dictionary);
  expect(CAPABILITIES.filter((_, bit) => terms.capabilities_ & (1 << bit))).toEqual(value.capabilities);
  expect(terms.close_?.slice(0, 2)).toEqual(value.close && [value.close.code, value.close.reason]);
});

test.each(cases('sniffing'))('whether it is compressed: $name', ({ bytes, compressed }) => {
  expect(compression(bytesOf(bytes)) !== undefined).toBe(compressed);
});

test('names are found in any case, null is absent, and no value is taken for a member', () => {
  expect(readTerms({ CODE: 200, Sys: { HeartBeat: 2, SERIALIZER: 'x' } })).toMatchObject({ heartbeatMs_: 2000, serializer_: 'x' });
  expect(readTerms({ code: 200, sys: { heartbeat: null, dict: null, serializer: null, capabilities: null }, close: null })).toEqual({
    code_: 200,
    heartbeatMs_: 0,
    serializer_: 'json',
    dictionary_: [],
    capabilities_: 0,
    close_: undefined,
  });
  expect(() => readTerms({ undefined: 200 })).toThrow();
  expect(() => readTerms(null)).toThrow();
});

test('what a code means', () => {
  const terms = readTerms({ code: 200 });
  expect(refusal(terms)).toBeUndefined();
  expect(refusal({ ...terms, code_: 400 })).toMatchObject([502, expect.stringContaining('400'), -1, '']);
  expect(refusal({ ...terms, code_: 501 })?.[0]).toBe(503);
  expect(refusal({ ...terms, code_: 501, close_: [900, 'no', 5, 'wss://a'] })).toEqual([900, 'no', 5, 'wss://a']);
});

test('a request says what the application says, and what this client can', () => {
  const request = writeHandshake({ clientInfo: { platform: 'mac', version: '2.1', build: '20' }, capabilities: ['push-dict'] }, [json, bytes], { age: 30 });
  expect(JSON.parse(new TextDecoder().decode(request))).toEqual({
    sys: {
      platform: 'mac',
      libVersion: VERSION,
      clientBuildNumber: '20',
      clientVersion: '2.1',
      serializers: ['json'],
      capabilities: ['push-dict'],
    },
    user: { age: 30 },
  });
});

test('what is empty is left out of a request', () => {
  for (const user of [undefined, null]) {
    expect(JSON.parse(new TextDecoder().decode(writeHandshake({ capabilities: [] }, [bytes], user)))).toEqual({
      sys: { platform: 'web', libVersion: VERSION, clientBuildNumber: '', clientVersion: '' },
    });
  }
});

test.each([[[1]], ['ada'], [7], [true]])('a user that is no object: %j', (user) => {
  expect(() => writeHandshake({}, [json], user)).toThrow(TypeError);
});

test('the version is the package\'s', () => {
  expect(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version).toBe(VERSION);
});
