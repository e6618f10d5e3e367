// Sockets that a client opens, seen by the scenario.

import type { WebSocketConstructor } from 'pitaya-client';
import type { Setting } from './setting.js';

export interface Sockets {
  /** All so far, in order. */
  readonly sockets: readonly WebSocket[];
  /** The first one, when it is made. */
  readonly first: Promise<WebSocket>;
  /** For `connect`. */
  readonly options: { readonly WebSocket: WebSocketConstructor };
}

export function watched(setting: Setting): Sockets {
  const sockets: WebSocket[] = [];
  let tell: (socket: WebSocket) => void = () => {};
  const first = new Promise<WebSocket>((resolve) => {
    tell = resolve;
  });
  const Base = setting.WebSocket as unknown as typeof WebSocket;
  class Seen extends Base {
    constructor(url: string | URL) {
      super(url);
      sockets.push(this);
      tell(this);
    }
  }
  return { sockets, first, options: { WebSocket: Seen } };
}
