// The handshake's JSON (wire 2): what we say of ourselves, and what the server settles.

import type { Close } from './close.js';
import { isCode, readClose } from './close.js';
import type { Codec } from './codec.js';
import { utf8 } from './codec.js';
import type { ConnectOptions } from './options.js';

/** The version of this package. */
export const VERSION = '0.1.0';

/** The extensions of the wire that this client knows; their place is their bit (capabilities.rs). */
export const CAPABILITIES = ['close-reason', 'push-dict', 'many-per-frame', 'heartbeat-echo'] as const;

/** Levels of nesting that a response has at most; ours has three. */
const DEPTH = 32;

/** What a server settles. */
export interface Terms {
  readonly code_: number;
  readonly heartbeatMs_: number;
  readonly serializer_: string;
  readonly dictionary_: readonly (readonly [route: string, code: number])[];
  readonly capabilities_: number;
  readonly close_: Close | undefined;
}

/** The body of our handshake packet. Its `user` is an object or absent, as servers refuse all else (wire 2.1). */
export function writeHandshake(
  { clientInfo: { platform = 'web', version = '', build = '' } = {}, capabilities = CAPABILITIES }: ConnectOptions,
  codecs: readonly Codec[],
  user: unknown = undefined,
): Uint8Array {
  if (user != null && !isObject(user)) throw new TypeError('no object');
  const names = codecs.flatMap(({ name }) => name ?? []);
  return utf8(
    JSON.stringify({
      sys: {
        platform,
        libVersion: VERSION,
        clientBuildNumber: build,
        clientVersion: version,
        serializers: names[0] && names,
        capabilities: capabilities[0] && capabilities,
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
  const { code, sys, close } = members(body);
  if (code !== +code || isDeep(body, DEPTH)) throw new TypeError();
  const { heartbeat: seconds, serializer, capabilities, dict } = members(sys);
  const granted = [capabilities].flat();
  return {
    code_: Math.trunc(code),
    // Longer than thirty thousand years is as good as never.
    heartbeatMs_: seconds === +seconds && seconds > 0 && seconds < 1e12 ? seconds * 1000 : 0,
    serializer_: serializer === `${serializer}` ? serializer : 'json',
    dictionary_: Object.entries(dict ?? {}).filter((entry): entry is [string, number] => isCode(entry[1])),
    capabilities_: CAPABILITIES.reduce((bits, name, bit) => bits | (granted.includes(name) ? 1 << bit : 0), 0),
    close_: isObject(close) ? readClose(close) : undefined,
  };
}

/** What terms mean: nothing if they can be met, else why not. */
export function refusal({ code_: code, close_: close }: Terms): Close | undefined {
  if (code === 200) return undefined;
  // 501 is pomelo's code for a client that is too old (wire 2.3).
  return close ?? [code === 501 ? 503 : 502, `refused with code ${code}`, -1, ''];
}

/** Whether a handshake is compressed; nothing else on the wire says so (wire 2.4). JSON starts with none of these bytes. */
export function compression([first, second, third]: Uint8Array): 'deflate' | 'gzip' | undefined {
  if (third === undefined) return undefined;
  if (first === 0x1f && second === 0x8b) return 'gzip';
  return first === 0x78 && second! % 31 === 1 ? 'deflate' : undefined;
}

const isObject = (value: unknown): boolean => value instanceof Object && !Array.isArray(value);

/** Members by their names in small letters; of several spellings the exact one goes first. */
const members = (object: any): Record<string, any> => ({
  ...Object.fromEntries(Object.entries(object ?? {}).map(([key, value]) => [key.toLowerCase(), value])),
  ...object,
});

const isDeep = (value: unknown, levels: number): boolean =>
  value instanceof Object && (!levels || Object.values(value).some((inner) => isDeep(inner, levels - 1)));
