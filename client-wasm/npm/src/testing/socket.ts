import { Wire } from './wire.js';

/** What a test server does for a socket. */
export interface Listener {
  /** One way's time in milliseconds. */
  latency(): number;
  /** A client asks for a connection: who serves it, or nobody. */
  open(socket: TestSocket): Served | undefined;
}

/** The server's end of a socket. */
export interface Served {
  frame(bytes: Uint8Array): void;
  eof(): void;
}

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** The close event's code of a connection that broke (RFC 6455 section 7.1.5). */
const BROKEN = 1006;
/** The close event's code of a close frame that says none (RFC 6455 section 7.1.5). */
const NO_CODE = 1005;

const utf8 = new TextEncoder();

/** A WebSocket whose other end is a test server in the same program. */
export class TestSocket {
  readonly url: string;
  binaryType: any = 'arraybuffer';
  readonly bufferedAmount = 0;
  readyState = CONNECTING;
  onopen: ((event: unknown) => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number; reason: string; wasClean: boolean }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;

  readonly #up: Wire;
  readonly #down: Wire;
  #served: Served | undefined;

  constructor(url: string | URL, listener: Listener) {
    this.url = String(url);
    this.#up = new Wire(() => listener.latency());
    this.#down = new Wire(() => listener.latency());
    this.#up.send(() => {
      this.#served = listener.open(this);
      this.#down.send(() => {
        if (this.readyState !== CONNECTING) return;
        if (this.#served === undefined) {
          this.#end(BROKEN, '', false);
          return;
        }
        this.readyState = OPEN;
        this.onopen?.({ type: 'open' });
      });
    });
  }

  send(data: string | ArrayBufferLike | ArrayBufferView): void {
    if (this.readyState === CONNECTING) throw new DOMException('the socket is not open yet', 'InvalidStateError');
    if (this.readyState !== OPEN) return;
    const bytes = copied(data);
    this.#up.send(() => this.#served?.frame(bytes));
  }

  close(code = NO_CODE, reason = ''): void {
    if (this.readyState >= CLOSING) return;
    if (this.readyState === CONNECTING) {
      this.readyState = CLOSING;
      this.#up.send(() => this.#served?.eof());
      void Promise.resolve().then(() => this.#end(BROKEN, '', false));
      return;
    }
    this.readyState = CLOSING;
    this.#up.send(() => {
      this.#served?.eof();
      this.#down.send(() => this.#end(code, reason, true));
    });
  }

  /** The server sends a message. */
  deliver(frame: Uint8Array<ArrayBuffer>): void {
    this.#down.send(() => {
      if (this.readyState === OPEN) this.onmessage?.({ data: frame.buffer });
    });
  }

  /** The server closes. */
  finish(code: number, reason: string): void {
    this.#down.send(() => this.#end(code, reason, true));
  }

  /** The network is gone. */
  cut(): void {
    this.#up.cut();
    this.#down.cut();
    this.#end(BROKEN, '', false);
  }

  #end(code: number, reason: string, wasClean: boolean): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    if (!wasClean) this.onerror?.({ type: 'error' });
    this.onclose?.({ code, reason, wasClean });
  }
}

function copied(data: string | ArrayBufferLike | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return utf8.encode(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  return new Uint8Array(data).slice();
}
