import type { Client, NotifyOptions, PushesOptions, PushIterator, RequestOptions, State } from './client.js';
import type { CloseReason } from './close.js';
import { json } from './codec.js';
import { ConnectError, DecodeError, DisconnectedError, NotSentError, report, ServerError, TimeoutError, comesBack } from './errors.js';
import { Link } from './link.js';
import { Signal } from './machine.js';
import type { ConnectOptions } from './options.js';
import { queueLimits } from './options.js';
import { Pushes } from './pushes.js';
import type { TraceLine } from './trace.js';

/** A call that has not ended. */
interface Call {
  readonly route_: string;
  readonly afterMs_: number;
  readonly resolve_: (value: any) => void;
  readonly reject_: (error: unknown) => void;
  /** Takes the listener off its signal. */
  off_?: () => void;
}

type Listeners = Set<(...values: any[]) => void>;

/** Codes of failed calls by the machine's number, from `not-connected` on; those that are missing are errors of their own. */
const NOT_SENT = ['not-connected', 'queue-full', 'expired', 'superseded', , , , 'route', 'too-large'];
const TIMEOUT = 4;
const DISCONNECTED = 6;
/** The close of a connection that failed, or could not be made in time. */
const TRANSPORT = 101;
/** A time-out of zero: the module takes 0 itself for a notify. */
const INSTANT = 0.001;
/** Of {@link NOT_SENT}, those up to this one may work later. */
const EXPIRED = 2;

/** What `connect` gives: calls and listeners, above a {@link Link}. */
export class LiveClient implements Client<any, any> {
  state: State = { kind: 'connecting' };
  unmatched = { late: 0, unknown: 0 };
  readonly link_: Link;

  private readonly options_: ConnectOptions;
  private readonly resolve_: (client: LiveClient) => void;
  private readonly reject_: (error: unknown) => void;
  private readonly calls_ = new Map<number, Call>();
  private readonly pushes_ = new Map<string, Listeners>();
  private readonly any_: Listeners = new Set();
  private readonly states_: Listeners = new Set();
  private readonly iterators_ = new Set<Pushes>();
  private last_ = 0;
  private tracer_: ((line: TraceLine) => void) | undefined;
  private closing_: Promise<void> | undefined;

  /** Takes what `connect` promises. */
  constructor(url: string, options: ConnectOptions, resolve: (client: LiveClient) => void, reject: (error: unknown) => void) {
    const { signal } = options;
    const abort = (): void => this.link_.end_(aborted(signal!));
    const done = (): void => signal?.removeEventListener('abort', abort);
    this.options_ = options;
    this.link_ = new Link(url, options, this);
    this.resolve_ = (client) => {
      done();
      resolve(client);
    };
    this.reject_ = (error) => {
      done();
      reject(error);
    };
    if (signal?.aborted) throw aborted(signal);
    signal?.addEventListener('abort', abort);
  }

  request(route: string, body?: unknown, options: RequestOptions = {}): Promise<any> {
    return this.call_(route, body, options, true);
  }

  notify(route: string, body?: unknown, options: NotifyOptions = {}): Promise<void> {
    const sent = this.call_(route, body, options, false);
    sent.catch(() => {});
    return sent;
  }

  on(route: string, listener: (body: any) => void): () => void {
    const listeners = this.pushes_.get(route) ?? new Set();
    this.pushes_.set(route, listeners);
    const off = add(listeners, listener);
    return () => {
      off();
      if (!listeners.size && this.pushes_.get(route) === listeners) this.pushes_.delete(route);
    };
  }

  once(route: string, listener: (body: any) => void): () => void {
    const off = this.on(route, (body) => {
      off();
      listener(body);
    });
    return off;
  }

  onAny(listener: (route: string, body: any) => void): () => void {
    return add(this.any_, listener);
  }

  pushes(route: string, options: PushesOptions = {}): PushIterator<any> {
    return new Pushes(options, (pushes) => {
      const off = this.on(route, (body) => pushes.put_(body));
      this.iterators_.add(pushes);
      // Nothing comes to a client that is closed, and nobody would end this.
      if (this.state.kind === 'closed') void Promise.resolve().then(() => pushes.end_());
      return () => {
        off();
        this.iterators_.delete(pushes);
      };
    });
  }

  onState(listener: (state: State, previous: State) => void): () => void {
    return add(this.states_, listener);
  }

  get rtt(): number | undefined {
    return this.link_.roundTrip_()[0];
  }

  get rttSource(): 'heartbeat' | 'requests' | undefined {
    return this.link_.roundTrip_()[1];
  }

  get handshake(): unknown {
    return this.link_.handshake_;
  }

  pause(): void {
    this.link_.pause_(true);
  }

  resume(): void {
    this.link_.pause_(false);
  }

  reconnectNow(): void {
    this.link_.signal_(Signal.Connect);
  }

  release(): void {
    this.link_.signal_(Signal.Release);
  }

  get trace(): ((line: TraceLine) => void) | undefined {
    return this.tracer_;
  }

  set trace(tracer: ((line: TraceLine) => void) | undefined) {
    this.tracer_ = tracer;
    this.link_.trace_ =
      tracer &&
      ((direction, frame) => {
        import('./trace.js')
          .then(({ describe }) => describe(direction, frame, this.handshake))
          .then((line) => this.tracer_?.(line))
          .catch(report);
      });
  }

  close(): Promise<void> {
    this.link_.close_();
    return (this.closing_ ??= this.link_.closed_());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private call_(
    route: string,
    body: unknown,
    { signal, timeoutMs = -1, queue = this.options_.queue ?? 'fail' }: RequestOptions,
    isRequest: boolean,
  ): Promise<any> {
    const { link_: link, calls_: calls } = this;
    return new Promise((resolve_, reject_) => {
      if (signal?.aborted) throw aborted(signal);
      if (!link.wasm_) throw new NotSentError(route, 'not-connected', false);
      let bytes: Uint8Array;
      try {
        bytes = link.codec_.encode(route, body);
      } catch (cause) {
        throw new NotSentError(route, 'encode', false, cause);
      }
      const id = ++this.last_;
      const afterMs_ = timeoutMs < 0 ? (this.options_.requestTimeoutMs ?? 10_000) : timeoutMs;
      const call: Call = { route_: route, afterMs_, resolve_, reject_ };
      if (signal) {
        const abort = (): void => {
          this.take_(id)?.reject_(aborted(signal));
          link.tell_((wasm, client, now) => wasm.cancel(client, now, id));
        };
        signal.addEventListener('abort', abort);
        call.off_ = () => signal.removeEventListener('abort', abort);
      }
      calls.set(id, call);
      const limits = queueLimits(queue);
      link.tell_((wasm, client, now) =>
        // It may have been aborted before its turn.
        calls.has(id) ? wasm.call(client, now, id, route, bytes, isRequest ? timeoutMs || INSTANT : 0, ...limits) : wasm.cancel(client, now, id),
      );
    });
  }

  /** A call that ends now. */
  private take_(id: number): Call | undefined {
    const call = this.calls_.get(id);
    this.calls_.delete(id);
    call?.off_?.();
    return call;
  }

  sent_(id: number): void {
    this.take_(id)?.resolve_(undefined);
  }

  answered_(id: number, isError: boolean, body: Uint8Array | undefined, fault: unknown): void {
    const call = this.take_(id);
    if (!call) return;
    const { codec_: codec } = this.link_;
    try {
      if (!body) throw fault;
      if (isError) {
        const { code, msg, metadata } = (codec.decodeError ?? json.decodeError)(body);
        call.reject_(new ServerError(String(code ?? 'PIT-000'), String(msg ?? ''), metadata ?? {}));
      } else call.resolve_(codec.decode(call.route_, body, 'response'));
    } catch (cause) {
      call.reject_(new DecodeError(call.route_, cause));
    }
  }

  failedCall_(id: number, kind: number, sent: boolean, reason: CloseReason): void {
    const call = this.take_(id);
    call?.reject_(
      kind === TIMEOUT
        ? new TimeoutError(call.route_, sent, call.afterMs_)
        : kind === DISCONNECTED
          ? new DisconnectedError(call.route_, sent, reason)
          : new NotSentError(call.route_, NOT_SENT[kind]!, kind <= EXPIRED),
    );
  }

  push_(route: string, body: Uint8Array | undefined): void {
    const listeners = this.pushes_.get(route);
    if (!body || (!listeners && !this.any_.size)) return;
    let value: unknown;
    try {
      value = this.link_.codec_.decode(route, body, 'push');
    } catch (cause) {
      // It is the server's fault, and nobody asked for it: not an exception of this program.
      console.error(new DecodeError(route, cause));
      return;
    }
    if (listeners) tell(listeners, value);
    tell(this.any_, route, value);
  }

  missed_(late: boolean): void {
    const { unmatched } = this;
    this.unmatched = { late: unmatched.late + +late, unknown: unmatched.unknown + +!late };
  }

  /** The client is in another state; `error` is what ended it where the machine did not. */
  entered_(state: State, error?: unknown): void {
    const previous = this.state;
    this.state = state;
    if (state.kind === 'connected') this.resolve_(this);
    else if (state.kind === 'closed') {
      this.reject_(error ?? this.connectError_(state.reason));
      for (const id of [...this.calls_.keys()]) {
        const call = this.take_(id)!;
        call.reject_(error ?? new NotSentError(call.route_, 'not-connected', false));
      }
    }
    tell(this.states_, state, previous);
    if (state.kind === 'closed') for (const pushes of [...this.iterators_]) pushes.end_();
  }

  private connectError_(reason: CloseReason): unknown {
    const { link_: link } = this;
    if (link.failure_) return link.failure_;
    const code = reason.kicked ? 'refused' : reason.code === TRANSPORT ? 'unreachable' : 'closed';
    return new ConnectError(code, `${link.url_}: ${reason.reason}`, comesBack(reason.code), undefined, reason);
  }
}

/** Adds a listener, as often as it is given. */
function add(listeners: Listeners, listener: (...values: any[]) => void): () => void {
  const entry = (...values: any[]): void => listener(...values);
  listeners.add(entry);
  return () => void listeners.delete(entry);
}

function tell(listeners: Listeners, ...values: unknown[]): void {
  for (const listener of [...listeners]) {
    try {
      listener(...values);
    } catch (error) {
      report(error);
    }
  }
}

/** What an aborted call rejects with. Platforms before 2022 give no reason. */
export function aborted(signal: AbortSignal): unknown {
  return signal.reason ?? new DOMException('aborted', 'AbortError');
}
