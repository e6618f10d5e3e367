// Requests and what becomes of them.

import { equal, fails, holds } from './expect.js';
import { deadline, eventually, until, type Scenario } from './setting.js';

const scenarios: Record<string, Scenario> = {
  request: async (setting) => {
    const client = await setting.connect('sdk');
    const Data = { name: 'a \u{1F600} b', list: [1, 2.5, null] };
    equal(await client.request('connector.setsessiondata', { Data }), { Code: 200, Msg: 'success' });
    equal((await client.request('connector.getsessiondata')).Data.name, Data.name);
  },

  'many-requests': async (setting) => {
    const client = await setting.connect('on-demand');
    const numbers = Array.from({ length: 100 }, (_, number) => number);
    equal(await Promise.all(numbers.map((number) => client.request('a.b', number))), numbers);
  },

  'server-error': async (setting) => {
    const client = await setting.connect('on-demand');
    const payload = { code: 'ROOM-1', msg: 'no such room', metadata: { room: '7' } };
    const error = await fails(client.request('mock.fail', payload), setting.pitaya.ServerError);
    equal([error.code, error.message, error.metadata], ['ROOM-1', 'no such room', { room: '7' }]);
    equal(await client.request('a.b', 1), 1);
  },

  'unknown-route': async (setting) => {
    const client = await setting.connect('sdk');
    const error = await fails(client.request('connector.nowhere'), setting.pitaya.ServerError);
    equal(error.code, 'PIT-404');
    await client.request('connector.getsessiondata');
  },

  'request-timeout': async (setting) => {
    const client = await setting.connect('silent');
    const begin = performance.now();
    const error = await fails(client.request('a.b', 1, { timeoutMs: 100 }), setting.pitaya.TimeoutError);
    // Timers of browsers count whole milliseconds.
    holds(performance.now() - begin >= 99, 'too early');
    equal([error.sent, error.afterMs, error.retryable], [true, 100, true]);
    equal(client.state.kind, 'connected');
  },

  'late-response': async (setting) => {
    const client = await setting.connect('late-response');
    await fails(client.request('a.b', 'early', { timeoutMs: 50 }), setting.pitaya.TimeoutError);
    equal(await client.request('a.b', 'patient'), 'patient');
    equal(client.unmatched, { late: 1, unknown: 0 });
  },

  cancel: async (setting) => {
    const client = await setting.connect('late-response');
    const abort = new AbortController();
    const call = client.request('a.b', 1, { signal: abort.signal });
    abort.abort();
    equal((await fails(call, Error)).name, 'AbortError');
    equal((await fails(client.request('a.b', 2, { signal: abort.signal }), Error)).name, 'AbortError');
    equal(await client.request('a.b', 3), 3);
    equal(client.unmatched.unknown, 0);
    equal(client.state.kind, 'connected');
  },

  'corrupt-body': async (setting) => {
    const client = await setting.connect('corrupt-body');
    await fails(deadline('the failure', client.request('a.b', 1)), setting.pitaya.PitayaError);
    equal((await until(client, 'closed')).reason.code, 405);
  },

  'dictionary-request': async (setting) => {
    const client = await setting.connect('dictionary');
    equal(await client.request('connector.echo'), { byCode: true, route: 'connector.echo' });
    equal(await client.request('connector.other'), { byCode: false, route: 'connector.other' });
  },

  'unknown-answer': async (setting) => {
    const client = await setting.connect('unknown-answer');
    equal(await client.request('a.b', 1), 1);
    equal(client.unmatched, { late: 0, unknown: 1 });
  },

  'route-too-long': async (setting) => {
    const client = await setting.connect('on-demand');
    const call = client.request(`a.${'b'.repeat(254)}`, 1);
    equal((await fails(call, setting.pitaya.NotSentError)).code, 'route');
    equal(await client.request(`a.${'b'.repeat(253)}`, 1), 1);
  },

  'body-too-large': async (setting) => {
    const client = await setting.connect('on-demand', { codec: setting.pitaya.bytes });
    const call = client.request('a.b', new Uint8Array(0xff_ffff + 1));
    equal((await fails(call, setting.pitaya.NotSentError)).code, 'too-large');
    equal([...(await client.request('a.b', Uint8Array.of(1, 2)))], [1, 2]);
  },

  'body-without-form': async (setting) => {
    const client = await setting.connect('on-demand');
    const error = await fails(client.request('a.b', 1n), setting.pitaya.NotSentError);
    equal(error.code, 'encode');
    holds(error.cause instanceof TypeError, 'the cause is lost');
    equal(await client.request('a.b', 1), 1);
  },

  'answer-unreadable': async (setting) => {
    const client = await setting.connect('on-demand');
    const error = await fails(client.request('mock.broken'), setting.pitaya.DecodeError);
    holds(error.cause instanceof SyntaxError, 'the cause is lost');
    equal(await client.request('a.b', 1), 1);
  },

  'rtt-by-requests': async (setting) => {
    const client = await setting.connect('late-response');
    equal([client.rtt, client.rttSource], [undefined, undefined]);
    await client.request('a.b', 1);
    equal(client.rttSource, 'requests');
    holds(client.rtt! >= 299, `${client.rtt} ms`);
  },

  'rtt-by-heartbeats': async (setting) => {
    const client = await setting.connect('sdk/1s');
    await eventually('a round trip', async () => client.rttSource === 'heartbeat');
    holds(client.rtt! >= 0, `${client.rtt} ms`);
  },
};

export default scenarios;
