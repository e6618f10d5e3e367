// Reaching a server, and what keeps a client from it.

import { equal, fails, holds } from './expect.js';
import { deadline, lose, until, type Scenario } from './setting.js';
import { watched } from './sockets.js';

const scenarios: Record<string, Scenario> = {
  connect: async (setting) => {
    const client = await setting.connect('sdk');
    equal(client.state, { kind: 'connected', serializer: 'json' });
    await client.close();
    const { kind, reason } = await until(client, 'closed');
    equal([kind, reason.code, reason.origin], ['closed', 0, 'local']);
  },

  'user-data': async (setting) => {
    const client = await setting.connect('on-demand', {
      user: { age: 30 },
      clientInfo: { platform: 'mac', version: '2.1', build: '20' },
    });
    const { sys, user } = await client.request('mock.handshake');
    equal(user, { age: 30 });
    equal([sys.platform, sys.clientVersion, sys.clientBuildNumber], ['mac', '2.1', '20']);
    holds(sys.libVersion, 'the client does not tell its own version');
  },

  'user-anew': async (setting) => {
    let attempt = 0;
    const client = await setting.connect('on-demand', { user: async () => ({ attempt: ++attempt }) });
    equal((await client.request('mock.handshake')).user, { attempt: 1 });
    await lose(client);
    await until(client, 'connected');
    equal((await client.request('mock.handshake')).user, { attempt: 2 });
  },

  'user-function-fails': async (setting) => {
    const cause = new Error('the token service is away');
    const connecting = setting.connect('on-demand', { user: () => Promise.reject(cause) });
    const error = await fails(connecting, setting.pitaya.ConnectError);
    holds(error.cause === cause, 'the cause is another one');
  },

  'bad-url': async (setting) => {
    const address = setting.peer('on-demand').replace('ws:', 'http:');
    const connecting = setting.pitaya.connect(address, setting.options());
    const error = await fails(connecting, setting.pitaya.ConnectError);
    holds(error.message.includes('ws://') && error.message.includes(address), error.message);
    equal(error.retryable, false, 'retryable');
  },

  unreachable: async (setting) => {
    const error = await fails(setting.connect('nothing'), setting.pitaya.ConnectError);
    holds(error.message.includes(setting.peer('nothing')), error.message);
    equal(error.retryable, true, 'retryable');
  },

  'first-attempt-repeated': async (setting) => {
    const { sockets, options } = watched(setting);
    const reconnect = { first: true, attempts: 2, baseMs: 10 };
    const connecting = setting.connect('nothing', { ...options, reconnect });
    await fails(deadline('the last attempt', connecting), setting.pitaya.ConnectError);
    equal(sockets.length, 3, 'attempts');
  },

  'connect-aborted': async (setting) => {
    const abort = new AbortController();
    const { first, options } = watched(setting);
    const connecting = setting.connect('slow-handshake/30s', { ...options, signal: abort.signal });
    const socket = await deadline('a socket', first);
    socket.addEventListener('open', () => abort.abort());
    const error = await fails(deadline('the end', connecting), Error);
    equal(error.name, 'AbortError');
    // The peer is asleep, so that the close is not answered for a long time.
    holds(socket.readyState >= socket.CLOSING, 'the socket is open');
  },

  'handshake-timeout': async (setting) => {
    const connecting = setting.connect('slow-handshake/30s', { timeoutMs: 100 });
    const error = await fails(connecting, setting.pitaya.ConnectError);
    equal([error.reason?.code, error.retryable], [103, true]);
  },

  'slow-handshake': async (setting) => {
    await setting.connect('slow-handshake');
  },

  'drop-on-ack': async (setting) => {
    const reconnect = { attempts: 2, baseMs: 10, first: true };
    const { reason, exhausted } = await setting.ending('drop-on-ack', { reconnect });
    // A browser does not tell a reset from a stream that ended.
    holds([100, 101].includes(reason.code) && !reason.kicked, `ended with ${reason.code}`);
    holds(exhausted !== false, 'the attempts were not exhausted');
  },

  'split-frames': async (setting) => {
    const client = await setting.connect('split-frames');
    for (const body of ['', 'one', 'another']) equal(await client.request('a.b', body), body);
  },
};

export default scenarios;
