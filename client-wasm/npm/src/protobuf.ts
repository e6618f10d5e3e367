/**
 * Protobuf bodies, with the schemas and functions of protobuf-es (`@bufbuild/protobuf` 2, which this package does not depend on).
 *
 * @module
 */

import type { Codec } from './codec.js';
import type { ServerCodec } from './testing/codec.js';
import { readError } from './protobuf/error.js';

/** The functions of protobuf-es: `import * as library from '@bufbuild/protobuf'`, or `{ toBinary, fromBinary, create }` of it. */
export interface ProtobufLibrary {
  /* eslint-disable @typescript-eslint/no-explicit-any */
  /** Writes a message. */
  toBinary(schema: any, message: any): Uint8Array;
  /** Reads a message. */
  fromBinary(schema: any, bytes: Uint8Array): unknown;
  /** Makes a message of a plain object, and gives a message back as it is. Without it bodies have to be messages already. */
  create?(schema: any, init?: any): unknown;
  /* eslint-enable */
}

/** The schema of a message: its generated constant, such as `SessionDataSchema`. */
export type SchemaOf<Message> = Message extends { readonly $typeName: infer Name } ? { readonly typeName: Name } : object;

/** Which schema a route's bodies have. */
export interface Schemas<Routes, Pushes> {
  /** Of requests and notifies. A route without answer, or without body, needs no schema for it. */
  readonly routes: {
    readonly [Route in keyof Routes]: Routes[Route] extends { req?: infer Request; res?: infer Response }
      ? { readonly req?: SchemaOf<Request>; readonly res?: SchemaOf<Response> }
      : never;
  };
  /** Of pushes. */
  readonly pushes: { readonly [Route in keyof Pushes]: SchemaOf<Pushes[Route]> };
}

/** A codec for the client, with the server's counterpart for `pitaya-client/testing`. */
export interface ProtobufCodec extends Codec {
  /** The option `codec` of a test server. */
  readonly server: ServerCodec;
}

type AnySchemas = {
  readonly routes: Readonly<Record<string, { readonly req?: object; readonly res?: object } | undefined>>;
  readonly pushes: Readonly<Record<string, object | undefined>>;
};

const EMPTY = new Uint8Array();

/**
 * A codec that writes and reads each route's bodies by its schema.
 *
 * ```ts
 * import * as library from '@bufbuild/protobuf';
 * import { protobuf } from 'pitaya-client/protobuf';
 *
 * const codec = protobuf<Routes, Pushes>(
 *   { routes: { 'room.join': { req: JoinSchema, res: MembersSchema } }, pushes: { onLine: LineSchema } },
 *   library,
 * );
 * const client = await connect<Routes, Pushes>(url, { codec });
 * ```
 *
 * A body that is `undefined` is an empty message. A push or an answer that has no schema is given as its bytes.
 *
 * @param schemas one for each route
 * @param library protobuf-es
 */
export function protobuf<Routes, Pushes>(schemas: Schemas<Routes, Pushes>, library: ProtobufLibrary): ProtobufCodec {
  // Names from the network are looked up: they must not find what every object has.
  const routes = new Map(Object.entries((schemas as AnySchemas).routes));
  const pushes = new Map(Object.entries((schemas as AnySchemas).pushes));

  const write = (route: string, schema: object | undefined, body: unknown): Uint8Array => {
    if (body === undefined) return EMPTY;
    if (schema === undefined) {
      if (body instanceof Uint8Array) return body;
      throw new TypeError(`the route ${route} has no schema for this body: name one in the codec's schemas`);
    }
    return library.toBinary(schema, library.create ? library.create(schema, body) : body);
  };
  const read = (schema: object | undefined, bytes: Uint8Array): unknown => (schema === undefined ? bytes : library.fromBinary(schema, bytes));

  return {
    name: 'protobuf',
    encode: (route, body) => write(route, routes.get(route)?.req, body),
    decode: (route, bytes, kind) => read(kind === 'push' ? pushes.get(route) : routes.get(route)?.res, bytes),
    decodeError: readError,
    server: {
      name: 'protobuf',
      encode: (route, body, kind) => write(route, kind === 'push' ? pushes.get(route) : routes.get(route)?.res, body),
      decode: (route, bytes) => read(routes.get(route)?.req, bytes),
    },
  };
}
