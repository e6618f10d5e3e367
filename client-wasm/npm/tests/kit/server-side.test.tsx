import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';

import { play } from './game.js';

test('importing and rendering on a server touches no socket, no module and no page', async () => {
  const touched: string[] = [];
  for (const name of ['WebSocket', 'WebAssembly', 'document', 'window']) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get() {
        touched.push(name);
        return before?.value;
      },
    });
  }
  const { usePitaya, usePush, useRtt } = await import('../../src/react.js');
  await import('../../src/testing.js');
  await import('../../src/protobuf.js');
  function Game() {
    const { client, state } = usePitaya(() => play(undefined as never));
    usePush(client, 'onLine', () => undefined);
    return (
      <p>
        {state.kind} {useRtt(client)}
      </p>
    );
  }
  expect(renderToString(<Game />)).toContain('connecting');
  expect(touched).toEqual([]);
});
