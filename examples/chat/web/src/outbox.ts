import { create, element } from './element';
import { type Fate, fate } from './words';

/** What the outbox needs from the conversation. */
export interface Sender {
  /** Says a line; resolves when it was said. */
  say(text: string, key: string): Promise<void>;
  /** A line was said, but the room's own echo of it has not been seen. */
  said(text: string, key: string): void;
  /** The list is longer or shorter. */
  changed(): void;
  /** Tells a screen reader. */
  announce(text: string): void;
}

interface Entry {
  text: string;
  key: string;
  item: HTMLLIElement;
  status: HTMLElement;
  underWay: boolean;
}

/** What the keys of this page's lines begin with. */
const page = Date.now().toString(36);

/** The player's lines that are not through yet: on their way, waiting for the connection, or failed. They stand below all others. */
export class Outbox {
  readonly #list = element('outbox', HTMLOListElement);
  readonly #sender: Sender;
  #entries: Entry[] = [];
  #connected = true;
  /** How many keys were made. */
  #made = 0;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  /** Sends a line, now or when the connection is back. */
  send(text: string): void {
    const said = create('p', 'text', text);
    said.dir = 'auto';
    const status = create('p', 'status');
    const item = create('li', 'line own');
    item.append(said, status);
    this.#made += 1;
    const entry = { text, key: `${page}-${this.#made}`, item, status, underWay: false };
    this.#entries.push(entry);
    this.#list.append(item);
    void this.#try(entry);
  }

  /** The room has heard a line of the player. If it is one from here it is through, even if it was given up. */
  heard(key: string): void {
    const entry = this.#entries.find((entry) => entry.key === key);
    if (!entry) return;
    this.#remove(entry);
    this.#sender.changed();
  }

  /** Lines that wait say whether it is the connection that they wait for. */
  set connected(connected: boolean) {
    this.#connected = connected;
    for (const entry of this.#entries) if (entry.underWay) this.#showUnderWay(entry);
  }

  /** Drops everything: the player has left. */
  clear(): void {
    this.#entries = [];
    this.#list.replaceChildren();
  }

  async #try(entry: Entry): Promise<void> {
    entry.underWay = true;
    this.#showUnderWay(entry);
    this.#sender.changed();
    try {
      await this.#sender.say(entry.text, entry.key);
      if (!this.#entries.includes(entry)) return;
      this.#remove(entry);
      this.#sender.said(entry.text, entry.key);
    } catch (error) {
      if (!this.#entries.includes(entry)) return;
      entry.underWay = false;
      this.#showFailed(entry, fate(error));
    }
    this.#sender.changed();
  }

  #showUnderWay(entry: Entry): void {
    entry.item.classList.remove('failed');
    entry.item.classList.toggle('waiting', !this.#connected);
    entry.status.textContent = this.#connected ? 'Sending…' : 'Waiting to be sent';
  }

  #showFailed(entry: Entry, fate: Fate): void {
    entry.item.classList.remove('waiting');
    entry.item.classList.add('failed');
    const again = create('button', 'link-button', fate.known ? 'Try again' : 'Send again');
    const dismiss = create('button', 'link-button', 'Dismiss');
    for (const button of [again, dismiss]) {
      button.type = 'button';
      button.setAttribute('aria-label', `${button.textContent}: ${entry.text}`);
    }
    again.addEventListener('click', () => void this.#try(entry));
    dismiss.addEventListener('click', () => {
      this.#remove(entry);
      this.#sender.changed();
    });
    entry.status.replaceChildren(create('span', '', fate.words), ' ', again, ' ', dismiss);
    this.#sender.announce(`${fate.words} ${entry.text}`);
  }

  #remove(entry: Entry): void {
    entry.item.remove();
    this.#entries = this.#entries.filter((other) => other !== entry);
  }
}
