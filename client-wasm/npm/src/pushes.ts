import { onAbort } from './abort.js';
import type { PushesOptions, PushIterator, State } from './client.js';
import type { Listen } from './listeners.js';
import { STATE } from './listeners.js';

/**
 * A bounded queue of pushes that a loop reads.
 *
 * @param isOver whether no more will come
 */
export function pushes(listen: Listen, isOver: boolean, route: string, { signal, buffer = 256 }: PushesOptions): PushIterator<any> {
  const bodies: unknown[] = [];
  let wake: (() => void) | undefined;
  /** The latest reader; readers take turns. */
  let turn: Promise<any> = Promise.resolve();
  const take = async (): Promise<IteratorResult<unknown>> => {
    while (!bodies.length && !isOver) await new Promise<void>((resolve) => (wake = resolve));
    const done = !bodies.length;
    return { value: bodies.shift(), done };
  };
  const iterator = {
    dropped: 0,
    next: () => (turn = turn.then(take)),
    return: () => {
      bodies.length = 0;
      end();
      return iterator.next();
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  const end = (): void => {
    isOver = true;
    for (const off of offs) off();
    wake?.();
  };
  const offs = [
    listen(route, (body) => {
      if (bodies.push(body) > buffer) {
        bodies.shift();
        iterator.dropped++;
      }
      wake?.();
    }),
    listen(STATE, ({ kind }: State) => kind === 'closed' && end()),
  ];
  offs.push(onAbort(signal, iterator.return));
  if (isOver) end();
  return iterator;
}
