// Inflation for platforms without `DecompressionStream`: loaded when the first compressed body comes.

import { Gunzip, Unzlib } from 'fflate';

/** Compressed bytes that are inflated in one go: they become at most a thousand times as many, which bounds what is held beyond the limit. */
const STEP = 1024;

/** Inflates a zlib or gzip stream of at most `limit` bytes. */
export function inflate(body: Uint8Array, limit: number, format: 'deflate' | 'gzip'): Uint8Array<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let whole = false;
  const inflater = new (format === 'gzip' ? Gunzip : Unzlib)((chunk, final) => {
    length += chunk.length;
    whole ||= final;
    chunks.push(chunk);
  });
  for (let at = 0; at < body.length; at += STEP) {
    inflater.push(body.subarray(at, at + STEP), at + STEP >= body.length);
    if (length > limit) throw new RangeError(`a compressed body is longer than ${limit} bytes`);
  }
  if (!whole) throw new TypeError('a compressed body is not whole');
  const inflated = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    inflated.set(chunk, at);
    at += chunk.length;
  }
  // The inflater does not look at it.
  if (format === 'deflate' && new DataView(body.buffer, body.byteOffset).getUint32(body.length - 4) !== adler32(inflated)) {
    throw new TypeError('a compressed body has a wrong checksum');
  }
  return inflated;
}

/** The checksum at the end of a zlib stream (RFC 1950 section 8.2). */
function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % 65521;
    high = (high + low) % 65521;
  }
  return high * 65536 + low;
}
