/** How bodies are written and read. `json` and `bytes` are such; `pitaya-client/protobuf` makes one. */
export interface Codec {
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
export interface ErrorBody {
  /** The server's code, such as `PIT-404`. */
  readonly code?: string;
  /** Its text for people. */
  readonly msg?: string;
  /** What it says besides. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The value of a JSON text. */
export const readJson = (bytes: Uint8Array): any => JSON.parse(new TextDecoder().decode(bytes));
/** The UTF-8 of a text; nothing for none. */
export const utf8 = (text?: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** Bodies as JSON, the default. What has no JSON form, such as `undefined`, is written as an empty body, which is read as `undefined`. */
export const json: Codec & { decodeError(bytes: Uint8Array): ErrorBody } = {
  name: 'json',
  encode: (_, body) => utf8(JSON.stringify(body)),
  decode: (_, bytes) => (bytes.length ? readJson(bytes) : undefined),
  decodeError: (bytes) => readJson(bytes) ?? {},
};

/** Bodies as they are: `Uint8Array` in both directions, whatever the server's serializer is. */
export const bytes: Codec = {
  name: undefined,
  encode: (_, body = new Uint8Array()) => {
    if (!ArrayBuffer.isView(body)) throw new TypeError('the codec bytes takes a Uint8Array');
    return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  },
  decode: (_, body) => body,
};
