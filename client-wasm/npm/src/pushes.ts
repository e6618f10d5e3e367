import type { PushesOptions, PushIterator } from './client.js';

/** A bounded queue that a loop reads. */
export class Pushes implements PushIterator<unknown> {
  dropped = 0;

  readonly limit_: number;
  readonly bodies_: unknown[] = [];
  readonly waiting_: ((result: IteratorResult<unknown>) => void)[] = [];
  /** What to do at the end; nothing after it. */
  stop_: (() => void) | undefined;

  constructor({ signal, buffer = 256 }: PushesOptions, start: (pushes: Pushes) => () => void) {
    this.limit_ = buffer;
    const off = start(this);
    const abort = (): void => void this.return();
    this.stop_ = () => {
      off();
      signal?.removeEventListener('abort', abort);
    };
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort);
  }

  put_(value: unknown): void {
    const next = this.waiting_.shift();
    if (next) {
      next({ value, done: false });
      return;
    }
    this.bodies_.push(value);
    if (this.bodies_.length > this.limit_) {
      this.bodies_.shift();
      this.dropped++;
    }
  }

  /** No more will come. */
  end_(): void {
    this.stop_?.();
    this.stop_ = undefined;
    for (const next of this.waiting_.splice(0)) next({ value: undefined, done: true });
  }

  next(): Promise<IteratorResult<unknown>> {
    return new Promise((resolve) => {
      if (this.bodies_.length) resolve({ value: this.bodies_.shift(), done: false });
      else if (this.stop_) this.waiting_.push(resolve);
      else resolve({ value: undefined, done: true });
    });
  }

  return(): Promise<IteratorResult<unknown>> {
    this.bodies_.length = 0;
    this.end_();
    return this.next();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
