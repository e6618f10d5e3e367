import type { State } from 'pitaya-client';
import { element } from './element';

/** How the connection fares: the state, the countdown to the next try, the round trip. */
export class StatusView {
  readonly #state = element('state', HTMLElement);
  readonly #rtt = element('rtt', HTMLElement);
  readonly #away = element('away', HTMLElement);
  readonly #awayText = element('away-text', HTMLElement);
  readonly #leaveAway: () => void;
  #nextTry: number | undefined;
  #measure: () => number | undefined = () => undefined;

  /** `retry` is what the button does; `leaveAway` takes the focus over when the button goes. */
  constructor(retry: () => void, leaveAway: () => void) {
    this.#leaveAway = leaveAway;
    element('retry', HTMLButtonElement).addEventListener('click', retry);
    // Four times a second, so that no second of the countdown is seen to be skipped.
    setInterval(() => this.#tick(), 250);
  }

  /** Where the round trip is read. */
  set measure(measure: () => number | undefined) {
    this.#measure = measure;
    this.#tick();
  }

  show(state: State): void {
    const words = { connecting: 'Connecting', connected: 'Connected', reconnecting: 'Reconnecting', closed: 'Ended' };
    if (this.#state.dataset.kind !== state.kind) {
      this.#state.dataset.kind = state.kind;
      this.#state.textContent = words[state.kind];
    }
    const waits = state.kind === 'reconnecting' ? state.nextInMs : undefined;
    this.#nextTry = waits === undefined ? undefined : performance.now() + waits;
    const away = state.kind === 'reconnecting';
    if (!away && this.#away.contains(document.activeElement)) this.#leaveAway();
    this.#away.hidden = !away;
    this.#tick();
  }

  #tick(): void {
    if (!this.#away.hidden) this.#awayText.textContent = `Connection lost. ${this.#outlook()}`;
    const rtt = this.#state.dataset.kind === 'connected' ? this.#measure() : undefined;
    this.#rtt.textContent = rtt === undefined ? '– ms' : rtt < 1 ? '< 1 ms' : `${Math.round(rtt)} ms`;
  }

  #outlook(): string {
    if (!navigator.onLine) return 'Waiting for the network.';
    const left = this.#nextTry === undefined ? 0 : this.#nextTry - performance.now();
    return left > 0 ? `Next try in ${Math.ceil(left / 1000)} s.` : 'Trying again…';
  }
}
