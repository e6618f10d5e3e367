// What short programs in the documents take for granted.

import type { Client } from 'pitaya-client';

declare global {
  interface Routes {
    'room.join': { req: { name: string }; res: { members: string[] } };
    'room.say': { req: { text: string }; res: undefined };
    'room.move': { req: { x: number; y: number } };
  }

  interface Pushes {
    onLine: { from: string; text: string };
  }

  const client: Client<Routes, Pushes>;
  const url: string;
  const freshToken: () => Promise<string>;
  const show: (text: string) => void;
  const renew: () => void;
}
