import { onAbort, reasonOf } from './abort.js';
import type { Client, RequestOptions, State } from './client.js';
import { json } from './codec.js';
import { comesBack, ConnectError, DecodeError, DisconnectedError, NotSentError, report, ServerError, TimeoutError } from './errors.js';
import { link } from './link.js';
import { ANY, CLOSED, listeners, STATE } from './listeners.js';
import type { Load } from './machine.js';
import { Signal } from './machine.js';
import type { ConnectOptions } from './options.js';
import { queueLimits } from './options.js';
import { pushes } from './pushes.js';
import type { TraceLine } from './trace.js';

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
/** The close of a connection that failed, or could not be made in time. */
const TRANSPORT = 101;
/** A time-out of zero: the module takes 0 itself for a notify. */
const INSTANT = 0.001;

/** Makes a client and starts to connect. `resolve` and `reject` are those of what `connect` promises. */
export function live(url: string, options: ConnectOptions, load: Load, resolve: (client: Client<any, any>) => void, reject: (error: unknown) => void): void {
  const { queue: queueDefault = 'fail', requestTimeoutMs = 10_000, signal } = options;
  const calls = new Map<number, Call>();
  const { listen_: listen, count_: count, tell_: tell } = listeners();
  let state: State = { kind: 'connecting' };
  const unmatched = { late: 0, unknown: 0 };
  let last = 0;
  let tracer: ((line: TraceLine) => void) | undefined;
  let closing: Promise<void> | undefined;
  let offSignal = (): void => {};

  /** A call that ends now. */
  const take = (id: number): Call | undefined => {
    const call = calls.get(id);
    calls.delete(id);
    call?.off_?.();
    return call;
  };
  const notSent = (route: string, code: string, retryable = false, cause?: unknown): NotSentError =>
    new NotSentError('NotSentError', `${route} was not sent: ${code}`, code, retryable, cause ? { cause } : {});
  const call = (
    isRequest: boolean,
    route: string,
    body: unknown,
    { signal, timeoutMs = -1, queue = queueDefault }: RequestOptions = {},
  ): Promise<any> =>
    new Promise((resolve, reject) => {
      let bytes: Uint8Array;
      if (!below.isLive_()) throw notSent(route, NOT_SENT[0]!);
      try {
        bytes = below.codec_.encode(route, body);
      } catch (cause) {
        throw notSent(route, 'encode', false, cause);
      }
      const id = ++last;
      const waits: Call = { route_: route, timeoutMs_: timeoutMs < 0 ? requestTimeoutMs : timeoutMs, resolve_: resolve, reject_: reject };
      calls.set(id, waits);
      const off = onAbort(signal, () => {
        take(id)?.reject_(reasonOf(signal!));
        below.order_((wasm, client, now) => wasm.cancel(client, now, id));
      });
      if (signal) waits.off_ = off;
      below.order_((wasm, client, now) =>
        // It may have been aborted before its turn.
        calls.has(id)
          ? wasm.call(client, now, id, route, bytes, isRequest ? timeoutMs || INSTANT : 0, ...queueLimits(queue))
          : wasm.cancel(client, now, id),
      );
    });

  const client: Client<any, any> = {
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
      return below.roundTrip_()[0];
    },
    get rttSource() {
      return below.roundTrip_()[1];
    },
    unmatched,
    get handshake() {
      return below.handshake_;
    },
    pause: () => below.pause_(true),
    resume: () => below.pause_(false),
    reconnectNow: () => below.signal_(Signal.Connect),
    release: () => below.signal_(Signal.Release),
    get trace() {
      return tracer;
    },
    set trace(listener) {
      tracer = listener;
      below.trace_ =
        tracer &&
        ((direction, frame) => {
          import('./trace.js')
            .then(({ describe }) => describe(direction, frame, below.handshake_))
            .then((line) => tracer?.(line))
            .catch(report);
        });
    },
    close: () => (closing = closing ?? below.close_()),
    [Symbol.asyncDispose]: () => client.close(),
  };

  const below = link(url, options, load, {
    entered_: (next, error) => {
      const previous = state;
      state = next;
      if (next.kind === 'connected') {
        resolve(client);
        offSignal();
      }
      if (next.kind === 'closed') {
        const { reason } = next;
        const code = reason.kicked ? 'refused' : reason.code === TRANSPORT ? 'unreachable' : 'closed';
        reject(error ?? below.failure_ ?? new ConnectError(code, `${url}: ${reason.reason}`, comesBack(reason.code), { reason }));
        offSignal();
        for (const id of [...calls.keys()]) {
          const call = take(id)!;
          call.reject_(error ?? notSent(call.route_, NOT_SENT[0]!));
        }
      }
      tell(STATE, state, previous);
      if (next.kind === 'closed') tell(CLOSED);
    },
    sent_: (id) => take(id)?.resolve_(),
    failed_: (id, kind, sent, reason) => {
      const call = take(id);
      if (!call) return;
      const { route_: route, timeoutMs_: afterMs } = call;
      call.reject_(
        kind === TIMEOUT
          ? new TimeoutError('TimeoutError', `${route}: no answer within ${afterMs} ms`, 'timeout', true, { sent, afterMs })
          : kind === DISCONNECTED
            ? new DisconnectedError('DisconnectedError', `${route}: disconnected: ${reason.reason}`, 'disconnected', comesBack(reason.code), { sent, reason })
            : notSent(route, NOT_SENT[kind]!, kind <= EXPIRED),
      );
    },
    answered_: (id, isError, body, fault) => {
      const call = take(id);
      if (!call) return;
      const { codec_: codec } = below;
      try {
        if (!body) throw fault;
        if (!isError) return call.resolve_(codec.decode(call.route_, body, 'response'));
        const { code = 'PIT-000', msg = '', metadata = {} } = (codec.decodeError ?? json.decodeError)(body);
        call.reject_(new ServerError('ServerError', msg, `${code}`, false, { metadata }));
      } catch (cause) {
        call.reject_(new DecodeError(call.route_, cause));
      }
    },
    pushed_: (route, body) => {
      if (!body || !(count(route) + count(ANY))) return;
      let value: unknown;
      try {
        value = below.codec_.decode(route, body, 'push');
      } catch (cause) {
        // It is the server's fault, and nobody asked for it: not an exception of this program.
        console.error(new DecodeError(route, cause));
        return;
      }
      tell(route, value);
      tell(ANY, route, value);
    },
    missed_: (late) => void unmatched[late ? 'late' : 'unknown']++,
  });
  offSignal = onAbort(signal, () => below.end_(reasonOf(signal!)));
}
