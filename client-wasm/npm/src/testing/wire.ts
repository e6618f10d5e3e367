/**
 * One direction of a network without a network: what goes in comes out later and in order. Without latency it comes out in a microtask, so that
 * fake timers need not be moved for it.
 */
export class Wire {
  readonly #latency: () => number;
  #waiting: { due: number; arrive: () => void }[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param latency how long it takes now, in milliseconds */
  constructor(latency: () => number) {
    this.#latency = latency;
  }

  send(arrive: () => void): void {
    this.#waiting.push({ due: performance.now() + this.#latency(), arrive });
    if (this.#waiting.length === 1) this.#wait();
  }

  /** What is on its way never arrives. */
  cut(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #wait(): void {
    const waiting = this.#waiting;
    const head = waiting[0];
    if (head === undefined) return;
    const next = (): void => {
      // It was cut meanwhile.
      if (this.#waiting !== waiting) return;
      waiting.shift();
      try {
        head.arrive();
      } finally {
        this.#wait();
      }
    };
    const delay = head.due - performance.now();
    if (delay > 0) this.#timer = setTimeout(next, delay);
    else void Promise.resolve().then(next);
  }
}
