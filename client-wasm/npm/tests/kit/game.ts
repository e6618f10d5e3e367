// The contract of the game that these tests play.

import type { Client } from '../../src/client.js';
import type { ConnectOptions } from '../../src/options.js';
import { connect } from '../../src/inline.js';
import type { TestServer } from '../../src/testing.js';

export interface Routes {
  'room.join': { req: { name: string }; res: { members: string[] } };
  'room.say': { req: { text: string }; res: undefined };
  'room.raw': { req: Uint8Array; res: Uint8Array };
}

export interface Pushes {
  onLine: { from: string; text: string };
  onRaw: Uint8Array;
}

/** A client of the server. */
export function play(server: TestServer<Routes, Pushes>, options: ConnectOptions = {}): Promise<Client<Routes, Pushes>> {
  return connect<Routes, Pushes>('ws://test', { WebSocket: server.WebSocket, ...options });
}

/** Resolves when the client is in a state of this kind. */
export function reached(client: Client<Routes, Pushes>, kind: Client<Routes, Pushes>['state']['kind']): Promise<void> {
  return new Promise((resolve) => {
    if (client.state.kind === kind) {
      resolve();
      return;
    }
    const off = client.onState((state) => {
      if (state.kind !== kind) return;
      off();
      resolve();
    });
  });
}

/** A promise that the test settles. */
export function deferred<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve!: (value: Value) => void;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
