import { report } from './errors.js';

/** A function of the application. */
export type Listener = (...values: any[]) => void;

/** Listeners by key: the route of pushes, or one of these. */
export const ANY = 0;
export const STATE = 1;

/** Adds a listener, as often as it is given; what comes back takes it off again. */
export type Listen = (key: string | number, listener: Listener) => () => void;

/** Who hears what. */
export type Listeners = [
  listen: Listen,
  /** Calls the listeners of a key, also those behind one that throws. */
  tell: (key: string | number, ...values: unknown[]) => void,
  /** Whether a key has listeners. */
  isHeard: (key: string | number) => boolean,
];

export function listeners(): Listeners {
  const lists = new Map<string | number, Set<[Listener]>>();
  const of = (key: string | number): Set<[Listener]> => lists.get(key) ?? new Set();
  return [
    (key, listener) => {
      const list = of(key);
      const entry: [Listener] = [listener];
      lists.set(key, list.add(entry));
      return () => void list.delete(entry);
    },
    (key, ...values) => {
      for (const [listener] of [...of(key)]) {
        try {
          listener(...values);
        } catch (error) {
          report(error);
        }
      }
    },
    (key) => of(key).size > 0,
  ];
}
