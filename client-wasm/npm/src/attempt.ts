import { ConnectError } from './errors.js';
import type { ConnectOptions, SocketLike } from './options.js';

/** One attempt to connect, and the socket that comes of it. */
export interface Attempt {
  /** Nothing more comes of it. */
  drop_(code: number, reason: string): void;
  /** Resolves when the socket is closed on both sides. */
  readonly gone_: Promise<void>;
}

const nothing = (): void => {};

/**
 * Starts an attempt.
 *
 * @param write makes the handshake
 * @param asked when what becomes of it may be told
 */
export function attempt(
  url: string,
  { user, WebSocket = globalThis.WebSocket }: ConnectOptions,
  write: (user: unknown) => Uint8Array,
  asked: Promise<void>,
  opened: (socket: SocketLike, handshake: Uint8Array) => void,
  failed: (error: ConnectError) => void,
  received: (event: { data: any }) => void,
  closed: (code: number, reason: string) => void,
): Attempt {
  let socket: SocketLike | undefined;
  let isOver = false;
  let isOpen = false;
  let left = nothing;
  const gone = new Promise<void>((resolve) => (left = resolve));
  const tell = (news: () => void): void => void asked.then(() => isOver || news());
  const fail = (code: string, detail: unknown, retryable: boolean, cause = detail): void =>
    tell(() => {
      drop(1000, '');
      failed(new ConnectError(code, `${url}: ${code}: ${detail}`, retryable, { cause }));
    });
  const drop = (code: number, reason: string): void => {
    isOver = true;
    if (!socket) return left();
    // Not null: the sockets of `ws` throw errors that nobody hears.
    socket.onopen = socket.onmessage = socket.onerror = nothing;
    socket.onclose = left;
    try {
      socket.close(code, reason);
    } catch {
      // The reason may be longer than the 123 bytes of a close frame.
      socket.close(code);
    }
  };
  const start = async (): Promise<void> => {
    let code = 'user';
    let retryable = true;
    try {
      // The user comes first: once there is a socket the server's patience runs.
      const made = await (typeof user === 'function' ? user() : user);
      retryable = false;
      const handshake = write(made);
      if (isOver) return;
      code = WebSocket ? 'url' : 'no-websocket';
      const open = (socket = new WebSocket(url));
      let fault: { message?: string; error?: unknown } = {};
      open.binaryType = 'arraybuffer';
      open.onopen = () => {
        isOpen = true;
        tell(() => opened(open, handshake));
      };
      open.onmessage = received;
      open.onerror = (event: any) => (fault = event ?? fault);
      open.onclose = ({ code = 1006, reason = '' } = {}) => {
        left();
        if (isOpen) tell(() => closed(code, reason));
        else fail('unreachable', fault.message ?? '', true, fault.error ?? fault);
      };
    } catch (cause) {
      fail(code, cause, retryable);
    }
  };
  void start();
  return { drop_: drop, gone_: gone };
}
