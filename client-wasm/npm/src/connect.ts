import type { AnyPushes, AnyRoutes, Client } from './client.js';
import { ConnectError } from './errors.js';
import { live } from './live.js';
import type { Load } from './machine.js';
import type { ConnectOptions } from './options.js';

/** Connects to a server. */
export interface Connect {
  /**
   * Connects to a Pitaya server; resolves when messages can go both ways. From then on the client reconnects by itself.
   *
   * ```ts
   * interface Routes {
   *   'room.join': { req: { name: string }; res: { members: string[] } };
   * }
   * interface Pushes {
   *   onLine: { from: string; text: string };
   * }
   * const client = await connect<Routes, Pushes>('wss://play.example/ws');
   * client.on('onLine', ({ from, text }) => console.log(`${from}: ${text}`));
   * const { members } = await client.request('room.join', { name: 'ada' });
   * ```
   *
   * Rejects with `ConnectError`, or with the reason of the signal.
   *
   * @param url where the server listens: `wss://`, or `ws://` without encryption
   */
  <Routes = AnyRoutes, Pushes = AnyPushes>(url: string | URL, options?: ConnectOptions): Promise<Client<Routes, Pushes>>;
}

/** The function for an entry, which knows where the client's module is. */
export function makeConnect(load: Load): Connect {
  return (url, options = {}) =>
    new Promise((resolve, reject) => {
      if (!/^wss?:\/\/[^/]/i.test(`${url}`)) throw new ConnectError('url', `${url}: use ws:// or wss://`, false);
      live(`${url}`, options, load, resolve, reject);
    });
}
