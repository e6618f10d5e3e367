/**
 * How a test server reads requests and writes answers. `json` and `bytes` of the package are such, and `protobuf(..).server` of
 * `pitaya-client/protobuf` is.
 */
export interface ServerCodec {
  /** The name that the handshake gives to clients; `json` where it is undefined. */
  readonly name: string | undefined;
  /** The body of an answer or a push. */
  encode(route: string, body: unknown, kind: 'response' | 'push'): Uint8Array;
  /** The body of a request or a notify. */
  decode(route: string, bytes: Uint8Array, kind: string): unknown;
}
