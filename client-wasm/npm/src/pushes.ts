import { onAbort } from './abort.js';
import type { PushesOptions, PushIterator } from './client.js';
import type { Listen } from './listeners.js';
import { CLOSED } from './listeners.js';

/**
 * A bounded queue of pushes that a loop reads.
 *
 * @param isOver whether no more will come
 */
export function pushes(listen: Listen, isOver: boolean, route: string, { signal, buffer = 256 }: PushesOptions): PushIterator<any> {
  const bodies: unknown[] = [];
  const takers: ((result: IteratorResult<unknown>) => void)[] = [];
  const end = (): void => {
    isOver = true;
    for (const off of offs) off();
    for (const taker of takers.splice(0)) taker({ value: undefined, done: true });
  };
  const iterator = {
    dropped: 0,
    next: () =>
      new Promise<IteratorResult<unknown>>((resolve) => {
        if (bodies.length) resolve({ value: bodies.shift(), done: false });
        else if (isOver) resolve({ value: undefined, done: true });
        else takers.push(resolve);
      }),
    return: () => {
      bodies.length = 0;
      end();
      return iterator.next();
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  const offs = [
    listen(route, (value) => {
      const taker = takers.shift();
      if (taker) taker({ value, done: false });
      else if (bodies.push(value) > buffer) {
        bodies.shift();
        iterator.dropped++;
      }
    }),
    listen(CLOSED, end),
  ];
  offs.push(onAbort(signal, () => void iterator.return()));
  if (isOver) end();
  return iterator;
}
