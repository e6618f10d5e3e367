/** Whether the module is at work: it serves all clients, and does one thing at a time. */
let isBusy = false;
const waiting: (() => void)[] = [];

/** Does something with the module: now, or as soon as what it does is done. */
export function whenFree(work: () => void): void {
  waiting.push(work);
  for (let next; !isBusy && (next = waiting.shift()); ) {
    isBusy = true;
    try {
      next();
    } finally {
      isBusy = false;
    }
  }
}
