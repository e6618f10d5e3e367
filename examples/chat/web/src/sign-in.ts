import { element } from './element';
import { gameUrl } from './session';

/** Who wants in, and where to. */
export interface Wish {
  name: string;
  room: string;
}

/** Where the name is kept: per tab, so that two tabs can be two players. */
const NAME = 'name';

/** The first screen: a name, a room, and what went wrong the last time. */
export class SignInView {
  readonly #view = element('sign-in', HTMLElement);
  readonly #name = element('name', HTMLInputElement);
  readonly #room = element('room', HTMLInputElement);
  readonly #trouble = element('trouble', HTMLElement);
  readonly #button: HTMLButtonElement;

  constructor(join: (wish: Wish) => Promise<void>) {
    this.#name.value = sessionStorage.getItem(NAME) ?? '';
    this.#room.value = roomOfAddress() || 'lobby';
    element('terminal', HTMLElement).textContent = `cargo run -p chat --bin chat-client -- ${gameUrl().href} ALICE`;
    const form = this.#name.form as HTMLFormElement;
    this.#button = form.querySelector('button') as HTMLButtonElement;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#submit(join);
    });
    // A link to another room was opened in this tab.
    addEventListener('hashchange', () => {
      this.#room.value = roomOfAddress() || this.#room.value;
    });
    this.#focus();
  }

  /** Comes back to the screen, with words about why. */
  show(trouble = ''): void {
    this.#view.hidden = false;
    this.#trouble.textContent = trouble;
    document.title = 'Pitaya chat';
    this.#focus();
  }

  hide(): void {
    this.#view.hidden = true;
  }

  async #submit(join: (wish: Wish) => Promise<void>): Promise<void> {
    // A second press while the first is under way.
    if (this.#button.ariaDisabled === 'true') return;
    const wish = { name: this.#name.value.trim(), room: this.#room.value.trim() };
    const missing = [this.#name, this.#room].find((input) => !input.value.trim());
    this.#mark(missing);
    if (missing) {
      this.#trouble.textContent = missing === this.#name ? 'Say your name first.' : 'Say which room.';
      missing.focus();
      return;
    }
    sessionStorage.setItem(NAME, wish.name);
    this.#trouble.textContent = '';
    this.#busy(true);
    try {
      await join(wish);
    } finally {
      this.#busy(false);
    }
  }

  #mark(wrong: HTMLInputElement | undefined): void {
    for (const input of [this.#name, this.#room]) input.ariaInvalid = input === wrong ? 'true' : null;
  }

  #busy(busy: boolean): void {
    // Not `disabled`: a button that is disabled loses the focus.
    this.#button.ariaDisabled = busy ? 'true' : null;
    this.#button.textContent = busy ? 'Joining…' : 'Join';
  }

  #focus(): void {
    (this.#name.value ? this.#room : this.#name).focus();
  }
}

/** The room that the page's address names, as in `/#lobby`: an address that can be sent to others. */
function roomOfAddress(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    // Not something that this page wrote.
    return '';
  }
}
