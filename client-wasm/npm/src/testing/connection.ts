import { CloseCode } from '../close.js';
import { toolsNow } from '../tools.js';
import type { Peer, Terms } from '../../wasm/tools.js';
import type { Served, TestSocket } from './socket.js';
import type { Ending } from './ending.js';
import { spread } from './ending.js';
import type { Handshake } from './session.js';

/** What becomes of a connection's events. Called when the wire may be called again. */
export interface Events {
  handshake(handshake: Handshake): void;
  request(id: number, route: string, body: Uint8Array): void;
  notify(route: string, body: Uint8Array): void;
  closed(): void;
}

/** What the wire calls; see `PeerHost` of the crate's tools. */
interface PeerHost {
  transmit(frame: Uint8Array): void;
  handshake(request: string): void;
  open(): void;
  request(id: number, route: string, body: Uint8Array): void;
  notify(route: string, body: Uint8Array): void;
  closed(code: number, reason: string): void;
}

/** The longest delay that timers take, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

/** The server's end of a test connection: the wire's state machine, its clock and its socket. */
export class Connection implements Served {
  readonly #socket: TestSocket;
  readonly #events: Events;
  readonly #peer: Peer;
  #due = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tasks: (() => void)[] = [];
  /** Pushes from before the client was through with its handshake; nothing once it is. */
  #early: (() => void)[] | undefined = [];
  #closed = false;

  constructor(socket: TestSocket, terms: Terms, events: Events) {
    this.#socket = socket;
    this.#events = events;
    const later = (task: () => void): void => {
      this.#tasks.push(task);
    };
    const host: PeerHost = {
      transmit: (frame) => socket.deliver(frame.slice()),
      handshake: (request) => later(() => events.handshake(JSON.parse(request) as Handshake)),
      open: () => later(() => this.#opened()),
      request: (id, route, body) => {
        const copy = body.slice();
        later(() => events.request(id, route, copy));
      },
      notify: (route, body) => {
        const copy = body.slice();
        later(() => events.notify(route, copy));
      },
      closed: (code, reason) => {
        socket.finish(code, reason);
        later(() => this.#ended());
      },
    };
    this.#peer = new (toolsNow().Peer)(host, performance.now(), terms);
    this.#tell((peer, now) => peer.timer(now));
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  frame(bytes: Uint8Array): void {
    this.#tell((peer, now) => peer.frame(now, bytes));
  }

  eof(): void {
    this.#tell((peer, now) => peer.eof(now));
  }

  /** The network is gone, and both ends hear of it. */
  lose(): void {
    this.#socket.cut();
    this.#tell((peer, now) => peer.lost(now));
  }

  accept(): void {
    this.#tell((peer, now) => peer.accept(now));
  }

  refuse(ending: Ending): void {
    this.#tell((peer, now) => peer.refuse(now, ...spread(ending, CloseCode.Refused)));
  }

  respond(id: number, body: Uint8Array): void {
    this.#tell((peer, now) => peer.respond(now, id, body));
  }

  fail(id: number, code: string, message: string, metadata: Readonly<Record<string, string>>): void {
    this.#tell((peer, now) => peer.fail(now, id, code, message, Object.entries(metadata).flat()));
  }

  push(route: string, body: Uint8Array): void {
    const send = (): void => this.#tell((peer, now) => peer.push(now, route, body));
    if (this.#early === undefined) send();
    else this.#early.push(send);
  }

  close(ending: Ending, code: number): void {
    this.#tell((peer, now) => peer.close(now, ...spread(ending, code)));
  }

  /** Gives the wire an order, and does what comes of it. */
  #tell(order: (peer: Peer, now: number) => number): void {
    if (this.#closed) return;
    try {
      this.#wait(order(this.#peer, performance.now()));
    } catch (error) {
      throw typeof error === 'string' ? new RangeError(error) : error;
    }
    const tasks = this.#tasks;
    this.#tasks = [];
    for (const task of tasks) {
      try {
        task();
      } catch (error) {
        // A mistake of the test's own functions: the test is to fail of it, the connection goes on.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #wait(due: number): void {
    if (due === this.#due) return;
    this.#due = due;
    clearTimeout(this.#timer);
    if (due === Infinity) return;
    const delay = Math.min(Math.max(due - performance.now(), 0), LONGEST);
    this.#timer = setTimeout(() => {
      this.#due = Infinity;
      this.#tell((peer, now) => peer.timer(now));
    }, delay);
  }

  #opened(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const send of early) send();
  }

  #ended(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#peer.free();
    this.#events.closed();
  }
}
