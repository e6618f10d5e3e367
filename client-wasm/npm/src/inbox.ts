import { decompress } from './decompress.js';
import { report } from './errors.js';

/** What is to be told. */
export type Task = () => void | Promise<void>;

/** Takes a body, or why it cannot be inflated; neither of a connection that had such a body before. */
export type Use = (body?: Uint8Array, fault?: unknown) => void;

/** What a client tells its application, in order: a body that takes its time holds back all that came after it. */
export type Inbox = [later: (task: Task) => void, arrive: (from: unknown, isDeflated: boolean, view: Uint8Array, use: Use) => void];

/**
 * Makes an inbox.
 *
 * @param limit the most that a compressed body may become, in bytes; four times as much may wait
 * @param spoiled a connection has sent what cannot be inflated, or more than can be
 */
export function inbox(limit: number, spoiled: (from: unknown) => void): Inbox {
  let told = Promise.resolve();
  /** Bytes of bodies that wait for their turn. */
  let pending = 0;
  /** The connection whose compressed bodies are not to be trusted any more. */
  let broken: unknown;
  const later = (task: Task): void => {
    told = told.then(task).catch(report);
  };
  const spoil = (from: unknown): void => spoiled((broken = from));
  return [
    later,
    (from, isDeflated, view, use) => {
      const bytes = view.slice() as Uint8Array<ArrayBuffer>;
      pending += bytes.length;
      if (pending > 4 * limit) spoil(from);
      later(() => {
        pending -= bytes.length;
        if (!isDeflated) return use(bytes);
        if (broken === from) return use();
        return decompress(bytes, limit).then(use, (fault) => {
          spoil(from);
          use(undefined, fault);
        });
      });
    },
  ];
}
