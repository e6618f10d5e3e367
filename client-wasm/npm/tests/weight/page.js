// The page's own few lines: a client that is told by its test what to do. `client.js` is the bundle that is weighed.

import { connect } from './client.js';

let client;
let pushes;

const state = (kind) =>
  new Promise((resolve, reject) => {
    const see = () => {
      if (client.state.kind === kind) resolve();
      if (client.state.kind === 'closed') reject(new Error(JSON.stringify(client.state)));
    };
    client.onState(see);
    see();
  });

async function talk(text) {
  const pushed = pushes.next();
  await client.notify('room.say', text);
  const answer = await client.request('room.ask', text);
  await client.request('mock.push', text);
  return { answer, push: (await pushed).value, received: await client.request('mock.received') };
}

globalThis.told = {
  async begin(url) {
    client = await connect(url, { reconnect: { baseMs: 20 } });
    pushes = client.pushes('onPush');
    return talk('before');
  },
  /** The server cuts the connection, and the client comes back. */
  async again() {
    const lost = state('reconnecting');
    await client.notify('mock.drop', null);
    await lost;
    await state('connected');
    return talk('after');
  },
  end: () => client.close(),
};
