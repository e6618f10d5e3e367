// A short conversation with the protobuf server of `pitaya-conformance-server --profile sdk`.

import { connect, ServerError } from 'pitaya-client';
import { WebSocket } from 'ws';

import { codec, type Pushes, type Routes } from './contract.js';

/** Talks to the server at `url` and says line by line what came of it. */
export async function converse(url: string, say: (line: string) => void): Promise<void> {
  // Node 22 has a WebSocket of its own.
  const client = await connect<Routes, Pushes>(url, { codec, WebSocket });
  try {
    const { data } = await client.request('connector.getsessiondata');
    say(`the session's data: ${data}`);

    const { code, msg } = await client.request('connector.setsessiondata', { data: 'äöü' });
    say(`set: ${code} ${msg}`);

    const push = new Promise<void>((resolve) => {
      client.once('some.push.route', (pushed) => {
        say(`pushed: ${pushed.data}`);
        resolve();
      });
    });
    await client.notify('connector.notifysessiondata', { data: 'push, please' });
    await push;

    try {
      await client.request('connector.missing');
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      say(`an error: ${error.code} ${error.message}`);
    }
  } finally {
    await client.close();
  }
}
