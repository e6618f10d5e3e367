// A lost connection comes back.

import { equal, fails, holds } from './expect.js';
import { deadline, elapsed, lose, until, type AnyClient, type Scenario, type Setting } from './setting.js';
import { watched } from './sockets.js';

/** No attempt by itself for as long as a scenario runs. */
const PATIENT = { reconnect: { baseMs: 30_000, jitter: 0 } };

/** Loses the connection with a request in flight, by this order. */
async function lostInFlight(setting: Setting, order: string, codes: readonly number[]): Promise<void> {
  const client = await setting.connect('on-demand');
  const call = fails(client.request('mock.silent'), setting.pitaya.DisconnectedError);
  const lost = until(client, 'reconnecting');
  await client.notify(order, null);
  const { sent, reason, retryable } = await deadline('the failure', call);
  equal([sent, retryable], [true, true]);
  holds(codes.includes(reason.code), `lost with ${reason.code}`);
  equal((await lost).cause.code, reason.code);
  await until(client, 'connected');
  equal(await client.request('a.b', 1), 1);
}

/** That no attempt is made between an order and its opposite. */
async function stranded(setting: Setting, stop: (client: AnyClient) => void, goOn: (client: AnyClient) => void): Promise<void> {
  const { sockets, options } = watched(setting);
  const client = await setting.connect('on-demand', options);
  stop(client);
  await lose(client);
  await elapsed(300);
  equal(sockets.length, 1, 'sockets');
  goOn(client);
  await until(client, 'connected');
}

const scenarios: Record<string, Scenario> = {
  'silent-server': async (setting) => {
    const client = await setting.connect('no-heartbeat/1s');
    const begin = performance.now();
    const { cause } = await until(client, 'reconnecting');
    const passed = performance.now() - begin;
    equal([cause.code, cause.origin], [102, 'fault']);
    // How late it may be depends on the machine; how early does not. The last packet came a moment before `connect` was done.
    holds(passed > 1_900, `lost after ${passed} ms`);
    await until(client, 'connected');
  },

  'lost-connection': (setting) => lostInFlight(setting, 'mock.drop', [100, 101]),

  'ended-stream': (setting) => lostInFlight(setting, 'mock.end', [100]),

  'close-with-unknown-code': async (setting) => {
    const client = await setting.connect('on-demand');
    const lost = until(client, 'reconnecting');
    await client.notify('mock.kick', { code: 377, reason: 'unheard of' });
    const { cause } = await lost;
    equal([cause.code, cause.reason, cause.kicked], [377, 'unheard of', false]);
    await until(client, 'connected');
  },

  'close-with-advice': async (setting) => {
    const { sockets, options } = watched(setting);
    const client = await setting.connect('on-demand', options);
    const endpoint = setting.peer('restarted');
    const begin = performance.now();
    const lost = until(client, 'reconnecting');
    await client.notify('mock.kick', { code: 110, reason: 'moving', retry_after_ms: 300, endpoint });
    const { cause } = await lost;
    equal([cause.code, cause.retryAfterMs, cause.endpoint], [110, 300, endpoint]);
    await until(client, 'connected');
    holds(performance.now() - begin >= 299, 'too early');
    equal(sockets.map(({ url }) => url), [setting.peer('on-demand'), endpoint]);
  },

  restart: async (setting) => {
    const client = await setting.connect('restarted');
    const seen: unknown[] = [];
    client.on('onPush', (body) => seen.push(body));
    await client.request('mock.push', 1);
    const call = fails(client.request('mock.silent'), setting.pitaya.DisconnectedError);
    // Once a later request is answered, the server has the first one.
    await client.request('a.b', 1);
    await setting.control('stop');
    equal((await deadline('the failure', call)).sent, true);
    await until(client, 'reconnecting');
    await setting.control('start');
    await until(client, 'connected');
    await client.request('mock.push', 2);
    equal(seen, [1, 2]);
  },

  'reconnect-now': async (setting) => {
    const client = await setting.connect('on-demand', PATIENT);
    const { attempt, nextInMs } = await lose(client);
    equal(attempt, 1);
    holds(nextInMs! > 25_000, `next in ${nextInMs} ms`);
    client.reconnectNow();
    await until(client, 'connected');
  },

  pause: (setting) =>
    stranded(
      setting,
      (client) => client.pause(),
      (client) => client.resume(),
    ),

  'network-change': (setting) =>
    stranded(
      setting,
      () => globalThis.dispatchEvent(new Event('offline')),
      () => globalThis.dispatchEvent(new Event('online')),
    ),
};

export default scenarios;
