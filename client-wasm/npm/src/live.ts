import { onAbort, reasonOf } from './abort.js';
import type { Attempt } from './attempt.js';
import { attempt } from './attempt.js';
import type { Client, RequestOptions, State } from './client.js';
import type { CloseReason } from './close.js';
import { closeReason, readKick } from './close.js';
import type { Codec } from './codec.js';
import { json, readJson, utf8 } from './codec.js';
import { decompress } from './decompress.js';
import { comesBack, ConnectError, DecodeError, DisconnectedError, NotSentError, PitayaError, report, ServerError, TimeoutError } from './errors.js';
import { compression, readTerms, refusal, writeHandshake } from './handshake.js';
import { inbox } from './inbox.js';
import { watch } from './lifecycle.js';
import { ANY, listeners, STATE } from './listeners.js';
import { noModule } from './load.js';
import type { Host, Load, Order, Particulars, Wasm } from './machine.js';
import { End, Signal } from './machine.js';
import type { ConnectOptions } from './options.js';
import { queueLimits } from './options.js';
import { pushes } from './pushes.js';
import type { TraceLine } from './trace.js';
import { whenFree } from './turns.js';

/** A call that has not ended. */
interface Call {
  readonly route_: string;
  readonly timeoutMs_: number;
  readonly resolve_: (value?: any) => void;
  readonly reject_: (error: unknown) => void;
  /** Takes the listener off its signal. */
  off_?(): void;
}

/** Codes of failed calls by the module's number; those that are missing are errors of their own. */
const NOT_SENT = ['not-connected', 'queue-full', 'expired', 'superseded', , , , 'route', 'too-large'];
const TIMEOUT = 4;
const DISCONNECTED = 6;
/** Of {@link NOT_SENT}, those up to this one may work later. */
const EXPIRED = 2;
/** A time-out of zero: the module takes 0 itself for a notify. */
const INSTANT = 0.001;

const MEBIBYTE = 1024 * 1024;
/** How long a server may take for its part of the close, in milliseconds. */
const LINGER = 1000;
/** Turns of microtasks after which an application that waits for `connect` has gone on, through some functions of its own. */
const TURNS = 20;
/** Less than the longest delay that timers take, in milliseconds. */
const LONGEST = 2e9;
/** The close event of a socket that ended without a close frame (RFC 6455 section 7.1.5). */
const ABNORMAL = 1006;
/** The close frame of who is done (RFC 6455 section 7.4.1). */
const NORMAL = 1000;

const TRANSPORT = 101;
const PACKET_TOO_LARGE = 401;
const BAD_HANDSHAKE = 404;
const BAD_COMPRESSION = 405;

/**
 * Makes a client and starts to connect; the first attempt does not wait for the module. `resolve` and `reject` are those of what `connect` promises.
 */
export function live(url: string, options: ConnectOptions, load: Load, resolve: (client: Client<any, any>) => void, reject: (error: unknown) => void): void {
  const { timeoutMs = 10_000, requestTimeoutMs = 10_000, maxPacketBytes = 16 * MEBIBYTE - 1, maxInflatedBytes = 16 * MEBIBYTE, signal: abortion } = options;
  const [listen, tell, isHeard] = listeners();
  const calls = new Map<number, Call>();
  let lastCall = 0;
  let wasm: Wasm | undefined;
  let number = 0;
  let isOver = false;
  let isPaused = false;
  /** How bodies may be written and read; the first handshake settles it, as calls may wait for the next connection that are written already. */
  let codecs = [options.codec ?? json].flat() as Codec[];
  let serializer: string;
  /** How the last connection, or the last attempt, ended. */
  let reason: CloseReason;
  /** Why the last attempt gave no connection, where this side knows better than the module. */
  let failure: ConnectError | undefined;
  let roundTrip: readonly [ms?: number, source?: 'heartbeat' | 'requests'] = [];
  /** The attempt or the connection that goes on, and the latest one. */
  let current: Attempt | undefined;
  let latest: Attempt;
  let offSignal: (() => void) | undefined;
  let unwatch: (() => void) | undefined;
  // What cannot be inflated is a fault of the server; the family's peers end a connection then (wire 6.4).
  const [later, arrive] = inbox(maxInflatedBytes, (from) => from === current && ended(End.Fault, BAD_COMPRESSION));

  let timer = setTimeout(() => end(noModule('it takes too long')), timeoutMs);
  /** When the timer goes off. It is only moved to an earlier time: a later one is found when it goes off. */
  let due = Infinity;
  const wake = (time: number): void => {
    if (!(time < due)) return;
    due = time;
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        due = Infinity;
        order('signal', Signal.Timer);
      },
      Math.min(Math.ceil(time - performance.now()), LONGEST),
    );
  };

  /** Has the module do something, now or as soon as it has time. */
  const work = (task: (wasm: Wasm, now: number) => number): void =>
    whenFree(() => {
      try {
        if (!wasm) return;
        wake(task(wasm, performance.now()));
        const ms = wasm.rtt(number);
        // The sign of a zero counts, too.
        if (ms === ms) roundTrip = [Math.abs(ms), 1 / ms > 0 ? 'heartbeat' : 'requests'];
      } catch (cause) {
        // It cannot be used again, not even to be freed.
        wasm = undefined;
        end(new PitayaError('PitayaError', `${cause}`, 'internal', false, { cause }));
      }
    });
  const order = <Name extends Order>(name: Name, ...particulars: Particulars<Name>): void =>
    work((wasm, now) => (wasm[name] as (...values: unknown[]) => number)(number, now, ...particulars));
  const ended = (what: End, code: number, text = '', retryAfterMs = -1, endpoint = ''): void => order('end', what, code, text, retryAfterMs, endpoint);
  const release = (): void => {
    isOver = true;
    whenFree(() => {
      wasm?.free(number);
      wasm = undefined;
      clearTimeout(timer);
      unwatch?.();
    });
  };
  /** Ends everything, for a reason that the module does not know; without one nobody is told. */
  const end = (error?: unknown): void => {
    if (isOver) return;
    drop(NORMAL, '');
    release();
    if (error) enter({ kind: 'closed', reason: closeReason(0, 0, `${error}`), exhausted: false }, error);
  };
  const pause = (pause: boolean): void => {
    isPaused = pause;
    order('signal', pause ? Signal.Pause : Signal.Resume);
  };

  const trace = (direction: TraceLine['direction'], frame: Uint8Array): void => {
    if (client.trace) {
      import('./trace.js')
        .then(({ describe }) => describe(direction, frame, client.handshake))
        .then((line) => client.trace?.(line))
        .catch(report);
    }
  };
  const drop = (code: number, text: string): void => {
    current?.drop_(code, text);
    current = undefined;
  };
  const open = (endpoint: string): void => {
    failure = undefined;
    // A server may send us elsewhere, but not out of the encryption that the application asked for.
    const isAllowed = (/^wss/i.test(url) ? /^wss:/i : /^wss?:/i).test(endpoint);
    latest = current = attempt(
      isAllowed ? endpoint : url,
      options,
      (user) => writeHandshake(options, codecs, user),
      ready,
      (socket, handshake) => {
        const port = {
          send: (view: Uint8Array) => {
            // The module uses its memory again, and not all sockets copy it at once.
            const bytes = view.slice();
            trace('out', bytes);
            socket.send(bytes);
          },
          get bufferedAmount() {
            return socket.bufferedAmount;
          },
        };
        order('connected', port, handshake);
      },
      (error) => {
        current = undefined;
        failure = error;
        ended(End.Attempt, error.retryable ? TRANSPORT : 0, error.message);
      },
      ({ data }) => {
        const bytes: Uint8Array = typeof data === 'string' ? utf8(data) : data?.buffer ? data : new Uint8Array(data);
        trace('in', bytes);
        // Several packets may share a message, but it is copied as a whole.
        if (bytes.length > 2 * maxPacketBytes + MEBIBYTE) ended(End.Fault, PACKET_TOO_LARGE);
        else order('frame', bytes);
      },
      (code, text) => ended(End.Socket, code, text),
    );
  };

  /** A call that ends now, if it has not ended yet. */
  const take = (id: number): Call | undefined => {
    const call = calls.get(id);
    calls.delete(id);
    call?.off_?.();
    return call;
  };
  const notSent = (route: string, code: string, retryable = false, cause?: unknown): NotSentError =>
    new NotSentError('NotSentError', `${route} was not sent: ${code}`, code, retryable, cause ? { cause } : undefined);
  const call = (
    isRequest: boolean,
    route: string,
    body: unknown,
    { signal, timeoutMs = requestTimeoutMs, queue = options.queue ?? 'fail' }: RequestOptions = {},
  ): Promise<any> =>
    new Promise((resolve, reject) => {
      let bytes: Uint8Array;
      if (isOver) throw notSent(route, NOT_SENT[0]!);
      try {
        bytes = codecs[0]!.encode(route, body);
      } catch (cause) {
        throw notSent(route, 'encode', false, cause);
      }
      const id = ++lastCall;
      const waits: Call = { route_: route, timeoutMs_: timeoutMs, resolve_: resolve, reject_: reject };
      calls.set(id, waits);
      waits.off_ = onAbort(signal, () => {
        take(id)?.reject_(reasonOf(signal!));
        order('cancel', id);
      });
      work((wasm, now) =>
        // It may have been aborted before its turn.
        calls.has(id) ? wasm.call(number, now, id, route, bytes, isRequest ? timeoutMs || INSTANT : 0, ...queueLimits(queue)) : NaN,
      );
    });

  const enter = (next: State, error?: unknown): void => {
    const previous = state;
    if (previous.kind === 'closed') return;
    state = next;
    if (next.kind === 'connected') {
      resolve(client);
      offSignal?.();
    }
    if (next.kind === 'closed') {
      const { reason } = next;
      const code = reason.kicked ? 'refused' : reason.code === TRANSPORT ? 'unreachable' : 'closed';
      reject(error ?? failure ?? new ConnectError(code, `${url}: ${reason.reason}`, comesBack(reason.code), { reason }));
      offSignal?.();
      for (const [id, { route_: route }] of calls) take(id)!.reject_(error ?? notSent(route, NOT_SENT[0]!));
    }
    tell(STATE, next, previous);
  };

  /** What the module calls, which must not be called from there: orders wait. */
  const host: Host = {
    connect: (_, endpoint) => current || open(endpoint),
    disconnect: drop,
    handshake: async (view) => {
      let bytes = view.slice() as Uint8Array<ArrayBuffer>;
      const from = current;
      let no: readonly [code: number, text?: string, retryAfterMs?: number, endpoint?: string] | undefined = [BAD_COMPRESSION];
      try {
        const format = compression(bytes);
        if (format) bytes = await decompress(bytes, maxInflatedBytes, format);
        no = [BAD_HANDSHAKE];
        const handshake: unknown = readJson(bytes);
        const terms = readTerms(handshake);
        const codec = codecs.find((codec) => codec === options.codec || !codec.name || codec.name === terms.serializer_);
        no = refusal(terms) ?? (codec ? undefined : [BAD_HANDSHAKE, `no codec for ${terms.serializer_}`]);
        if (!no && from === current) {
          serializer = terms.serializer_;
          codecs = [codec!];
          client.handshake = handshake;
          work((wasm, now) => {
            for (const [route, code] of terms.dictionary_) wasm.route(number, route, code);
            return wasm.accept(number, now, terms.heartbeatMs_, terms.capabilities_);
          });
        }
      } catch {
        // It is no handshake.
      }
      if (no && from === current) ended(End.Refused, ...no);
    },
    kick: (view) => ended(End.Kicked, ...readKick(view)),
    response: (id, isError, isDeflated, view) =>
      arrive(current, isDeflated, view, (body, fault) => {
        const call = take(id);
        if (!call) return;
        const [codec] = codecs as [Codec];
        try {
          if (!body) throw fault;
          if (!isError) return call.resolve_(codec.decode(call.route_, body, 'response'));
          const { code = 'PIT-000', msg = '', metadata = {} } = (codec.decodeError ?? json.decodeError)(body);
          call.reject_(new ServerError('ServerError', msg, `${code}`, false, { metadata }));
        } catch (cause) {
          call.reject_(new DecodeError(call.route_, cause));
        }
      }),
    push: (route, isDeflated, view) =>
      arrive(current, isDeflated, view, (body) => {
        if (!body || !(isHeard(route) || isHeard(ANY))) return;
        let value: unknown;
        try {
          value = codecs[0]!.decode(route, body, 'push');
        } catch (cause) {
          // It is the server's fault, and nobody asked for it: not an exception of this program.
          console.error(new DecodeError(route, cause));
          return;
        }
        tell(route, value);
        tell(ANY, route, value);
      }),
    sent: (id) => later(() => take(id)?.resolve_()),
    failed: (id, kind, sent) => {
      const why = reason;
      later(() => {
        const call = take(id);
        if (!call) return;
        const { route_: route, timeoutMs_: afterMs } = call;
        call.reject_(
          kind === TIMEOUT
            ? new TimeoutError('TimeoutError', `${route}: no answer within ${afterMs} ms`, 'timeout', true, { sent, afterMs })
            : kind === DISCONNECTED
              ? new DisconnectedError('DisconnectedError', `${route}: disconnected: ${why.reason}`, 'disconnected', comesBack(why.code), { sent, reason: why })
              : notSent(route, NOT_SENT[kind]!, kind <= EXPIRED),
        );
      });
    },
    ended: (...end) => {
      reason = closeReason(...end);
    },
    state: (kind, attempt, next, exhausted) => {
      const nextInMs = next < 0 ? undefined : Math.max(next - performance.now(), 0);
      const state: State = (
        [
          { kind: 'connecting' },
          { kind: 'connected', serializer },
          { kind: 'reconnecting', attempt, nextInMs, cause: reason },
          { kind: 'closed', reason, exhausted },
        ] as const
      )[kind - 1]!;
      later(() => enter(state));
      if (kind === 4) release();
      // Who has just got the client hears all pushes.
      if (kind === 2) {
        later(async () => {
          for (let turn = 0; turn < TURNS; turn++) await undefined;
        });
      }
    },
    unmatched: (late) => later(() => void client.unmatched[late ? 'late' : 'unknown']++),
  };

  type Written = { -readonly [Member in keyof Client<any, any>]: Client<any, any>[Member] } & { unmatched: { late: number; unknown: number } };
  let state: State = { kind: 'connecting' };
  const client: Written = {
    request: (route: string, body?: unknown, options?: RequestOptions) => call(true, route, body, options),
    notify: (route: string, body?: unknown, options?: RequestOptions) => {
      const sent = call(false, route, body, options);
      sent.catch(() => {});
      return sent;
    },
    on: listen,
    once: (route, listener) => {
      const off = listen(route, (body) => {
        off();
        listener(body);
      });
      return off;
    },
    onAny: (listener) => listen(ANY, listener),
    pushes: (route, options = {}) => pushes(listen, state.kind === 'closed', route, options),
    get state() {
      return state;
    },
    onState: (listener) => listen(STATE, listener),
    get rtt() {
      return roundTrip[0];
    },
    get rttSource() {
      return roundTrip[1];
    },
    unmatched: { late: 0, unknown: 0 },
    handshake: undefined,
    pause: () => pause(true),
    resume: () => pause(false),
    reconnectNow: () => order('signal', Signal.Connect),
    release: () => order('signal', Signal.Release),
    trace: undefined,
    close: () => {
      ended(End.Client, 0);
      return new Promise((resolve) => {
        const late = setTimeout(resolve, LINGER);
        void latest.gone_.then(() =>
          later(() => {
            clearTimeout(late);
            resolve();
          }),
        );
      });
    },
    [Symbol.asyncDispose]: () => client.close(),
  };

  /** When the module has asked for the first attempt. */
  const ready = load().then((loaded) => {
    if (isOver) return;
    clearTimeout(timer);
    unwatch = watch(
      (isThere) => order('signal', isThere ? Signal.Online : Signal.Offline),
      // What the application has paused, it resumes itself.
      (isFrozen) => isPaused || order('signal', isFrozen ? Signal.Pause : Signal.Resume),
      () => {
        drop(NORMAL, '');
        order('signal', Signal.Pause);
        // One of these is true.
        ended(End.Attempt, TRANSPORT);
        ended(End.Socket, ABNORMAL);
      },
      end,
    );
    wasm = loaded;
    work((wasm, now) => {
      const { attempts = Infinity, baseMs = 500, capMs = 30_000, jitter = 1, stableMs = 10_000, first = false } = options.reconnect || {};
      const seed = Math.random() * 1e15;
      const most = options.reconnect === false ? 0 : attempts;
      number = wasm.open(host, seed, timeoutMs, requestTimeoutMs, most, baseMs, capMs, jitter, stableMs, first, !!options.holdQueue, maxPacketBytes);
      return wasm.signal(number, now, Signal.Connect);
    });
  }, (cause) => end(noModule(cause)));
  open('');
  offSignal = onAbort(abortion, () => end(reasonOf(abortion!)));
}
