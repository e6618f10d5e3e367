import { bytes, connect } from 'pitaya-client';

import { Echo } from './by_hand.js';

/** What one side of a round took, in milliseconds. */
export interface Times {
  readonly median: number;
  readonly p99: number;
}

/** A block of requests and a block of messages by hand, one right after the other. */
export interface Round {
  readonly client: Times;
  readonly byHand: Times;
}

const ROUTE = 'bench.echo';
const BODY = { name: 'ada-lovelace', x: 312, y: 77, tick: 90_210, act: 'walk', to: 4711 };
/** What stands before the body in the client's message: packet, message and route (wire 1.1 and 6.1). */
const HEAD = 4 + 2 + 1 + ROUTE.length;

async function block(samples: number, once: () => Promise<unknown>): Promise<Times> {
  const times = new Float64Array(samples);
  for (let sample = 0; sample < samples; sample++) {
    const start = performance.now();
    await once();
    times[sample] = performance.now() - start;
  }
  times.sort();
  return { median: times[samples >> 1]!, p99: times[Math.floor(samples * 0.99)]! };
}

/**
 * Times requests of the client and the same by hand, in turns: blocks of `samples`, one at a time, and the side that comes first changes.
 *
 * @param kind `bytes` leaves bodies as they are; `json` writes and parses them, by hand as well
 */
export async function roundTrips(
  kind: 'bytes' | 'json',
  server: string,
  echoServer: string,
  { rounds, samples }: { rounds: number; samples: number },
): Promise<Round[]> {
  const client = await connect(server, kind === 'bytes' ? { codec: bytes } : {});
  const echo = await Echo.open(echoServer);
  try {
    const body = new TextEncoder().encode(JSON.stringify(BODY));
    // As many bytes over the wire as the client sends.
    const message = new Uint8Array([...new Uint8Array(HEAD), ...body]);
    const request = kind === 'bytes' ? () => client.request(ROUTE, body) : () => client.request(ROUTE, BODY);
    const byHand = kind === 'bytes' ? () => echo.bytes(message) : () => echo.json(BODY);
    // Both sides are compiled by the browser before they count.
    await block(samples, request);
    await block(samples, byHand);
    const measured: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      const first = round % 2 === 0 ? await block(samples, request) : undefined;
      const other = await block(samples, byHand);
      measured.push({ client: first ?? (await block(samples, request)), byHand: other });
    }
    return measured;
  } finally {
    echo.close();
    await client.close();
  }
}
