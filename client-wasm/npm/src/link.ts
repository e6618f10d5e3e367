import { attempt } from './attempt.js';
import type { Attempt } from './attempt.js';
import type { State } from './client.js';
import type { CloseReason } from './close.js';
import { closeReason, readKick } from './close.js';
import type { Codec } from './codec.js';
import { json, readJson, utf8 } from './codec.js';
import { decompress } from './decompress.js';
import { ConnectError, PitayaError } from './errors.js';
import { CAPABILITIES, compression, readTerms, refusal, writeHandshake } from './handshake.js';
import { watch } from './lifecycle.js';
import type { Load, Wasm } from './machine.js';
import { End, Signal } from './machine.js';
import type { ConnectOptions } from './options.js';
import type { Task } from './tasks.js';
import { runner } from './tasks.js';
import { clock } from './clock.js';

/** What the module is told of a client: a call of one of its functions. */
export type Order = (wasm: Wasm, client: number, now: number) => number;

/** A round trip in milliseconds, and what it is measured by. */
export type RoundTrip = readonly [ms?: number, source?: 'heartbeat' | 'requests'];

/** What a client stands on: the module, a socket, the clock, and the order in which things are told. */
export interface Link {
  /** How bodies are written and read: settled by the first handshake. */
  codec_: Codec;
  /** The parsed body of the last handshake. */
  handshake_?: unknown;
  /** Sees all messages. */
  trace_?: ((direction: 'in' | 'out', frame: Uint8Array) => void) | undefined;
  /** Why the last attempt gave no connection, where this side knows better than the module. */
  failure_?: ConnectError | undefined;
  /** Whether orders are still taken. */
  isLive_(): boolean;
  /** Gives an order, now or as soon as the module has time. */
  order_(order: Order): void;
  signal_(signal: Signal): void;
  pause_(isPaused: boolean): void;
  roundTrip_(): RoundTrip;
  /** Closes the client. Resolves when the server has closed, too, or does not in time. */
  close_(): Promise<void>;
  /** Ends everything, for a reason that the module does not know; without one nobody is told. */
  end_(error?: unknown): void;
}

/** What a link tells, in order. */
export interface Told {
  entered_(state: State, error?: unknown): void;
  sent_(call: number): void;
  failed_(call: number, kind: number, sent: boolean, reason: CloseReason): void;
  /** An answer came; `fault` is why it cannot be inflated. */
  answered_(call: number, isError: boolean, body: Uint8Array | undefined, fault: unknown): void;
  pushed_(route: string, body: Uint8Array | undefined): void;
  missed_(late: boolean): void;
}

const MEBIBYTE = 1024 * 1024;
/** How long a server may take for its part of the close, in milliseconds. */
const LINGER = 1000;
/** Turns of microtasks after which an application that waits for `connect` has gone on, through some functions of its own. */
const TURNS = 20;
/** The close event of a socket that ended without a close frame (RFC 6455 section 7.1.5). */
const ABNORMAL = 1006;
/** The close frame of who is done (RFC 6455 section 7.4.1). */
const NORMAL = 1000;

const TRANSPORT = 101;
const PACKET_TOO_LARGE = 401;
const BAD_HANDSHAKE = 404;
const BAD_COMPRESSION = 405;

/** Whether the module is at work: it serves all clients, and does one thing at a time. */
let isBusy = false;
const waiting: (() => void)[] = [];

/** Does something with the module: now, or as soon as what it does is done. */
function whenFree(work: () => void): void {
  waiting.push(work);
  for (let next; !isBusy && (next = waiting.shift()); ) next();
}

/** Starts to connect. The first attempt does not wait for the module. */
export function link(url: string, options: ConnectOptions, load: Load, told: Told): Link {
  const {
    timeoutMs = 10_000,
    requestTimeoutMs = 10_000,
    reconnect,
    holdQueue = false,
    codec,
    clientInfo = {},
    capabilities = CAPABILITIES,
    maxPacketBytes = 16 * MEBIBYTE - 1,
    maxInflatedBytes = 16 * MEBIBYTE,
  } = options;
  const tasks: Task[] = [];
  const run = runner(tasks);
  const later = (task: Task): void => void tasks.push(task);
  let codecs = [codec ?? json].flat() as Codec[];
  let wasm: Wasm | undefined;
  let client = 0;
  let isOver = false;
  let isPaused = false;
  let wasConnected = false;
  let serializer: string;
  let reason: CloseReason;
  let roundTrip: RoundTrip = [];
  /** The attempt or the connection that goes on; the latest one; and that whose compressed bodies are not to be trusted any more. */
  let current: Attempt | undefined;
  let latest: Attempt;
  let broken: Attempt | undefined;
  /** Bytes of bodies that wait for their turn. */
  let pending = 0;
  let ask: () => void;
  const asked = new Promise<void>((resolve) => (ask = resolve));

  const order = (give: Order): void =>
    whenFree(() => {
      if (!wasm) return;
      isBusy = true;
      try {
        timer.set_(give(wasm, client, performance.now()));
      } catch (cause) {
        // It cannot be used again, not even to be freed.
        wasm = undefined;
        end(new PitayaError('PitayaError', `${cause}`, 'internal', false, { cause }));
      }
      isBusy = false;
      void run();
    });
  const signal = (news: Signal): void => order((wasm, client, now) => wasm.signal(client, now, news));
  const ended = (what: End, code: number, text = '', retryAfterMs = -1, endpoint = ''): void =>
    order((wasm, client, now) => wasm.end(client, now, what, code, text, retryAfterMs, endpoint));
  const timer = clock(() => signal(Signal.Timer));

  const release = (): void =>
    whenFree(() => {
      measure();
      wasm?.free(client);
      wasm = undefined;
      timer.stop_();
      unwatch();
      void run();
    });
  const end = (error?: unknown): void => {
    if (isOver) return;
    isOver = true;
    tasks.length = 0;
    drop(NORMAL, '');
    if (error) later(() => told.entered_({ kind: 'closed', reason: closeReason(0, 0, `${error}`, -1, ''), exhausted: false }, error));
    release();
  };
  const measure = (): RoundTrip => {
    const rtt = !isBusy && wasm ? wasm.rtt(client) : NaN;
    // The sign of a zero counts, too.
    if (rtt === rtt) roundTrip = [Math.abs(rtt), 1 / rtt > 0 ? 'heartbeat' : 'requests'];
    return roundTrip;
  };

  const drop = (code: number, text: string): void => {
    current?.drop_(code, text);
    current = undefined;
  };
  const open = (endpoint: string): void => {
    self.failure_ = undefined;
    // A server may send us elsewhere, but not out of the encryption that the application asked for.
    const isAllowed = (/^wss/i.test(url) ? /^wss:/i : /^wss?:/i).test(endpoint);
    const write = (user: unknown): Uint8Array => writeHandshake(clientInfo, codecs, capabilities, user);
    latest = current = attempt(isAllowed ? endpoint : url, options, write, asked, {
      opened_: (socket, handshake) => {
        const port = {
          send: (view: Uint8Array) => {
            // The module uses its memory again, and not all sockets copy it at once.
            const bytes = view.slice();
            self.trace_?.('out', bytes);
            socket.send(bytes);
          },
          get bufferedAmount() {
            return socket.bufferedAmount;
          },
        };
        order((wasm, client, now) => wasm.connected(client, now, port, handshake));
      },
      failed_: (error) => {
        current = undefined;
        self.failure_ = error;
        ended(End.Attempt, error.retryable ? TRANSPORT : 0, error.message);
      },
      message_: (data: any) => {
        const bytes: Uint8Array = typeof data === 'string' ? utf8(data) : data?.buffer ? data : new Uint8Array(data);
        self.trace_?.('in', bytes);
        // Several packets may share a message, but it is copied as a whole.
        if (bytes.length > 2 * maxPacketBytes + MEBIBYTE) ended(End.Fault, PACKET_TOO_LARGE);
        else order((wasm, client, now) => wasm.frame(client, now, bytes));
      },
      closed_: (code, text) => ended(End.Socket, code, text),
    });
  };

  /** Inflates a body, and takes it for a fault of the server if that cannot be done; the family's peers end a connection then (wire 6.4). */
  const inflate = (body: Uint8Array<ArrayBuffer>, from: Attempt | undefined, what: End, format?: 'gzip' | 'deflate'): Promise<Uint8Array> =>
    decompress(body, maxInflatedBytes, format).catch((fault) => {
      spoil(from, what);
      throw fault;
    });
  const spoil = (from: Attempt | undefined, what: End): void => {
    broken = from;
    if (from && from === current) ended(what, BAD_COMPRESSION);
  };
  /** Hands a body on when it is its turn, or a fault in its place. */
  const body = (isDeflated: boolean, view: Uint8Array, use: (body?: Uint8Array, fault?: unknown) => void): void => {
    const bytes = view.slice();
    const from = current;
    pending += bytes.length;
    // They come faster than they can be inflated.
    if (pending > 4 * maxInflatedBytes) spoil(from, End.Fault);
    later(() => {
      pending -= bytes.length;
      if (!isDeflated) return use(bytes);
      if (from && broken === from) return use();
      return inflate(bytes, from, End.Fault).then(use, (fault) => use(undefined, fault));
    });
  };
  /** Answers a handshake. The first one settles the codec: calls may wait for the next connection that are written in it already. */
  const greet = (bytes: Uint8Array): void => {
    let close: readonly [number, string?, number?, string?] | undefined = [BAD_HANDSHAKE];
    try {
      const handshake: unknown = readJson(bytes);
      const terms = readTerms(handshake);
      close = refusal(terms);
      if (!close) {
        ({ serializer } = terms);
        const isPinned = codec && !Array.isArray(codec);
        const chosen = codecs.find(({ name }) => isPinned || !name || name === serializer);
        if (chosen) {
          codecs = [(self.codec_ = chosen)];
          self.handshake_ = handshake;
          return order((wasm, client, now) => {
            for (const [route, code] of terms.dictionary) wasm.route(client, route, code);
            return wasm.accept(client, now, terms.heartbeatMs, terms.capabilities);
          });
        }
        close = [BAD_HANDSHAKE, `no codec for ${serializer}`];
      }
    } catch {
      // It is no handshake.
    }
    ended(End.Refused, ...close!);
  };

  /** What the module calls, which must not be called from there: orders wait. */
  const host = {
    connect: (_: number, endpoint: string) => {
      ask();
      if (!current) open(endpoint);
    },
    disconnect: drop,
    handshake: (view: Uint8Array) => {
      const bytes = view.slice();
      const format = compression(bytes);
      const from = current;
      if (format) inflate(bytes, from, End.Refused, format).then((bytes) => from === current && greet(bytes), () => {});
      else greet(bytes);
    },
    kick: (view: Uint8Array) => ended(End.Kicked, ...readKick(view)),
    response: (call: number, isError: boolean, isDeflated: boolean, view: Uint8Array) =>
      body(isDeflated, view, (bytes, fault) => told.answered_(call, isError, bytes, fault)),
    push: (route: string, isDeflated: boolean, view: Uint8Array) => body(isDeflated, view, (bytes) => told.pushed_(route, bytes)),
    sent: (call: number) => later(() => told.sent_(call)),
    failed: (call: number, kind: number, sent: boolean) => {
      const why = reason;
      later(() => told.failed_(call, kind, sent, why));
    },
    ended: (...end: Parameters<typeof closeReason>) => {
      reason = closeReason(...end);
    },
    state: (kind: number, attempt: number, next: number, exhausted: boolean) => {
      const nextInMs = next < 0 ? undefined : Math.max(next - performance.now(), 0);
      const state: State = (
        [
          { kind: 'connecting' },
          { kind: 'connected', serializer },
          { kind: 'reconnecting', attempt, nextInMs, cause: reason },
          { kind: 'closed', reason, exhausted },
        ] as const
      )[kind - 1]!;
      later(() => told.entered_(state));
      if (kind === 4) {
        isOver = true;
        release();
      }
      if (kind === 2 && !wasConnected) {
        wasConnected = true;
        // Who has just got the client hears all pushes.
        later(async () => {
          for (let turn = 0; turn < TURNS; turn++) await undefined;
        });
      }
    },
    unmatched: (late: boolean) => later(() => told.missed_(late)),
  };

  const self: Link = {
    codec_: codecs[0]!,
    isLive_: () => !!wasm && !isOver,
    order_: order,
    signal_: signal,
    pause_: (pause) => {
      isPaused = pause;
      signal(pause ? Signal.Pause : Signal.Resume);
    },
    roundTrip_: measure,
    close_: () => {
      ended(End.Client, 0);
      return new Promise((resolve) => {
        const late = setTimeout(resolve, LINGER);
        void latest.gone_.then(() => {
          later(() => {
            clearTimeout(late);
            resolve();
          });
          void run();
        });
      });
    },
    end_: end,
  };

  const late = setTimeout(() => end(new ConnectError('module', 'the module takes too long', true)), timeoutMs);
  let unwatch = (): void => clearTimeout(late);
  open('');
  load().then((loaded) => {
    if (isOver) return;
    unwatch();
    unwatch = watch(
      (isThere) => signal(isThere ? Signal.Online : Signal.Offline),
      // What the application has paused, it resumes itself.
      (isFrozen) => isPaused || signal(isFrozen ? Signal.Pause : Signal.Resume),
      () => {
        drop(NORMAL, '');
        signal(Signal.Pause);
        // One of these is true.
        ended(End.Attempt, TRANSPORT);
        ended(End.Socket, ABNORMAL);
      },
      () => end(),
    );
    wasm = loaded;
    order((wasm, _, now) => {
      const { attempts = Infinity, baseMs = 500, capMs = 30_000, jitter = 1, stableMs = 10_000, first = false } = reconnect || {};
      const seed = Math.random() * 2 ** 53;
      const most = reconnect === false ? 0 : attempts;
      client = wasm.open(host, seed, timeoutMs, requestTimeoutMs, most, baseMs, capMs, jitter, stableMs, first, holdQueue, maxPacketBytes);
      return wasm.signal(client, now, Signal.Connect);
    });
  }, end);
  return self;
}
