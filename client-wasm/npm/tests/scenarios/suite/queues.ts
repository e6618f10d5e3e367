// Calls while there is no connection.

import type { ConnectOptions } from 'pitaya-client';
import { equal, fails } from './expect.js';
import { lose, until, type AnyClient, type Scenario, type Setting } from './setting.js';

/** A client that has lost its connection, and makes no attempt before it is resumed. */
async function stranded(setting: Setting, options: ConnectOptions = {}): Promise<AnyClient> {
  const client = await setting.connect('on-demand', options);
  client.pause();
  await lose(client);
  return client;
}

/** What came on the connection, as `route body`. */
async function received(client: AnyClient): Promise<string[]> {
  const messages: { route: string; body: string }[] = await client.request('mock.received');
  return messages.map(({ route, body }) => `${route} ${body}`);
}

const scenarios: Record<string, Scenario> = {
  'queue-fail': async (setting) => {
    const client = await stranded(setting);
    for (const call of [client.request('a.b', 1), client.notify('a.b', 1)]) {
      const error = await fails(call, setting.pitaya.NotSentError);
      equal([error.code, error.retryable], ['not-connected', true]);
    }
  },

  'queue-wait': async (setting) => {
    const client = await stranded(setting);
    const queue = 'wait';
    const calls = [client.notify('a.b', 1, { queue }), client.request('a.b', 2, { queue }), client.notify('a.b', 3, { queue })];
    client.resume();
    equal(await Promise.all(calls), [undefined, 2, undefined]);
    equal(await received(client), ['a.b 1', 'a.b 2', 'a.b 3']);
  },

  'queue-latest': async (setting) => {
    const client = await stranded(setting);
    const set = (body: string, latestOnly: string) => client.notify('pos.set', body, { queue: { latestOnly } });
    const old = fails(set('old', 'me'), setting.pitaya.NotSentError);
    const others = [set('other', 'pet'), set('new', 'me')];
    equal((await old).code, 'superseded');
    client.resume();
    await Promise.all(others);
    equal(await received(client), ['pos.set "other"', 'pos.set "new"']);
  },

  'queue-limits': async (setting) => {
    const client = await stranded(setting);
    const queue = { items: 1, bytes: 100, ageMs: 50 };
    const call = (body: string) => fails(client.notify('a.b', body, { queue }), setting.pitaya.NotSentError);
    equal((await call('x'.repeat(101))).code, 'queue-full', 'too many bytes');
    const [first, second] = await Promise.all([call(''), call('')]);
    equal([first.code, second.code], ['expired', 'queue-full']);
  },

  'queue-held': async (setting) => {
    const client = await stranded(setting, { holdQueue: true });
    const waiting = client.notify('chat.say', 1, { queue: 'wait' });
    client.resume();
    await until(client, 'connected');
    await client.notify('room.join', 2);
    client.release();
    await waiting;
    equal(await received(client), ['room.join 2', 'chat.say 1']);
  },
};

export default scenarios;
