// What a server may answer to the handshake.

import type { Codec } from 'pitaya-client';
import { equal, fails, holds } from './expect.js';
import type { Scenario, Setting } from './setting.js';

/** The end of a connection that the handshake ends, for good. */
async function refused(setting: Setting, peer: string, options = {}): Promise<{ code: number; reason: string }> {
  const error = await fails(setting.connect(peer, options), setting.pitaya.ConnectError);
  holds(error.reason, `no reason: ${error.message}`);
  equal(error.retryable, false, 'retryable');
  return error.reason;
}

/** Enough of protobuf for the fields of text that the server's answers have. */
const protobuf: Codec = {
  name: 'protobuf',
  encode: (_, body) => body as Uint8Array,
  decode: (_, bytes) => fields(bytes),
  decodeError: (bytes) => {
    const [, code = '', msg = ''] = fields(bytes);
    return { code, msg };
  },
};

/** Fields of text by their number, all shorter than 128 bytes. */
function fields(bytes: Uint8Array): string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 2 + bytes[at + 1]!;
    texts[bytes[at]! >> 3] = new TextDecoder().decode(bytes.slice(at + 2, end));
    at = end;
  }
  return texts;
}

const scenarios: Record<string, Scenario> = {
  'serializer-by-handshake': async (setting) => {
    const codec = [setting.pitaya.json, protobuf];
    const [json, binary] = [await setting.connect('sdk', { codec }), await setting.connect('sdk-protobuf', { codec })];
    equal([json.state, binary.state], [
      { kind: 'connected', serializer: 'json' },
      { kind: 'connected', serializer: 'protobuf' },
    ]);
    const session = await binary.request('connector.getsessiondata', new Uint8Array());
    equal(session[1], 'THIS IS THE SESSION DATA');
    for (const client of [json, binary]) {
      const error = await fails(client.request('connector.nothing', new Uint8Array()), setting.pitaya.ServerError);
      equal(error.code, 'PIT-404');
    }
  },

  'serializer-mismatch': async (setting) => {
    const { reason } = await refused(setting, 'sdk-protobuf');
    holds(reason.includes('protobuf'), reason);
  },

  'compressed-handshake': async (setting) => {
    const client = await setting.connect('compressed');
    equal(client.state.kind, 'connected');
  },

  refused: async (setting) => {
    const { code, reason } = await refused(setting, 'refused', { capabilities: [] });
    equal(code, 502);
    holds(reason.includes('400'), reason);
  },

  'refused-with-reason': async (setting) => {
    const { code, reason } = await refused(setting, 'refused');
    equal([code, reason], [502, 'refused by the script']);
  },

  'too-old': async (setting) => {
    equal((await refused(setting, 'too-old')).code, 503);
  },

  'handshake-not-json': async (setting) => {
    equal((await refused(setting, 'handshake-not-json')).code, 404);
  },

  'handshake-without-sys': async (setting) => {
    const client = await setting.connect('handshake-without-sys');
    equal(client.state, { kind: 'connected', serializer: 'json' });
    equal(await client.request('a.b', [1]), [1]);
  },

  'handshake-bomb': async (setting) => {
    equal((await refused(setting, 'handshake-bomb')).code, 405);
  },
};

export default scenarios;
