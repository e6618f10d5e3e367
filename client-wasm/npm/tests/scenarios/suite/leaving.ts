// How connections end for good, and who says so.

import { equal, fails, holds } from './expect.js';
import { deadline, elapsed, eventually, until, type Scenario } from './setting.js';

const scenarios: Record<string, Scenario> = {
  'heartbeats-are-life': async (setting) => {
    const client = await setting.connect('silent/1s');
    await elapsed(5_000);
    equal(client.state.kind, 'connected');
  },

  kick: async (setting) => {
    const { reason, exhausted } = await setting.ending('kick');
    equal([reason.code, reason.origin, reason.kicked, exhausted ?? false], [500, 'peer', true, false]);
  },

  'kick-with-pomelos-reason': async (setting) => {
    const { reason } = await setting.ending('kick-with-reason', { capabilities: [] });
    equal([reason.code, reason.reason, reason.kicked], [500, 'kicked by the script', true]);
  },

  'kick-with-reason': async (setting) => {
    const { reason } = await setting.ending('kick-with-reason');
    equal([reason.code, reason.reason, reason.kicked], [501, 'kicked by the script', true]);
  },

  'kick-with-unknown-code': async (setting) => {
    const client = await setting.connect('on-demand');
    await client.notify('mock.kick', { code: 777, reason: 'unheard of' });
    const { reason } = await until(client, 'closed');
    equal([reason.code, reason.reason, reason.kicked], [777, 'unheard of', true]);
  },

  garbage: async (setting) => {
    const { reason } = await setting.ending('garbage');
    equal([reason.code, reason.origin, reason.kicked], [400, 'fault', false]);
  },

  'half-frame': async (setting) => {
    const { reason } = await setting.ending('half-frame');
    equal([reason.code, reason.origin], [400, 'fault']);
  },

  'reconnect-off': async (setting) => {
    const client = await setting.connect('on-demand', { reconnect: false });
    const closed = until(client, 'closed');
    await client.notify('mock.drop', null);
    holds([100, 101].includes((await closed).reason.code), 'another reason');
    const error = await fails(client.request('a.b', 1, { queue: 'wait' }), setting.pitaya.NotSentError);
    equal(error.code, 'not-connected');
  },

  'attempts-exhausted': async (setting) => {
    const client = await setting.connect('restarted', { reconnect: { attempts: 2, baseMs: 10 } });
    await setting.control('stop');
    try {
      const { reason, exhausted } = await until(client, 'closed');
      equal([exhausted, reason.kicked], [true, false]);
    } finally {
      await setting.control('start');
    }
  },

  'close-with-calls': async (setting) => {
    const other = await setting.connect('on-demand');
    const ends = async (): Promise<string[]> => other.request('mock.ends');
    const before = (await ends()).length;
    const client = await setting.connect('on-demand');
    const inFlight = fails(client.request('mock.silent'), setting.pitaya.DisconnectedError);
    await client.close();
    equal((await deadline('the end of the call', inFlight)).reason.origin, 'local');
    const { reason, exhausted } = await until(client, 'closed');
    equal([reason.code, reason.origin, exhausted], [0, 'local', false]);
    await eventually('a close in order', async () => (await ends()).slice(before).includes('closed 1000'));
  },
};

export default scenarios;
