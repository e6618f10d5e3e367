import { expect, test } from 'vitest';

import { describe } from '../../src/trace.js';

const hex = (digits: string): Uint8Array => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const packet = (type: number, body: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(body);
  return Buffer.concat([Buffer.of(type, bytes.length >> 16, bytes.length >> 8, bytes.length), bytes]);
};
const text = async (frame: Uint8Array, handshake?: unknown): Promise<string> => (await describe('in', frame, handshake)).text;

test('a frame is told packet by packet', async () => {
  const frame = hex('04000005 00 01 01 61 78 03000000');
  const line = await describe('out', frame);
  expect(line).toMatchObject({ direction: 'out', text: 'request 1 a 1 B x\nheartbeat' });
  expect(line.packets).toEqual([
    { type: 'data', length: 5, kind: 'request', id: 1, route: 'a', error: false, deflated: false, body: 'x', text: 'request 1 a 1 B x' },
    { type: 'heartbeat', length: 0, body: '', text: 'heartbeat' },
  ]);
});

test('codes are told as routes where the handshake has them', async () => {
  const frame = hex('04000004 07 0203 7a');
  expect(await text(frame, { sys: { dict: { onHigh: 0x203 } } })).toBe('push onHigh (code 515) 1 B z');
  expect(await text(frame, null)).toBe('push (code 515) 1 B z');
});

test('the user of a handshake is hidden, in whatever case', async () => {
  const shown = await text(packet(1, '{"sys":{"platform":"web"},"User":{"token":"secret"}}'));
  expect(shown).toContain('web');
  expect(shown).not.toContain('secret');
});

test('compressed bodies are shown inflated', async () => {
  const { deflateSync } = await import('node:zlib');
  const body = deflateSync('{"a":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}');
  expect(await text(packet(4, Buffer.concat([hex('14 05'), body])))).toBe(`response 5 ${body.length} B deflated from 44 B {"a":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}`);
  expect(await text(packet(1, deflateSync('{"code":200}')))).toContain('{"code":200}');
});

test('errors, kicks and bytes that are no text', async () => {
  expect(await text(packet(4, Buffer.concat([hex('24 07'), Buffer.from('{"code":"A"}')])))).toBe('response 7 error 12 B {"code":"A"}');
  expect(await text(packet(5, '{"reason":"go"}'))).toBe('kick 15 B {"reason":"go"}');
  expect(await text(packet(4, hex('06 01 61 00 ff')))).toBe('push a 2 B 00ff');
});

test('a long body is shortened', async () => {
  const { packets } = await describe('in', packet(4, Buffer.concat([hex('06 01 61'), Buffer.alloc(100_000, 'ä')])));
  expect(packets[0]?.body).toHaveLength(401);
  expect(packets[0]?.length).toBe(100_003);
});

test.each(['', 'ff', '04000009 06 01 61', '09000000', '04000001 0f', '04000002 00 01'])('%s is malformed, and said so', async (digits) => {
  expect(await text(hex(digits))).toMatch(/^malformed: /);
});

test('lines come in the order in which they were asked for', async () => {
  const order: string[] = [];
  await Promise.all(['a', 'b', 'c'].map(async (letter) => order.push((await describe('in', packet(5, letter))).packets[0]?.body ?? '')));
  expect(order).toEqual(['a', 'b', 'c']);
});
