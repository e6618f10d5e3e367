// What this program says to the server: the types for the compiler, the schemas for the codec.

import * as library from '@bufbuild/protobuf';
import { protobuf } from 'pitaya-client/protobuf';

import type { Response, SessionData } from './messages/connector_pb.js';
import { ResponseSchema, SessionDataSchema } from './messages/connector_pb.js';

/** A message as one writes it: without the members that say which message it is. */
type Init<Message> = Omit<Message, '$typeName' | '$unknown'>;

export interface Routes {
  'connector.getsessiondata': { req: undefined; res: SessionData };
  'connector.setsessiondata': { req: Init<SessionData>; res: Response };
  'connector.notifysessiondata': { req: Init<SessionData>; res: undefined };
  'connector.missing': { req: undefined; res: Response };
}

export interface Pushes {
  'some.push.route': SessionData;
}

export const codec = protobuf<Routes, Pushes>(
  {
    routes: {
      'connector.getsessiondata': { res: SessionDataSchema },
      'connector.setsessiondata': { req: SessionDataSchema, res: ResponseSchema },
      'connector.notifysessiondata': { req: SessionDataSchema },
      'connector.missing': { res: ResponseSchema },
    },
    pushes: { 'some.push.route': SessionDataSchema },
  },
  library,
);
