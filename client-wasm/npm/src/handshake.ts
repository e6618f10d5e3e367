// The handshake's JSON (wire 2): what we say of ourselves, and what the server settles.

import type { Close } from './close.js';
import { isCode, readClose } from './close.js';
import type { Codec } from './codec.js';
import { utf8 } from './codec.js';
import type { ClientInfo } from './options.js';

/** The version of this package. */
export const VERSION = '0.1.0';

/** The extensions of the wire that this client knows; their place is their bit (capabilities.rs). */
export const CAPABILITIES = ['close-reason', 'push-dict', 'many-per-frame', 'heartbeat-echo'] as const;

/** Levels of nesting that a response has at most; ours has three. */
const DEPTH = 32;

/** What a server settles. */
export interface Terms {
  readonly code: number;
  readonly heartbeatMs: number;
  readonly serializer: string;
  readonly dictionary: readonly (readonly [route: string, code: number])[];
  readonly capabilities: number;
  readonly close: Close | undefined;
}

/** The body of our handshake packet. Its `user` is an object or absent, as servers refuse all else (wire 2.1). */
export function writeHandshake(
  { platform = 'web', version = '', build = '' }: ClientInfo,
  codecs: readonly Codec[],
  capabilities: readonly string[],
  user: unknown = undefined,
): Uint8Array {
  if (user != null && !isObject(user)) throw new TypeError('no object');
  const list = (names: readonly unknown[]): readonly unknown[] | undefined => (names.length ? names : undefined);
  return utf8(
    JSON.stringify({
      sys: {
        platform,
        libVersion: VERSION,
        clientBuildNumber: build,
        clientVersion: version,
        serializers: list(codecs.map(({ name }) => name).filter((name) => name)),
        capabilities: list(capabilities),
      },
      user: user ?? undefined,
    }),
  );
}

/**
 * Reads the parsed body of the server's. Members are found in any case and `null` is absent, as for Go's decoder; what is of a wrong type below
 * `sys` is absent as well.
 *
 * @throws for what is no object with a numeric code
 */
export function readTerms(body: unknown): Terms {
  const code = member(body, 'code') as number;
  if (code !== +code || isDeep(body, DEPTH)) throw new TypeError();
  const sys = member(body, 'sys');
  const seconds = member(sys, 'heartbeat');
  const serializer = member(sys, 'serializer');
  const granted = [member(sys, 'capabilities')].flat();
  const close = member(body, 'close');
  return {
    code: Math.trunc(code),
    // Longer than thirty thousand years is as good as never.
    heartbeatMs: seconds === +seconds && seconds > 0 && seconds < 1e12 ? seconds * 1000 : 0,
    serializer: serializer === `${serializer}` ? serializer : 'json',
    dictionary: Object.entries(member(sys, 'dict') ?? {}).filter((entry): entry is [string, number] => isCode(entry[1])),
    capabilities: CAPABILITIES.reduce((bits, name, bit) => bits | (granted.includes(name) ? 1 << bit : 0), 0),
    close: isObject(close) ? readClose(close) : undefined,
  };
}

/** What terms mean: nothing if they can be met, else why not. */
export function refusal({ code, close }: Terms): Close | undefined {
  if (code === 200) return undefined;
  // 501 is pomelo's code for a client that is too old (wire 2.3).
  return close ?? [code === 501 ? 503 : 502, `refused with code ${code}`, -1, ''];
}

/** Whether a handshake is compressed; nothing else on the wire says so (wire 2.4). JSON starts with none of these bytes. */
export function compression([first, second, third]: Uint8Array): 'deflate' | 'gzip' | undefined {
  if (third === undefined) return undefined;
  if (first === 0x1f && second === 0x8b) return 'gzip';
  return first === 0x78 && [0x9c, 1, 0xda, 0x5e].includes(second!) ? 'deflate' : undefined;
}

const isObject = (value: unknown): boolean => value instanceof Object && !Array.isArray(value);

/** The exact name first, else any spelling of its letters. No value of JSON inherits one of these names. */
const member = (object: any, name: string): any =>
  object?.[name] ?? Object.entries(object ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];

const isDeep = (value: unknown, levels: number): boolean =>
  value instanceof Object && (!levels || Object.values(value).some((inner) => isDeep(inner, levels - 1)));
