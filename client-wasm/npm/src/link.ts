import { Attempt } from './attempt.js';
import type { Close, CloseReason } from './close.js';
import { closeReason, readKick } from './close.js';
import type { Codec } from './codec.js';
import { json } from './codec.js';
import { decompress } from './decompress.js';
import { ConnectError, PitayaError } from './errors.js';
import { CAPABILITIES, compression, readTerms, refusal, writeHandshake } from './handshake.js';
import type { Living } from './lifecycle.js';
import { watch } from './lifecycle.js';
import type { LiveClient } from './live.js';
import type { Host, Load, Wasm } from './machine.js';
import { End, Signal } from './machine.js';
import type { ConnectOptions, SocketLike } from './options.js';
import { Tasks } from './tasks.js';

/** What the machine is told: the call of a function of the module. */
export type Order = (wasm: Wasm, client: number, now: number) => number;

const MEBIBYTE = 1024 * 1024;
/** The longest delay that timers take, in milliseconds. */
const LONGEST = 2 ** 31 - 1;
/** Turns of microtasks after which an application that waits for `connect` has gone on, through some functions of its own. */
const TURNS = 20;
/** The close event of a socket that ended without a close frame (RFC 6455 section 7.1.5). */
const ABNORMAL = 1006;
const PACKET_TOO_LARGE = 401;
const BAD_HANDSHAKE = 404;
const BAD_COMPRESSION = 405;
const TRANSPORT = 101;

/** Whether the module is at work: for all clients it does one thing at a time. */
let busy = false;
/** What waits until it is not. */
const waiting: (() => void)[] = [];

/** Does something with the module: now, or as soon as what it does is done. */
function whenFree(work: () => void): void {
  waiting.push(work);
  for (let next; !busy && (next = waiting.shift()); ) next();
}

const nothing = (): void => {};

/** What a client stands on: the machine, its socket, its clock, and the order in which things are told. */
export class Link implements Living {
  /** How bodies are written and read: settled by the first handshake. */
  codec_: Codec;
  /** The parsed body of the last handshake. */
  handshake_: unknown;
  /** Why the last attempt gave no connection, where this side knows better than the machine. */
  failure_: ConnectError | undefined;
  /** Sees all messages. */
  trace_: ((direction: 'in' | 'out', frame: Uint8Array) => void) | undefined;
  /** The module, as long as the client is neither closed nor without it yet. */
  wasm_: Wasm | undefined;

  private readonly tasks_ = new Tasks();
  private readonly maxPacket_: number;
  private readonly maxInflated_: number;
  /** Those that the server may choose from. */
  private codecs_: readonly Codec[];
  private over_ = false;
  /** The module's name for this client. */
  private number_ = 0;
  /** The attempt or the connection that goes on. */
  private attempt_: Attempt | undefined;
  /** That or, if there is none, the one before. */
  private last_: Attempt | undefined;
  /** Whether the machine has asked for a connection. */
  private asked_ = false;
  /** What has become of the first attempt, when that was faster than the module. */
  private early_: (() => void) | undefined;
  /** The connection whose compressed bodies are not to be trusted. */
  private broken_: Attempt | undefined;
  /** Bytes of bodies that wait for their turn. */
  private waiting_ = 0;
  private reason_!: CloseReason;
  private serializer_ = '';
  private wasConnected_ = false;
  private paused_ = false;
  private due_ = Infinity;
  private armed_ = Infinity;
  private timer_: ReturnType<typeof setTimeout> | undefined;
  private rtt_: [number?, ('heartbeat' | 'requests')?] = [];
  private unwatch_ = nothing;

  constructor(
    readonly url_: string,
    private readonly options_: ConnectOptions,
    private readonly client_: LiveClient,
  ) {
    let scheme;
    try {
      scheme = new URL(url_).protocol;
    } catch {
      // It has no scheme.
    }
    if (!/^wss?:$/.test(scheme ?? '')) throw new ConnectError('url', `${url_} is no server address: use ws:// or wss://`, false);
    this.maxPacket_ = options_.maxPacketBytes ?? 16 * MEBIBYTE - 1;
    this.maxInflated_ = options_.maxInflatedBytes ?? 16 * MEBIBYTE;
    this.codecs_ = ([] as Codec[]).concat(options_.codec ?? json);
    this.codec_ = this.codecs_[0]!;
  }

  /** The first attempt, which does not wait for the module. */
  start_(load: Load): void {
    const { timeoutMs = 10_000, requestTimeoutMs = 10_000, reconnect, holdQueue = false } = this.options_;
    const late = setTimeout(() => this.end_(new ConnectError('module', `the client's module did not come within ${timeoutMs} ms`, true)), timeoutMs);
    this.unwatch_ = () => clearTimeout(late);
    this.open_('');
    load().then(
      (wasm) => {
        if (this.over_) return;
        this.unwatch_();
        const { attempts = Infinity, baseMs = 500, capMs = 30_000, jitter = 1, stableMs = 10_000, first = false } = reconnect || {};
        whenFree(() => {
          this.number_ = wasm.open(
            this.host_(),
            Math.random() * 2 ** 53,
            timeoutMs,
            requestTimeoutMs,
            reconnect === false ? 0 : attempts,
            baseMs,
            capMs,
            jitter,
            stableMs,
            first,
            holdQueue,
            this.maxPacket_,
          );
          this.wasm_ = wasm;
        });
        this.unwatch_ = watch(this);
        this.signal_(Signal.Connect);
      },
      (error) => this.end_(error),
    );
  }

  /** Gives the machine an order. */
  tell_(order: Order): void {
    whenFree(() => {
      if (!this.wasm_) return;
      busy = true;
      try {
        this.wake_(order(this.wasm_, this.number_, performance.now()));
      } catch (cause) {
        // It cannot be used again, not even to be freed.
        this.wasm_ = undefined;
        this.end_(new PitayaError('PitayaError', 'internal', `a fault of pitaya-client: ${cause}`, false, cause));
      }
      busy = false;
      if (this.over_) this.release_();
      void this.tasks_.run_();
    });
  }

  signal_(signal: Signal): void {
    this.tell_((wasm, client, now) => wasm.signal(client, now, signal));
  }

  private tellEnd_(what: End, code: number, reason: string, retryAfterMs = -1, endpoint = ''): void {
    this.tell_((wasm, client, now) => wasm.end(client, now, what, code, reason, retryAfterMs, endpoint));
  }

  /** Closes the client. */
  close_(): void {
    this.tellEnd_(End.Client, 0, '');
  }

  /** Ends everything, for a reason that the machine does not know; without one nobody is told. */
  end_(error?: unknown): void {
    if (this.over_) return;
    this.over_ = true;
    this.drop_(1000, '');
    this.tasks_.clear_();
    if (error) {
      const reason = closeReason(0, 0, String(error), -1, '');
      this.tasks_.add_(() => this.client_.entered_({ kind: 'closed', reason, exhausted: false }, error));
    }
    whenFree(() => {
      this.release_();
      void this.tasks_.run_();
    });
  }

  private release_(): void {
    clearTimeout(this.timer_);
    this.unwatch_();
    this.roundTrip_();
    this.wasm_?.free(this.number_);
    this.wasm_ = undefined;
  }

  /** Resolves when the last socket is closed on both sides. */
  async closed_(): Promise<void> {
    await this.last_?.closed_();
  }

  pause_(paused: boolean): void {
    this.paused_ = paused;
    this.signal_(paused ? Signal.Pause : Signal.Resume);
  }

  /** The round trip, and what it is measured by. */
  roundTrip_(): [number?, ('heartbeat' | 'requests')?] {
    if (this.wasm_ && !busy) {
      const rtt = this.wasm_.rtt(this.number_);
      // The sign of a zero counts, too.
      this.rtt_ = Number.isNaN(rtt) ? [] : [Math.abs(rtt), 1 / rtt > 0 ? 'heartbeat' : 'requests'];
    }
    return this.rtt_;
  }

  network_(there: boolean): void {
    this.signal_(there ? Signal.Online : Signal.Offline);
  }

  frozen_(frozen: boolean): void {
    // What the application has paused, it resumes itself.
    if (!this.paused_) this.signal_(frozen ? Signal.Pause : Signal.Resume);
  }

  shelved_(): void {
    this.drop_(1000, '');
    this.signal_(Signal.Pause);
    // One of these is true.
    this.tellEnd_(End.Attempt, TRANSPORT, 'the page was put aside');
    this.tellEnd_(End.Socket, ABNORMAL, '');
  }

  left_(): void {
    this.end_();
  }

  private open_(endpoint: string): void {
    this.failure_ = undefined;
    const failed = (error: ConnectError): void => {
      this.attempt_ = undefined;
      this.failure_ = error;
      this.answer_(() => this.tellEnd_(End.Attempt, error.retryable ? TRANSPORT : 0, error.message));
    };
    const url = this.advised_(endpoint);
    this.last_ = this.attempt_ = new Attempt(url, {
      opened_: (socket, handshake) => {
        const port = this.port_(socket);
        this.answer_(() => this.tell_((wasm, client, now) => wasm.connected(client, now, port, handshake)));
      },
      failed_: failed,
      message_: (data) => this.received_(data),
      closed_: (code, reason) => {
        if (this.asked_) this.tellEnd_(End.Socket, code, reason);
        else failed(new ConnectError('closed', `${url} was reached, but closed at once`, true));
      },
    });
    this.attempt_.start_(this.options_, (user) =>
      writeHandshake(this.options_.clientInfo ?? {}, this.codecs_, this.options_.capabilities ?? CAPABILITIES, user),
    );
  }

  /** A server may send us elsewhere, but not out of the encryption that the application asked for. */
  private advised_(endpoint: string): string {
    return /^wss:/i.test(endpoint) || (/^ws:/i.test(endpoint) && /^ws:/i.test(this.url_)) ? endpoint : this.url_;
  }

  /** Answers the machine, if it has asked. */
  private answer_(answer: () => void): void {
    if (this.asked_) answer();
    else this.early_ = answer;
  }

  private drop_(code: number, reason: string): void {
    this.attempt_?.drop_(code, reason);
    this.attempt_ = undefined;
  }

  /** The socket as the machine uses it. */
  private port_(socket: SocketLike): object {
    return {
      send: (view: Uint8Array) => {
        // The machine uses its memory again, and not all sockets copy it at once.
        const bytes = view.slice();
        this.trace_?.('out', bytes);
        socket.send(bytes);
      },
      get bufferedAmount() {
        return socket.bufferedAmount ?? 0;
      },
    };
  }

  private received_(data: any): void {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : ArrayBuffer.isView(data) ? (data as Uint8Array) : new Uint8Array(data);
    this.trace_?.('in', bytes);
    // Several packets may share a message, but it is copied as a whole.
    if (bytes.length > 2 * this.maxPacket_ + MEBIBYTE) this.tellEnd_(End.Fault, PACKET_TOO_LARGE, 'a message is longer than two packets can be');
    else this.tell_((wasm, client, now) => wasm.frame(client, now, bytes));
  }

  /** The time at which the machine wants to hear of the time. A timer is only moved to an earlier time: a later one is found when it fires. */
  private wake_(due: number): void {
    this.due_ = due;
    if (due >= this.armed_) return;
    clearTimeout(this.timer_);
    this.armed_ = due;
    this.timer_ = setTimeout(
      () => {
        this.armed_ = Infinity;
        if (performance.now() < this.due_) this.wake_(this.due_);
        else this.signal_(Signal.Timer);
      },
      Math.min(Math.max(Math.ceil(due - performance.now()), 0), LONGEST),
    );
  }

  /** What the machine calls. It must not be called from there: what is for it waits. */
  private host_(): Host {
    const { client_: client, tasks_: tasks } = this;
    return {
      connect: (_, endpoint) => {
        this.asked_ = true;
        const early = this.early_;
        this.early_ = undefined;
        if (early) early();
        else if (!this.attempt_) this.open_(endpoint);
      },
      disconnect: (code, reason) => this.drop_(code, reason),
      handshake: (body) => this.greeted_(body.slice()),
      kick: (body) => this.tellEnd_(End.Kicked, ...readKick(body)),
      response: (call, error, deflated, body) => this.body_(deflated, body, (bytes, fault) => client.answered_(call, error, bytes, fault)),
      push: (route, deflated, body) => this.body_(deflated, body, (bytes) => client.push_(route, bytes)),
      sent: (call) => tasks.add_(() => client.sent_(call)),
      failed: (call, kind, sent) => {
        const { reason_: reason } = this;
        tasks.add_(() => client.failedCall_(call, kind, sent, reason));
      },
      ended: (code, origin, reason, retryAfterMs, endpoint) => {
        this.reason_ = closeReason(code, origin, reason, retryAfterMs, endpoint);
      },
      state: (kind, attempt, next, exhausted) => this.stands_(kind, attempt, next, exhausted),
      unmatched: (late) => tasks.add_(() => client.missed_(late)),
      roundTrip: nothing,
    };
  }

  private stands_(kind: number, attempt: number, next: number, exhausted: boolean): void {
    const { client_: client, tasks_: tasks, reason_: reason, serializer_: serializer } = this;
    const nextInMs = next < 0 ? undefined : Math.max(next - performance.now(), 0);
    this.over_ = kind === 4;
    tasks.add_(() =>
      client.entered_(
        kind === 2
          ? { kind: 'connected', serializer }
          : kind === 3
            ? { kind: 'reconnecting', attempt, nextInMs, cause: reason }
            : kind === 4
              ? { kind: 'closed', reason, exhausted }
              : { kind: 'connecting' },
      ),
    );
    if (kind !== 2 || this.wasConnected_) return;
    this.wasConnected_ = true;
    // Who has just got the client hears all pushes.
    tasks.add_(async () => {
      for (let turn = 0; turn < TURNS; turn++) await undefined;
    });
  }

  private greeted_(body: Uint8Array<ArrayBuffer>): void {
    const format = compression(body);
    if (!format) return this.settle_(body);
    const attempt = this.attempt_;
    decompress(body, this.maxInflated_, format)
      .catch((error: unknown) => {
        if (attempt === this.attempt_) this.refuse_([BAD_COMPRESSION, String(error), -1, '']);
      })
      .then((inflated) => {
        if (inflated && attempt === this.attempt_) this.settle_(inflated);
      });
  }

  private refuse_(close: Close): void {
    this.tellEnd_(End.Refused, ...close);
  }

  /** Answers a handshake. The first one settles the codec: calls may wait for the next connection that are written in it already. */
  private settle_(body: Uint8Array): void {
    let terms;
    let handshake: unknown;
    try {
      handshake = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
      terms = readTerms(handshake);
    } catch (error) {
      return this.refuse_([BAD_HANDSHAKE, String(error), -1, '']);
    }
    const { serializer, dictionary, heartbeatMs, capabilities } = terms;
    const close = refusal(terms);
    if (close) return this.refuse_(close);
    const { codec } = this.options_;
    const fits = ({ name }: Codec): boolean => name === undefined || name === serializer;
    const isPinned = codec && !Array.isArray(codec);
    const chosen = isPinned ? this.codec_ : this.codecs_.find(fits);
    if (!chosen) return this.refuse_([BAD_HANDSHAKE, `the server uses the serializer ${serializer}, and no codec of this client does`, -1, '']);
    this.codec_ = chosen;
    this.codecs_ = [chosen];
    this.serializer_ = serializer;
    this.handshake_ = handshake;
    this.tell_((wasm, client, now) => {
      for (const [route, code] of dictionary) wasm.route(client, route, code);
      return wasm.accept(client, now, heartbeatMs, capabilities);
    });
  }

  /** Hands a body on when it is its turn, inflated if need be; a fault in place of one that cannot be. */
  private body_(deflated: boolean, view: Uint8Array, use: (body: Uint8Array | undefined, fault?: unknown) => void): void {
    const body = view.slice();
    const attempt = this.attempt_;
    this.waiting_ += body.length;
    if (this.waiting_ > 4 * this.maxInflated_) this.spoil_(attempt, 'compressed bodies come faster than they can be inflated');
    this.tasks_.add_(() => {
      this.waiting_ -= body.length;
      if (!deflated) return use(body);
      if (attempt && this.broken_ === attempt) return use(undefined, 'an earlier body could not be inflated');
      return decompress(body, this.maxInflated_).then(use, (fault) => {
        this.spoil_(attempt, String(fault));
        use(undefined, fault);
      });
    });
  }

  /** The family's peers end a connection on such a body as well (wire 6.4). */
  private spoil_(attempt: Attempt | undefined, why: string): void {
    this.broken_ = attempt;
    if (attempt && attempt === this.attempt_) this.tellEnd_(End.Fault, BAD_COMPRESSION, why);
  }
}
