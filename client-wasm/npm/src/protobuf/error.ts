// The error payload as protobuf: `message Error { string code = 1; string msg = 2; map<string, string> metadata = 3; }` (wire 8.3).

import type { ErrorBody } from '../codec.js';

/** How a field's value stands on the wire (protobuf encoding). */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads an error payload.
 *
 * @throws Error for bytes that are none
 */
export function readError(bytes: Uint8Array): ErrorBody {
  const payload: { code: string; msg: string; metadata?: Record<string, string> } = { code: '', msg: '' };
  for (const [field, value] of fields(bytes)) {
    if (field === 1) payload.code = text(value);
    if (field === 2) payload.msg = text(value);
    if (field === 3) {
      const [name = '', detail = ''] = entry(value);
      // Not by assignment: a detail may be called __proto__.
      Object.defineProperty((payload.metadata ??= {}), name, { value: detail, enumerable: true, configurable: true, writable: true });
    }
  }
  return payload;
}

/** Name and value of an entry of the map. */
function entry(bytes: Uint8Array | undefined): string[] {
  const pair: string[] = [];
  for (const [field, value] of fields(bytes ?? malformed())) if (field === 1 || field === 2) pair[field - 1] = text(value);
  return pair;
}

function text(value: Uint8Array | undefined): string {
  return utf8.decode(value ?? malformed());
}

/** The fields of a message: number, and the bytes where the value is some. */
function* fields(bytes: Uint8Array): Generator<[number, Uint8Array | undefined]> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; shift <= 2 ** 63; shift *= 128) {
      const byte = bytes[at++] ?? malformed();
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
    return malformed();
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) malformed();
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const kind = tag % 8;
    if (field === 0) malformed();
    if (kind === BYTES) yield [field, take(varint())];
    else if (kind === VARINT) varint(), yield [field, undefined];
    else if (kind === FIXED64 || kind === FIXED32) take(kind === FIXED64 ? 8 : 4), yield [field, undefined];
    else malformed();
  }
}

function malformed(): never {
  throw new Error('the error answer is no protobuf message');
}
