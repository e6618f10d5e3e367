import { expect, test } from 'vitest';

import { CloseCode, closeReason, readKick } from '../../src/close.js';
import { comesBack } from '../../src/errors.js';
import { bytesOf, cases } from './vectors.js';

test.each(cases('kicks'))('a kick: $name', ({ body, code, reason, retry_after_ms, endpoint }) => {
  // An empty text stands for that of the code, which the module has.
  const [read, text, delay, where] = readKick(bytesOf(body));
  expect([read, text || 'kicked by the server']).toEqual([code, reason]);
  expect([delay, where]).toEqual([retry_after_ms ?? -1, endpoint ?? '']);
});

test('the named codes are those of the protocol', () => {
  const named = cases('close-codes').filter(({ named }) => named);
  const kebab = (name: string): string => name.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase();
  expect(Object.entries(CloseCode).map(([name, number]) => [kebab(name), number])).toEqual(named.map(({ name, number }) => [name, number]));
});

test.each(cases('close-codes'))('whether a client comes back: $name', ({ number, reconnect }) => {
  expect(comesBack(number)).toBe(reconnect);
});

test('advice is there only where the server gave some', () => {
  expect(closeReason(500, 1, 'x', -1, '')).toEqual({ code: 500, reason: 'x', origin: 'peer', kicked: true });
  expect(closeReason(110, 1, 'x', 0, 'wss://b')).toEqual({ code: 110, reason: 'x', origin: 'peer', retryAfterMs: 0, endpoint: 'wss://b', kicked: false });
  expect(closeReason(500, 2, 'x', -1, '')).toMatchObject({ origin: 'fault', kicked: false });
});

test.each([
  [0, 'closed'],
  [102, 'nothing was heard from the peer for too long'],
  [405, 'malformed or oversized compressed body'],
  [900, 'closed'],
])('an end with code %i without a reason is called so: %s', (code, words) => {
  expect(closeReason(code, 0, '', -1, '').reason).toBe(words);
  expect(closeReason(code, 0, 'maintenance', -1, '').reason).toBe('maintenance');
});
