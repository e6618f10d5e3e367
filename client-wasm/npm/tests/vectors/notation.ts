// How conformance/README.md writes bytes and messages.

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Members = { [name: string]: Json };

export function members(value: Json | undefined): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`not an object: ${JSON.stringify(value)}`);
  return value;
}

export function list(value: Json | undefined): Json[] {
  if (!Array.isArray(value)) throw new Error(`not a list: ${JSON.stringify(value)}`);
  return value;
}

/** Bytes in the notation, as hex digits. */
export function hex(value: Json | undefined): string {
  if (typeof value !== 'string') throw new Error(`not bytes: ${JSON.stringify(value)}`);
  if (value.startsWith('text:')) return Buffer.from(value.slice(5)).toString('hex');
  return value.split(' ').filter(Boolean).map(token).join('');
}

function token(text: string): string {
  const [, byte, times] = /^repeat:([0-9a-f]{2})\*(\d+)$/.exec(text) ?? [];
  if (byte !== undefined) return byte.repeat(Number(times));
  if (!/^(?:[0-9a-f]{2})+$/.test(text)) throw new Error(`not a token of bytes: ${text}`);
  return text;
}

export function packet(value: Json): Members {
  const { type, body } = members(value);
  return { type: type ?? null, body: hex(body) };
}

/** A message with all its members. */
export function message(value: Json | undefined): Members {
  const given = members(value);
  return { id: 0, error: false, deflated: false, ...given, body: hex(given['body']) };
}

/** Members with the bytes of some of them as hex digits. */
export function withHex(value: Json | undefined, ...names: string[]): Members {
  const given = members(value);
  const written = names.filter((name) => given[name] !== undefined).map((name) => [name, hex(given[name])]);
  return { ...given, ...Object.fromEntries(written) };
}
