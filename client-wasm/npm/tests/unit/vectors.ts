// The shared vectors, as far as they are about what the TypeScript reads itself.

import { readFileSync } from 'node:fs';

/** The cases of a file of conformance/vectors. */
export function cases(file: string): any[] {
  return JSON.parse(readFileSync(new URL(`../../../../conformance/vectors/${file}.json`, import.meta.url), 'utf8')).cases;
}

/** Bytes as the vectors write them: hex digits, `text:..`, or `repeat:<byte>*<count>`. */
export function bytesOf(written: string): Uint8Array<ArrayBuffer> {
  if (written.startsWith('text:')) return new TextEncoder().encode(written.slice(5));
  const repeat = /^repeat:(..)\*(\d+)$/.exec(written);
  if (repeat) return new Uint8Array(Number(repeat[2])).fill(parseInt(repeat[1]!, 16));
  return Uint8Array.from(Buffer.from(written.replaceAll(' ', ''), 'hex'));
}
