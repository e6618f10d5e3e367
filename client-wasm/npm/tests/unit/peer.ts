// What stands in for sockets and for the module where the real ones do not fit.

import { readFile } from 'node:fs/promises';

import { initSync } from '../../wasm/client.js';
import type { AnyPushes, AnyRoutes, Client } from '../../src/client.js';
import type { Connect } from '../../src/connect.js';
import { makeConnect } from '../../src/connect.js';
import { once } from '../../src/load.js';
import type { Host, Load, Wasm } from '../../src/machine.js';
import type { SocketLike } from '../../src/options.js';
import { orders } from '../../src/orders.js';

export type AnyClient = Client<AnyRoutes, AnyPushes>;

/** The real module. */
export const load: Load = once(async () => {
  initSync({ module: await readFile(new URL('../../wasm/client_bg.wasm', import.meta.url)) });
  return orders;
});

/** `connect` with the real module. */
export const connect: Connect = makeConnect(load);

/** A socket that a test plays. */
export class PlayedSocket implements SocketLike {
  /** All that were made, the newest last. */
  static made: PlayedSocket[] = [];

  binaryType = '';
  onopen: SocketLike['onopen'] = null;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  onerror: SocketLike['onerror'] = null;
  /** What was sent, as its packets' types. */
  readonly sent: Uint8Array[] = [];
  /** How it was closed by the client. */
  closed: unknown[] | undefined;

  constructor(readonly url: string) {
    PlayedSocket.made.push(this);
  }

  send(bytes: Uint8Array): void {
    this.sent.push(bytes);
  }

  close(...how: unknown[]): void {
    this.closed = how;
    queueMicrotask(() => this.onclose?.({ code: 1006, reason: '' }));
  }

  /** The server accepts, on these terms. */
  async accept(sys = {}): Promise<void> {
    this.onopen?.({});
    await settled();
    this.receive(packet(1, JSON.stringify({ code: 200, sys })));
  }

  receive(bytes: Uint8Array): void {
    this.onmessage?.({ data: bytes.slice().buffer });
  }
}

/** A packet (wire 1.1). */
export function packet(type: number, body: string | Uint8Array): Uint8Array {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return Uint8Array.of(type, bytes.length >> 16, bytes.length >> 8, bytes.length, ...bytes);
}

/** Lets everything happen that needs no time. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await undefined;
}

/** A module that notes its orders and calls what the test wants it to. */
export function playedModule(functions: Partial<Wasm> = {}): { wasm: Wasm; host: () => Host; orders: string[] } {
  const noted: string[] = [];
  let host: Host | undefined;
  const note =
    (name: string) =>
    (..._: unknown[]): number => {
      noted.push(name);
      return Infinity;
    };
  const wasm: Wasm = {
    open: (given) => {
      host = given;
      noted.push('open');
      return 0;
    },
    free: note('free'),
    signal: (_, __, signal) => note(`signal ${signal}`)(),
    connected: note('connected'),
    frame: note('frame'),
    route: note('route'),
    accept: note('accept'),
    end: (_, __, what, code) => note(`end ${what} ${code}`)(),
    call: note('call'),
    cancel: note('cancel'),
    rtt: () => NaN,
    ...functions,
  };
  return { wasm, host: () => host!, orders: noted };
}
