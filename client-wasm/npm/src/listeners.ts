import { report } from './errors.js';

/** A function of the application. */
export type Listener = (...values: any[]) => void;

/** Listeners by key: the route of pushes, or one of these. */
export const ANY = 0;
export const STATE = 1;
export const CLOSED = 2;

/** Adds a listener, as often as it is given; what comes back takes it off again. */
export type Listen = (key: string | number, listener: Listener) => () => void;

/** Who hears what. */
export interface Listeners {
  listen_: Listen;
  /** How many listeners a key has. */
  count_(key: string | number): number;
  /** Calls the listeners of a key, also those behind one that throws. */
  tell_(key: string | number, ...values: unknown[]): void;
}

export function listeners(): Listeners {
  const lists = new Map<string | number, Set<[Listener]>>();
  return {
    listen_: (key, listener) => {
      const list = lists.get(key) ?? new Set();
      const entry: [Listener] = [listener];
      lists.set(key, list.add(entry));
      return () => {
        list.delete(entry);
      };
    },
    count_: (key) => lists.get(key)?.size ?? 0,
    tell_: (key, ...values) => {
      for (const [listener] of [...(lists.get(key) ?? [])]) {
        try {
          listener(...values);
        } catch (error) {
          report(error);
        }
      }
    },
  };
}
