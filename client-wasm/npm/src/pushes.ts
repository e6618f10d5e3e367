import { onAbort } from './abort.js';
import type { PushesOptions, PushIterator, State } from './client.js';
import type { Listen } from './listeners.js';
import { STATE } from './listeners.js';

/** A bounded queue of pushes that a loop reads. */
export function pushes(listen: Listen, state: State, route: string, { signal, buffer = 256 }: PushesOptions): PushIterator<any> {
  const bodies: unknown[] = [];
  let isOver = false;
  let wake = (): void => {};
  /** The latest reader; readers take turns. */
  let turn: Promise<unknown> | undefined;
  const take = async (): Promise<IteratorResult<unknown>> => {
    while (!bodies.length && !isOver) await new Promise<void>((resolve) => (wake = resolve));
    const done = !bodies.length;
    return { value: bodies.shift(), done };
  };
  const iterator = {
    dropped: 0,
    next: () => (turn = Promise.resolve(turn).then(take)) as Promise<IteratorResult<unknown>>,
    return: () => {
      bodies.length = 0;
      end();
      return iterator.next();
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  const look = ({ kind }: State): void => void (kind === 'closed' && end());
  const end = (): void => {
    isOver = true;
    for (const off of offs) off();
    wake();
  };
  const offs = [
    listen(route, (body) => {
      if (bodies.push(body) > buffer) {
        bodies.shift();
        iterator.dropped++;
      }
      wake();
    }),
    listen(STATE, look),
  ];
  offs.push(onAbort(signal, iterator.return));
  look(state);
  return iterator;
}
