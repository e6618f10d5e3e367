// A consumer's program. The compiler is the test: it must take this file as it is, and refuse what a line below says is wrong.

import { CloseCode, type Client, connect, type ConnectOptions, DisconnectedError, ServerError, type State } from 'pitaya-client';
import { connect as connectInline } from 'pitaya-client/inline';
import { connect as connectWithoutWasm } from 'pitaya-client/js';
import { createTestServer } from 'pitaya-client/testing';
import { usePitaya, usePush } from 'pitaya-client/react';
import { protobuf } from 'pitaya-client/protobuf';

interface Line {
  from: string;
  text: string;
}

interface Routes {
  'room.join': { req: { name: string }; res: { members: string[] } };
  'room.leave': { res: { ok: boolean } };
  'room.say': { req: { text: string } };
}

interface Pushes {
  onLine: Line;
}

export async function talk(options: ConnectOptions): Promise<string[]> {
  const client = await connect<Routes, Pushes>('ws://localhost', options);
  const { members } = await client.request('room.join', { name: 'ada' }, { timeoutMs: 1000 });
  const { ok } = await client.request('room.leave');
  const nothing: undefined = await client.request('room.say', { text: 'hello' });
  await client.notify('room.say', { text: 'hello' });
  client.on('onLine', ({ from, text }: Line) => console.log(from, text, ok, nothing));
  for await (const { text } of client.pushes('onLine', { buffer: 8 })) if (text === '') break;

  // @ts-expect-error another body
  await client.request('room.join', { nick: 'ada' });
  // @ts-expect-error no body
  await client.request('room.join');
  // @ts-expect-error no such route
  await client.request('room.jion', { name: 'ada' });
  // @ts-expect-error no such member of the answer
  await client.request('room.leave').then(({ members }) => members);
  // @ts-expect-error another body
  await client.notify('room.say', { words: 'hello' });
  // @ts-expect-error no such push
  client.on('onWord', () => {});
  // @ts-expect-error no such member of the push
  client.on('onLine', ({ words }) => words);
  // @ts-expect-error no such option
  await connect('ws://localhost', { timeout: 1000 });
  // @ts-expect-error no such policy
  await client.notify('room.say', { text: 'hello' }, { queue: 'forget' });

  return members;
}

export function describe(state: State): string {
  if (state.kind === 'closed') return state.reason.code === CloseCode.Replaced ? 'signed in elsewhere' : state.reason.reason;
  if (state.kind === 'reconnecting') return `attempt ${state.attempt}`;
  // @ts-expect-error only a lost connection is tried again
  return state.attempt;
}

export function isLost(error: unknown): boolean {
  if (error instanceof ServerError) return error.metadata['room'] === undefined;
  return error instanceof DisconnectedError && error.sent && error.reason.code !== 0;
}

export function useRoom(): Client<Routes, Pushes> | undefined {
  const { client } = usePitaya((signal) => connect<Routes, Pushes>('ws://localhost', { signal }));
  usePush(client, 'onLine', ({ text }) => console.log(text));
  // @ts-expect-error no such push
  usePush(client, 'onWord', () => {});
  return client;
}

export const entries: (typeof connect)[] = [connectInline, connectWithoutWasm];
export const codec = protobuf({ routes: {}, pushes: {} }, { toBinary: () => new Uint8Array(), fromBinary: () => undefined });
createTestServer<Routes, Pushes>().handle('room.join', ({ name }) => ({ members: [name] }));
