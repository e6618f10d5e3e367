// Pushes and notifies.

import { equal, fails, holds } from './expect.js';
import { deadline, until, type AnyClient, type Scenario } from './setting.js';

/** The first pushes of a client that has just connected, as `route body`, until there are as many. */
function pushed(client: AnyClient, count: number): Promise<string[]> {
  const seen: string[] = [];
  const all = new Promise<string[]>((resolve) => {
    const off = client.onAny((route, body) => {
      seen.push(`${route} ${JSON.stringify(body)}`);
      if (seen.length < count) return;
      off();
      resolve(seen);
    });
  });
  return deadline(`a push number ${count}`, all);
}

const KEYS = '{"key1":10,"key2":true}';

const scenarios: Record<string, Scenario> = {
  notify: async (setting) => {
    const client = await setting.connect('on-demand');
    for (let number = 0; number < 10; number++) void client.notify('room.say', number);
    await client.notify('room.last', 'x');
    const received = await client.request('mock.received');
    const said = Array.from({ length: 10 }, (_, number) => ({ body: String(number), kind: 'notify', route: 'room.say' }));
    equal(received, [...said, { body: '"x"', kind: 'notify', route: 'room.last' }]);
  },

  'notify-to-nowhere': async (setting) => {
    const client = await setting.connect('sdk');
    await client.notify('connector.nowhere', {});
    await client.request('connector.getsessiondata');
  },

  'notify-unsent': async (setting) => {
    const client = await setting.connect('on-demand');
    await client.close();
    const error = await fails(client.notify('a.b', 1), setting.pitaya.NotSentError);
    equal(error.code, 'not-connected');
    // Nobody looks at this one, and that must not become an unhandled rejection.
    void client.notify('a.b', 2);
  },

  'push-then-answer': async (setting) => {
    const client = await setting.connect('sdk');
    const order: unknown[] = [];
    client.on('some.push.route', (body) => order.push(body));
    order.push(await client.request('connector.sendpush', {}));
    equal(order, [{ key1: 10, key2: true }, { Code: 200, Msg: 'Ok' }]);
  },

  'push-to-nobody': async (setting) => {
    const client = await setting.connect('on-demand');
    const seen = pushed(client, 1);
    client.on('onOther', () => holds(false, 'the wrong listener'));
    equal(await client.request('mock.push', 1), 1);
    equal(await seen, ['onPush 1']);
  },

  'push-overflow': async (setting) => {
    const client = await setting.connect('on-demand');
    const pushes = client.pushes('onPush', { buffer: 4 });
    for (let number = 0; number < 10; number++) await client.request('mock.push', number);
    const seen: number[] = [];
    await client.close();
    for await (const number of pushes) seen.push(number);
    equal(seen, [6, 7, 8, 9]);
    equal(pushes.dropped, 6, 'missed');
  },

  'listener-fails': async (setting) => {
    const client = await setting.connect('on-demand');
    const seen: unknown[] = [];
    client.on('onPush', () => {
      throw new Error('from a listener');
    });
    client.on('onPush', (body) => seen.push(body));
    client.onState(() => {
      throw new Error('from a state listener');
    });
    await client.request('mock.push', 1);
    equal(seen, [1]);
    await setting.uncaught('from a listener');
    equal(await client.request('a.b', 2), 2);
    await client.close();
    await setting.uncaught('from a state listener');
  },

  compressed: async (setting) => {
    const client = await setting.connect('compressed');
    const order: unknown[] = [];
    client.on('onCompressed', (body) => order.push(body));
    order.push(await client.request('a.b', {}));
    equal(order, [{ key1: 10, key2: true }, { isCompressed: false }]);
  },

  'push-bomb': async (setting) => {
    const client = await setting.connect('push-bomb');
    client.on('onBomb', () => holds(false, 'the bomb was inflated'));
    equal((await until(client, 'closed')).reason.code, 405);
  },

  'dictionary-pushes': async (setting) => {
    const client = await setting.connect('dictionary');
    const codes = Object.entries({ 'some.push.route': 2, onHigh: 515, onHighest: 65535 });
    const expected = codes.map(([route, code]) => `${route} {"code":${code},"route":"${route}"}`);
    equal(await pushed(client, 3), expected);
  },

  'unknown-route-code': async (setting) => {
    equal((await setting.ending('unknown-route-code')).reason.code, 402);
  },

  'many-packets-per-frame': async (setting) => {
    const client = await setting.connect('many-packets-per-frame');
    const pair = ['onFirst {"n":1}', 'onLast {"n":2}'];
    equal(await pushed(client, 2), pair);
    const order: unknown[] = [];
    client.on('onFirst', () => order.push('onFirst'));
    const last = new Promise<void>((resolve) => {
      client.once('onLast', () => {
        order.push('onLast');
        resolve();
      });
    });
    order.push(await client.request('a.b', 'mine'));
    await deadline('onLast', last);
    // An answer is told as a promise, whose turn comes after the frame's pushes.
    equal(order.indexOf('onFirst') < order.indexOf('onLast') && order.includes('mine') && order.length === 3, true, 'all');
    equal((await until(client, 'connected')).kind, 'connected');
  },

  'text-frame': async (setting) => {
    const client = await setting.connect('text-frame');
    const seen = pushed(client, 1);
    equal(await client.request('a.b', 'x'), 'x');
    equal(await seen, [`onText ${KEYS}`]);
  },
};

export default scenarios;
