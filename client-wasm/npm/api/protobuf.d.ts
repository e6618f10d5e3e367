import { Codec } from './index.js';
import { ServerCodec } from './testing.js';

/**
 * Protobuf bodies, with the schemas and functions of protobuf-es (`@bufbuild/protobuf` 2, which this package does not depend on).
 *
 * @module
 */

/** The functions of protobuf-es: `import * as library from '@bufbuild/protobuf'`, or `{ toBinary, fromBinary, create }` of it. */
interface ProtobufLibrary {
    /** Writes a message. */
    toBinary(schema: any, message: any): Uint8Array;
    /** Reads a message. */
    fromBinary(schema: any, bytes: Uint8Array): unknown;
    /** Makes a message of a plain object, and gives a message back as it is. Without it bodies have to be messages already. */
    create?(schema: any, init?: any): unknown;
}
/** The schema of a message: its generated constant, such as `SessionDataSchema`. */
type SchemaOf<Message> = Message extends {
    readonly $typeName: infer Name;
} ? {
    readonly typeName: Name;
} : object;
/** Which schema a route's bodies have. */
interface Schemas<Routes, Pushes> {
    /** Of requests and notifies. A route without answer, or without body, needs no schema for it. */
    readonly routes: {
        readonly [Route in keyof Routes]: Routes[Route] extends {
            req?: infer Request;
            res?: infer Response;
        } ? {
            readonly req?: SchemaOf<Request>;
            readonly res?: SchemaOf<Response>;
        } : never;
    };
    /** Of pushes. */
    readonly pushes: {
        readonly [Route in keyof Pushes]: SchemaOf<Pushes[Route]>;
    };
}
/** A codec for the client, with the server's counterpart for `pitaya-client/testing`. */
interface ProtobufCodec extends Codec {
    /** The option `codec` of a test server. */
    readonly server: ServerCodec;
}
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
declare function protobuf<Routes, Pushes>(schemas: Schemas<Routes, Pushes>, library: ProtobufLibrary): ProtobufCodec;

export { protobuf };
export type { ProtobufCodec, ProtobufLibrary, SchemaOf, Schemas };
