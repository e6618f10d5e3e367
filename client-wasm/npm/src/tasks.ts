import { report } from './errors.js';

/** What is to be told, one after the other. */
export type Task = () => void | Promise<void>;

/** Makes a function that runs the tasks of a list, at once as long as none takes its time: such a one holds back those behind it. */
export function runner(tasks: Task[]): () => Promise<void> {
  let running = false;
  return async () => {
    if (running) return;
    running = true;
    for (let task; (task = tasks.shift()); ) {
      try {
        const pending = task();
        if (pending) await pending;
      } catch (error) {
        report(error);
      }
    }
    running = false;
  };
}
