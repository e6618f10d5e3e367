import { deflateSync, gzipSync } from 'node:zlib';
import { afterEach, expect, test, vi } from 'vitest';

import { decompress } from '../../src/decompress.js';
import { bytesOf, cases } from './vectors.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Both ways: that of the platform, and ours for platforms without. */
const WAYS = [
  ['the platform', () => {}],
  ['the fallback', () => vi.stubGlobal('DecompressionStream', undefined)],
] as const;

for (const [way, choose] of WAYS) {
  test.each(cases('compression'))(`${way}: $name`, async ({ bytes, limit = 1 << 20, verdict, inflated }) => {
    choose();
    const result = decompress(bytesOf(bytes), limit);
    if (verdict === 'ok') expect(await result).toEqual(bytesOf(inflated));
    else if (verdict === 'too-large') await expect(result).rejects.toThrow(RangeError);
    else await expect(result).rejects.toThrow();
  });

  test(`${way}: gzip, as a handshake may be`, async () => {
    choose();
    const body = bytesOf('repeat:61*100000');
    expect(await decompress(Uint8Array.from(gzipSync(body)), body.length, 'gzip')).toEqual(body);
  });

  test(`${way}: a bomb is not inflated beyond its limit`, async () => {
    choose();
    const bomb = Uint8Array.from(deflateSync(new Uint8Array(256 * 1024 * 1024)));
    const before = process.memoryUsage().arrayBuffers;
    await expect(decompress(bomb, 1024 * 1024)).rejects.toThrow(RangeError);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
  });
}
