import { ConnectError } from './errors.js';
import type { ConnectOptions, SocketLike, WebSocketConstructor } from './options.js';

/** How long a server may take for its part of the close, in milliseconds. */
const LINGER = 1000;

const nothing = (): void => {};

/** What becomes of an attempt. */
export interface Attempting {
  opened_(socket: SocketLike, handshake: Uint8Array): void;
  failed_(error: ConnectError): void;
  message_(data: unknown): void;
  closed_(code: number, reason: string): void;
}

/** One attempt to connect, and the socket that comes of it. */
export class Attempt {
  private socket_: SocketLike | undefined;
  private over_ = false;
  private gone_ = false;
  private left_ = nothing;

  constructor(
    private readonly url_: string,
    private readonly events_: Attempting,
  ) {}

  /** The user comes first: once there is a socket the server's patience runs. */
  start_({ user, WebSocket }: ConnectOptions, write: (user: unknown) => Uint8Array): void {
    const unmade = (cause: unknown, retryable = true): void => this.fail_('user', `the handshake's user cannot be made: ${cause}`, retryable, cause);
    const open = (made: unknown): void => {
      if (this.over_) return;
      let handshake;
      try {
        handshake = write(made);
      } catch (cause) {
        return unmade(cause, false);
      }
      this.open_(WebSocket ?? globalThis.WebSocket, handshake);
    };
    try {
      const made = typeof user === 'function' ? user() : user;
      if (made && typeof (made as PromiseLike<unknown>).then === 'function') (made as PromiseLike<unknown>).then(open, unmade);
      else open(made);
    } catch (cause) {
      unmade(cause);
    }
  }

  private open_(WebSocket: WebSocketConstructor | undefined, handshake: Uint8Array): void {
    const { url_: url, events_: events } = this;
    if (!WebSocket) return this.fail_('no-websocket', 'this platform has no WebSocket: give the option WebSocket, such as that of the npm package ws', false);
    let socket: SocketLike;
    try {
      socket = new WebSocket(url);
      socket.binaryType = 'arraybuffer';
    } catch (cause) {
      return this.fail_('url', `${url} cannot be connected to: ${cause}`, false, cause);
    }
    let cause: { message?: string; error?: unknown } = {};
    let opened = false;
    this.socket_ = socket;
    socket.onopen = () => {
      opened = true;
      events.opened_(socket, handshake);
    };
    socket.onmessage = ({ data }) => events.message_(data);
    socket.onerror = (event) => (cause = event ?? cause);
    socket.onclose = ({ code = 1006, reason = '' } = {}) => {
      this.gone_ = true;
      if (opened) events.closed_(code, reason);
      else this.fail_('unreachable', `${url} cannot be reached${cause.message ? `: ${cause.message}` : ''}`, true, cause.error);
    };
  }

  private fail_(code: string, message: string, retryable: boolean, cause?: unknown): void {
    if (this.over_) return;
    this.drop_(1000, '');
    this.events_.failed_(new ConnectError(code, message, retryable, cause));
  }

  /** Nothing more comes of it. */
  drop_(code: number, reason: string): void {
    this.over_ = true;
    const socket = this.socket_;
    if (!socket || this.gone_) {
      this.gone_ = true;
      return;
    }
    // Not null: the sockets of `ws` throw errors that nobody hears.
    socket.onopen = socket.onmessage = socket.onerror = nothing;
    socket.onclose = () => {
      this.gone_ = true;
      this.left_();
    };
    try {
      socket.close(code, reason);
    } catch {
      // The reason may be longer than the 123 bytes of a close frame.
      socket.close(code);
    }
  }

  /** Resolves when the server has closed as well, or does not in time. */
  closed_(): Promise<void> {
    return new Promise((resolve) => {
      if (this.gone_) return resolve();
      const timer = setTimeout(resolve, LINGER);
      this.left_ = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
