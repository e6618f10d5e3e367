/// <reference lib="esnext.disposable" />
/** How a connection, or an attempt to make one, ended. */
interface CloseReason {
    /** Why: a {@link CloseCode}, or a number of the application (900 to 999). Clients come back by themselves after 100 to 399 only. */
    readonly code: number;
    /** The same for people; not for programs. */
    readonly reason: string;
    /** Who ended it: this program, the server, this client because the server broke the protocol, or nobody, as the network failed. */
    readonly origin: 'local' | 'peer' | 'fault' | 'transport';
    /** The server's advice: the earliest time to come back, in milliseconds from the end. */
    readonly retryAfterMs?: number;
    /** The server's advice: where to come back to. */
    readonly endpoint?: string;
    /** Whether the server does not want this client (codes 500 to 999): it was kicked or turned away, and stays away. */
    readonly kicked: boolean;
}
/** Why connections end. The hundreds decide what a client does: it comes back after 100 to 399, and stays away after all others. */
declare const CloseCode: {
    /** The side that closed was done. */
    readonly Normal: 0;
    /** The server's stream ended without a word. */
    readonly Eof: 100;
    /** The network failed. */
    readonly Transport: 101;
    /** Nothing came from the server for too long. */
    readonly HeartbeatTimeout: 102;
    /** The server did not finish the handshake in time. */
    readonly HandshakeTimeout: 103;
    /** The server is being shut down or replaced. */
    readonly Draining: 110;
    /** The server takes no more connections now. */
    readonly Overloaded: 111;
    /** The client did not read what was sent to it. */
    readonly SlowConsumer: 112;
    /** The client sent more than it may. */
    readonly RateLimited: 113;
    /** A fault inside the server. */
    readonly Internal: 114;
    /** A packet that none is. */
    readonly BadPacket: 400;
    /** A packet over the limit. */
    readonly PacketTooLarge: 401;
    /** A message that none is. */
    readonly BadMessage: 402;
    /** A packet out of its turn. */
    readonly OutOfOrder: 403;
    /** A handshake that cannot be read. */
    readonly BadHandshake: 404;
    /** A compressed body that is corrupt or over the limit. */
    readonly BadCompression: 405;
    /** Kicked by the application. */
    readonly Kicked: 500;
    /** The same user signed in elsewhere. */
    readonly Replaced: 501;
    /** The handshake was refused. */
    readonly Refused: 502;
    /** The client's version is too old. */
    readonly ClientTooOld: 503;
};

/** How bodies are written and read. `json` and `bytes` are such; `pitaya-client/protobuf` makes one. */
interface Codec {
    /** The serializer's name in the handshake: `json`, `protobuf`, or a server's own. One without a name fits any server. */
    readonly name: string | undefined;
    /** The body of a request or a notify. What it throws becomes the `cause` of a `NotSentError` with code `encode`. */
    encode(route: string, body: unknown): Uint8Array;
    /** The body of an answer (to this route) or a push. What it throws becomes the `cause` of a `DecodeError`. */
    decode(route: string, bytes: Uint8Array, kind: 'response' | 'push'): unknown;
    /** The body of an answer that is an error. By default it is read as JSON. */
    decodeError?(bytes: Uint8Array): ErrorBody;
}
/** What a server says of an error (wire 8.3). */
interface ErrorBody {
    /** The server's code, such as `PIT-404`. */
    readonly code?: string;
    /** Its text for people. */
    readonly msg?: string;
    /** What it says besides. */
    readonly metadata?: Readonly<Record<string, string>>;
}
/** Bodies as JSON, the default. What has no JSON form, such as `undefined`, is written as an empty body, which is read as `undefined`. */
declare const json: Codec & {
    decodeError(bytes: Uint8Array): ErrorBody;
};
/** Bodies as they are: `Uint8Array` in both directions, whatever the server's serializer is. */
declare const bytes: Codec;

/** Settings of `connect`. All are optional. */
interface ConnectOptions {
    /**
     * What the handshake tells the server of the user: an object, or a function that makes it. The function is called anew at each attempt, so
     * that a token may be fresh; its time counts against `timeoutMs`.
     */
    user?: object | (() => object | undefined | Promise<object | undefined>);
    /** Aborts connecting; `connect` then rejects with the signal's reason. Once connected it has no effect. */
    signal?: AbortSignal;
    /** Time to open the connection, and again for the server's handshake, in milliseconds. Default: 10,000. */
    timeoutMs?: number;
    /** Time for an answer where a request says none, in milliseconds. Default: 10,000. */
    requestTimeoutMs?: number;
    /** When to come back after a lost connection; `false` is never. */
    reconnect?: false | ReconnectOptions;
    /** What becomes of calls while there is no connection. Default: `fail`. */
    queue?: Queue;
    /** Whether calls that waited for the connection leave only at `client.release()`, so that the application can sign in anew first. Default: false. */
    holdQueue?: boolean;
    /**
     * How bodies are written. One codec is used whatever the server says; of several the one that the server's handshake names. By default
     * `json`, and a server that uses something else is an error.
     */
    codec?: Codec | readonly Codec[];
    /** What makes sockets. Default: the platform's `WebSocket`. For Node 20 give that of the package `ws`. */
    WebSocket?: WebSocketConstructor;
    /** What the handshake tells of the application. */
    clientInfo?: ClientInfo;
    /** The extensions of the wire that are offered, all by default; with an empty list it is the family's own wire. */
    capabilities?: readonly string[];
    /** The longest packet body that is taken, in bytes. Default: 16,777,215, the most that the wire can say. */
    maxPacketBytes?: number;
    /** The most that one compressed body may become, in bytes. Default: 16 MiB. */
    maxInflatedBytes?: number;
}
/**
 * When to come back: after a time of at most `baseMs`, then twice that, and so on to `capMs`. The server's own advice goes before it.
 */
interface ReconnectOptions {
    /** Attempts in a row before giving up. Default: without end. */
    attempts?: number;
    /** The first delay in milliseconds. Default: 500. */
    baseMs?: number;
    /** The longest delay in milliseconds. Default: 30,000. */
    capMs?: number;
    /** Share of each delay that is random, 0 to 1, so that not all clients come back at once. Default: 1. */
    jitter?: number;
    /** How long a connection must have lasted for the attempts to be counted anew, in milliseconds. Default: 10,000. */
    stableMs?: number;
    /** Whether a first connection that fails is tried again, too. Default: false, as the address may be wrong. */
    first?: boolean;
}
/**
 * What becomes of a call while there is no connection: it fails at once; it waits, within limits (`wait` is those limits' defaults); or it waits
 * and takes the place of an earlier call with the same key, which then fails as `superseded`.
 */
type Queue = 'fail' | 'wait' | QueueLimits | LatestOnly;
/** How many calls may wait. */
interface QueueLimits {
    /** Calls that wait at most. Default: 64. */
    items?: number;
    /** Bytes that wait at most. Default: 65,536. */
    bytes?: number;
    /** How long one waits at most, in milliseconds. Default: 30,000. */
    ageMs?: number;
}
/** Only the newest call of a key waits. */
interface LatestOnly {
    latestOnly: string;
}
/** What the handshake tells of the application. */
interface ClientInfo {
    /** Such as `mac` or `web`. Default: `web`. */
    platform?: string;
    /** The application's version. */
    version?: string;
    /** The application's build. */
    build?: string;
}
/** What makes sockets: the class `WebSocket`, or an adapter for a host that has another kind. */
type WebSocketConstructor = new (url: string) => SocketLike;
/**
 * What the client needs of a socket. A mini-game host, whose socket is a task with functions such as `onMessage(callback)`, is adapted by a
 * class with these members, which connects in its constructor, calls the four handlers, and throws in its constructor for an address that it
 * does not take.
 */
interface SocketLike {
    /** Set to `arraybuffer` by the client. */
    binaryType: any;
    /** Bytes that were sent but are not on the network yet; leave it out where the host does not tell. */
    readonly bufferedAmount?: number;
    /** Called when the socket is open. */
    onopen: ((event: any) => void) | null;
    /** Called with each message: `data` is an `ArrayBuffer`, a `Uint8Array`, or text. */
    onmessage: ((event: any) => void) | null;
    /** Called at the end, also of a socket that never opened: `code` and `reason` are those of the close frame, 1006 for none. */
    onclose: ((event: any) => void) | null;
    /** Called before `onclose` when something failed; `message` says what, where it is known. */
    onerror: ((event: any) => void) | null;
    /** Sends a message. The bytes are the socket's own, and `bytes.buffer` holds nothing else. */
    send(bytes: Uint8Array<ArrayBuffer>): void;
    /** Closes the socket. */
    close(code?: number, reason?: string): void;
}

/** A WebSocket message, readable. */
interface TraceLine {
    /** Whether it came or went. */
    direction: 'in' | 'out';
    /** When, in milliseconds of `performance.now()`. */
    time: number;
    /** Its packets, one a line, such as `request 7 room.join 14 B {"name":"ada"}`. */
    text: string;
    /** The same for programs. */
    packets: TracePacket[];
}
/** A packet of a frame. */
interface TracePacket {
    /** What it is; `malformed` for bytes that are no packet. */
    type: 'handshake' | 'ack' | 'heartbeat' | 'data' | 'kick' | 'malformed';
    /** Length of its body in bytes. */
    length: number;
    /** One readable line. */
    text: string;
    /** The body, inflated and shortened: text where it is some, else hex digits. The `user` of a handshake is hidden. */
    body: string;
    /** Of `data`: what the message is. */
    kind?: 'request' | 'notify' | 'response' | 'push';
    /** Of requests and responses; a text beyond 2^53. */
    id?: number | string;
    /** Of all but responses. */
    route?: string;
    /** The route's number where it travelled as one. */
    code?: number;
    /** Of `data`: whether the body is an error. */
    error?: boolean;
    /** Of `data`: whether the body travelled deflated. */
    deflated?: boolean;
}

/** Requests and notifies where the application names no map. */
type AnyRoutes = Record<string, {
    req: any;
    res: any;
}>;
/** Pushes where the application names no map. */
type AnyPushes = Record<string, any>;
/** The body that a route takes; `undefined` where the map names none. */
type RequestBody<Entry> = Entry extends {
    req: infer Body;
} ? Body : undefined;
/** The body of a route's answer; `undefined` where the map names none. */
type ResponseBody<Entry> = Entry extends {
    res: infer Body;
} ? Body : undefined;
/** The arguments of a call: the body may be left out where it may be `undefined`. */
type CallArguments<Body, Options> = undefined extends Body ? [body?: Body, options?: Options] : [body: Body, options?: Options];
/** Settings of one notify. */
interface NotifyOptions {
    /** Takes the message back, if it still waits for a connection. */
    signal?: AbortSignal;
    /** What becomes of it while there is no connection. Default: the option of `connect`. */
    queue?: Queue;
}
/** Settings of one request. */
interface RequestOptions extends NotifyOptions {
    /** Time for the answer in milliseconds, waiting for a connection included; `Infinity` never ends it. Default: `requestTimeoutMs` of `connect`. */
    timeoutMs?: number;
}
/** Settings of {@link Client.pushes}. */
interface PushesOptions {
    /** Ends the iterator. */
    signal?: AbortSignal;
    /** Pushes that wait for the loop at most; the oldest are dropped beyond that, and counted. Default: 256. */
    buffer?: number;
}
/** Pushes for a `for await` loop. */
interface PushIterator<Body> extends AsyncIterableIterator<Body> {
    /** Pushes that came too fast for the loop and were dropped. */
    readonly dropped: number;
}
/** Where a client stands. */
type State = 
/** The first connection is being made. */
{
    readonly kind: 'connecting';
}
/** Messages go both ways. */
 | {
    readonly kind: 'connected';
    readonly serializer: string;
}
/**
 * The connection was lost and is tried again: this is attempt number `attempt`, which starts in `nextInMs` milliseconds, counted from the change of
 * state, or is being made. A pause, and being offline, put it off.
 */
 | {
    readonly kind: 'reconnecting';
    readonly attempt: number;
    readonly nextInMs: number | undefined;
    readonly cause: CloseReason;
}
/** It is over; `exhausted` says that the client would have come back and had no attempt left. */
 | {
    readonly kind: 'closed';
    readonly reason: CloseReason;
    readonly exhausted: boolean;
};
/**
 * A connection to a Pitaya server that comes back by itself. Made by `connect`.
 *
 * What a listener throws is reported as an exception of an event listener is; other listeners still run.
 */
interface Client<Routes = AnyRoutes, Pushes = AnyPushes> extends AsyncDisposable {
    /**
     * Sends a request; resolves to its answer.
     *
     * Rejects with `ServerError` for an answer that is an error, `TimeoutError`, `DisconnectedError`, `NotSentError`, `DecodeError`, or the reason of the signal.
     */
    request<Route extends keyof Routes & string>(route: Route, ...call: CallArguments<RequestBody<Routes[Route]>, RequestOptions>): Promise<ResponseBody<Routes[Route]>>;
    /**
     * Sends a message without answer. Resolves when it was handed to the network, and rejects as a request does where it could not be; nobody has
     * to look at that.
     */
    notify<Route extends keyof Routes & string>(route: Route, ...call: CallArguments<RequestBody<Routes[Route]>, NotifyOptions>): Promise<void>;
    /**
     * Hears pushes on a route. They come in the order in which the server has sent them.
     *
     * @returns takes the listener back
     */
    on<Route extends keyof Pushes & string>(route: Route, listener: (body: Pushes[Route]) => void): () => void;
    /** Hears the next push on a route. */
    once<Route extends keyof Pushes & string>(route: Route, listener: (body: Pushes[Route]) => void): () => void;
    /** Hears all pushes, also those that nobody else hears. */
    onAny(listener: (route: string, body: any) => void): () => void;
    /** Pushes on a route as an iterator, from now on. It ends, after what has come, when the client is closed, and at once with the signal. */
    pushes<Route extends keyof Pushes & string>(route: Route, options?: PushesOptions): PushIterator<Pushes[Route]>;
    /** Where the client stands. */
    readonly state: State;
    /** Hears changes of the state. */
    onState(listener: (state: State, previous: State) => void): () => void;
    /** The round trip in milliseconds; `undefined` before it is known. */
    readonly rtt: number | undefined;
    /** What the round trip is measured by. Heartbeats are the network alone; with servers that do not return them it is the fastest requests. */
    readonly rttSource: 'heartbeat' | 'requests' | undefined;
    /** Answers that no request waited for: `late` came after a time-out or an abort, `unknown` were never asked for. */
    readonly unmatched: {
        readonly late: number;
        readonly unknown: number;
    };
    /** The parsed body of the server's last handshake, with whatever it says besides. */
    readonly handshake: unknown;
    /** Stops reconnecting, and does not take the server's silence for a lost connection. For an application that goes to the background. */
    pause(): void;
    /** The end of a pause: looks whether the connection is still alive, or makes a new one at once. */
    resume(): void;
    /** Makes the attempt that waits for its time now. */
    reconnectNow(): void;
    /** Lets the calls go that waited for the connection, under `holdQueue`. */
    release(): void;
    /** Called with each message of the connection in readable form. Set it to see what goes over the wire, and to `undefined` again. */
    trace: ((line: TraceLine) => void) | undefined;
    /** Closes the connection for good. What waits is rejected. Resolves when the server has closed as well, after a second at most. */
    close(): Promise<void>;
}

/** Connects to a server. */
interface Connect {
    /**
     * Connects to a Pitaya server; resolves when messages can go both ways. From then on the client reconnects by itself.
     *
     * ```ts
     * interface Routes {
     *   'room.join': { req: { name: string }; res: { members: string[] } };
     * }
     * interface Pushes {
     *   onLine: { from: string; text: string };
     * }
     * const client = await connect<Routes, Pushes>('wss://play.example/ws');
     * client.on('onLine', ({ from, text }) => console.log(`${from}: ${text}`));
     * const { members } = await client.request('room.join', { name: 'ada' });
     * ```
     *
     * Rejects with `ConnectError`, or with the reason of the signal.
     *
     * @param url where the server listens: `wss://`, or `ws://` without encryption
     */
    <Routes = AnyRoutes, Pushes = AnyPushes>(url: string | URL, options?: ConnectOptions): Promise<Client<Routes, Pushes>>;
}

/** What everything that this package rejects with has in common; only an abort rejects with the signal's own reason, as `fetch` does. */
declare class PitayaError extends Error {
    /** What went wrong, for programs; see each kind. The general kind has `internal`: a fault of this package. */
    readonly code: string;
    /** Whether the same may work later, without a change of what was asked. */
    readonly retryable: boolean;
    /** What this error comes from, where there is something. */
    readonly cause?: unknown;
    /** @internal */
    constructor(name: string, message: string, code: string, retryable: boolean, particulars?: object);
}
/** The server answered a request with an error. `code` and `message` are the server's; `PIT-404`, for example, is a route that it does not have. */
declare class ServerError extends PitayaError {
    /** What the server says besides, by name. */
    readonly metadata: Readonly<Record<string, string>>;
}
/** No answer came in time; one that comes later is dropped and counted in `unmatched`. The code is `timeout`. */
declare class TimeoutError extends PitayaError {
    /** Whether the request had been handed to the network, so that the server may have acted on it. */
    readonly sent: boolean;
    /** The time that it had, in milliseconds. */
    readonly afterMs: number;
}
/** The connection ended before the answer came. The code is `disconnected`. */
declare class DisconnectedError extends PitayaError {
    /** Whether the message had been handed to the network, so that the server may have acted on it. */
    readonly sent: boolean;
    /** How the connection ended. */
    readonly reason: CloseReason;
}
/**
 * The message was never given to the network. The code says why: `not-connected`; `queue-full` and `expired` for one that was to wait for the
 * connection; `superseded` by a later one under `latestOnly`; `too-large` for a body over 16,777,215 bytes; `route` for a route over 255 bytes;
 * `encode` for a body that the codec cannot write, with its exception as `cause`.
 */
declare class NotSentError extends PitayaError {
}
/**
 * `connect` gave no client. The code says why: `url` for an address that is none; `no-websocket` where the platform has none and the option
 * was not given; `user` when the handshake's `user` could not be made; `unreachable`; `refused` by the server; `closed` for a connection that
 * ended otherwise before it was usable; `module` when the client's own file could not be loaded, `build` when it belongs to another version.
 */
declare class ConnectError extends PitayaError {
    /** How the connection ended, if there was one. */
    readonly reason?: CloseReason;
    /** @internal */
    constructor(code: string, message: string, retryable: boolean, particulars?: object);
}
/** The body of an answer or a push cannot be read. The code is `decode`, and `cause` is the codec's exception. */
declare class DecodeError extends PitayaError {
    /** @internal */
    constructor(route: string, cause: unknown);
}

/**
 * How a test server reads requests and writes answers. `json` and `bytes` of the package are such, and `protobuf(..).server` of
 * `pitaya-client/protobuf` is.
 */
interface ServerCodec {
    /** The name that the handshake gives to clients; `json` where it is undefined. */
    readonly name: string | undefined;
    /** The body of an answer or a push. */
    encode(route: string, body: unknown, kind: 'response' | 'push'): Uint8Array;
    /** The body of a request or a notify. */
    decode(route: string, bytes: Uint8Array, kind: string): unknown;
}

/** The extensions of the wire that this client knows; their place is their bit (capabilities.rs). */
declare const CAPABILITIES: readonly ["close-reason", "push-dict", "many-per-frame", "heartbeat-echo"];

/** How a test server ends a connection, or turns a client away: what the client reads from it. */
interface Ending {
    /**
     * The number of the close. The hundreds decide what a client does: it comes back after 100 to 399, and stays away after all others. Numbers
     * and texts only reach clients with the capability `close-reason`, which this package's client has.
     */
    code?: number;
    /** The same for people; by default the text that belongs to the code. */
    reason?: string;
    /** The earliest time to come back, in milliseconds from the close. */
    retryAfterMs?: number;
    /** Where to come back to. */
    endpoint?: string;
}

/** What clients say in their handshake. */
interface Handshake {
    /** The client's library and build. */
    readonly sys: Readonly<Record<string, unknown>>;
    /** What the application says of its user. */
    readonly user?: Readonly<Record<string, unknown>>;
}
/** A client that a test server has taken in, until its connection ends. */
interface Session<Pushes = AnyPushes> {
    /** What the client said in its handshake. */
    readonly handshake: Handshake;
    /** What the client's `user` option gave for this connection. */
    readonly user: Handshake['user'];
    /** Whether the connection has ended. What is sent to it afterwards goes nowhere. */
    readonly closed: boolean;
    /**
     * Sends a push. Before the client is through with its handshake it waits until then.
     *
     * @throws RangeError for a route over 255 bytes and for a body over 16,777,215 bytes
     */
    push<Route extends keyof Pushes & string>(route: Route, body: Pushes[Route]): void;
    /** Kicks the client, which then stays away: its state is `closed` and the reason says `kicked`. */
    kick(reason?: string | Ending): void;
    /** Ends the connection with a close; without a code it is one after which the client stays away. */
    close(ending?: Ending): void;
    /** Breaks this connection as a lost network does; the client reconnects as its options say. */
    drop(): void;
}

/** Settings of a test server. */
interface TestServerOptions {
    /** Time between heartbeats in milliseconds; 0, the default, is none. */
    heartbeatMs?: number;
    /** Short codes for routes, 1 to 65535; none by default. */
    dictionary?: Readonly<Record<string, number>>;
    /** How bodies are read and written. Default: `json`. */
    codec?: ServerCodec;
    /** Whether bodies and the handshake are deflated where that is shorter, as by a Go Pitaya server. Default: false. */
    compression?: boolean;
    /** The extensions that clients are granted; all by default, none for a server of the family. */
    capabilities?: readonly Capability[];
}
/** An extension of the family's wire. */
type Capability = (typeof CAPABILITIES)[number];
/** How clients are turned away: always alike, or as a function of what they say decides. */
type Refusal = Ending | ((handshake: Handshake) => Ending | undefined);
/** What a handler returns: nothing where the map of routes names no answer. */
type Answer<Body> = undefined extends Body ? Body | void : Body;
/** A Pitaya server inside the test. Made by {@link createTestServer}. */
interface TestServer<Routes = AnyRoutes, Pushes = AnyPushes> {
    /** For the option `WebSocket` of `connect`; whatever the URL is, this server answers. */
    readonly WebSocket: WebSocketConstructor;
    /** The clients that are connected, the longest connected first. */
    readonly sessions: readonly Session<Pushes>[];
    /** How long a message takes each way, in milliseconds. Default 0: it arrives in a microtask, whatever fake timers do. */
    latency: number;
    /**
     * Serves a request: what the handler returns, or what its promise resolves to, is the answer. A {@link ServerFault} that it throws becomes the
     * client's `ServerError`; anything else that it throws is answered with code `PIT-000`, as a server does. A route without handler is answered with
     * `PIT-404`.
     *
     * @returns takes the handler back
     */
    handle<Route extends keyof Routes & string>(route: Route, handler: (body: RequestBody<Routes[Route]>, session: Session<Pushes>) => Answer<ResponseBody<Routes[Route]>> | Promise<Answer<ResponseBody<Routes[Route]>>>): () => void;
    /**
     * Hears notifies. One without listener is ignored, as by a server.
     *
     * @returns takes the listener back
     */
    onNotify<Route extends keyof Routes & string>(route: Route, listener: (body: RequestBody<Routes[Route]>, session: Session<Pushes>) => void): () => void;
    /** Sends a push to everyone. */
    broadcast<Route extends keyof Pushes & string>(route: Route, body: Pushes[Route]): void;
    /** From now on requests are answered so many milliseconds late; 0 ends that. */
    delay(ms: number): void;
    /**
     * From now on clients are turned away in the handshake; {@link TestServer.admit} ends that. With a function only those for whom it returns
     * something are. Without a code it is one after which clients stay away.
     */
    refuse(refusal?: Refusal): void;
    /** From now on clients are taken in again. */
    admit(): void;
    /** Breaks every connection as a lost network does. Clients reconnect as their options say. */
    drop(): void;
    /** Shuts the server down: clients are told, and cannot connect until {@link TestServer.start}. */
    stop(ending?: Ending): void;
    /** From now on clients can connect again. */
    start(): void;
}

/** Thrown by a handler of a test server: the client's request rejects with a `ServerError` that says the same. */
declare class ServerFault extends Error {
    readonly code: string;
    readonly metadata: Readonly<Record<string, string>>;
    readonly name = "ServerFault";
    /**
     * @param code what programs tell errors apart by, such as `PIT-404` or one of the game's own
     * @param message for people
     * @param metadata details for programs
     */
    constructor(code: string, message?: string, metadata?: Readonly<Record<string, string>>);
}

export { CloseCode, ConnectError, DecodeError, DisconnectedError, NotSentError, PitayaError, ServerError, ServerFault, TimeoutError, bytes, json };
export type { Answer, AnyPushes, AnyRoutes, CallArguments, Capability, Client, ClientInfo, CloseReason, Codec, Connect, ConnectOptions, Ending, ErrorBody, Handshake, LatestOnly, NotifyOptions, PushIterator, PushesOptions, Queue, QueueLimits, ReconnectOptions, Refusal, RequestBody, RequestOptions, ResponseBody, ServerCodec, Session, SocketLike, State, TestServer, TestServerOptions, TraceLine, TracePacket, WebSocketConstructor };
