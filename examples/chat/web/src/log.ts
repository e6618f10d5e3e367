import { avatar } from './avatar';
import { create, element } from './element';

/** Older lines go, so that a page which stays open for days stays small. */
const KEPT = 500;

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

/** What was said and what happened, the newest at the end. */
export class LogView {
  readonly #scroller = element('log', HTMLElement);
  readonly #lines = element('lines', HTMLOListElement);
  readonly #toEnd = element('to-end', HTMLButtonElement);
  #lastFrom: string | undefined;
  /** Whether the end is in sight, and has to stay there. */
  #following = true;
  #scheduled = false;

  constructor() {
    const end = element('log-end', HTMLElement);
    const watch = ([entry]: IntersectionObserverEntry[]): void => {
      this.#following = entry?.isIntersecting ?? true;
      if (this.#following) this.#toEnd.hidden = true;
    };
    new IntersectionObserver(watch, { root: this.#scroller, rootMargin: '0px 0px 48px 0px' }).observe(end);
    // A keyboard that slides in must not cover the last line.
    new ResizeObserver(() => this.changed(false)).observe(this.#scroller);
    this.#toEnd.addEventListener('click', () => {
      this.scrollToEnd();
      this.#toEnd.hidden = true;
      this.#scroller.focus();
    });
  }

  /** Shows a line; `own` if the player at this page said it. */
  line(from: string, text: string, own: boolean): void {
    const item = create('li', own ? 'line own' : 'line');
    if (from === this.#lastFrom) item.classList.add('follows');
    const now = new Date();
    const time = create('time', '', clock.format(now));
    time.dateTime = now.toISOString();
    const who = create('p', 'who');
    who.append(create('bdi', 'name', from), ' ', time);
    const said = create('p', 'text', text);
    said.dir = 'auto';
    item.append(avatar(from), who, said);
    this.#lastFrom = from;
    this.#add(item);
  }

  /** Shows something that happened. */
  note(about: string, what: string): void {
    const item = create('li', 'note');
    item.append(create('bdi', '', about), ` ${what}`);
    this.#lastFrom = undefined;
    this.#add(item);
  }

  /** Shows that lines may be missing here. */
  gap(): void {
    this.#lastFrom = undefined;
    this.#add(create('li', 'note gap', 'Lines may be missing here: the server does not know all that was said before.'));
  }

  /** Forgets everything: another room begins. */
  clear(): void {
    this.#lines.replaceChildren();
    this.#lastFrom = undefined;
    this.#following = true;
    this.#toEnd.hidden = true;
  }

  /** The content or the space for it is another: keeps the end in sight, or says that there is more. */
  changed(more: boolean): void {
    if (!this.#following) {
      if (more) this.#toEnd.hidden = false;
      return;
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Once per frame, however many lines came.
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.scrollToEnd();
    });
  }

  /** Shows the newest line. */
  scrollToEnd(): void {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #add(item: HTMLElement): void {
    this.#lines.append(item);
    while (this.#lines.childElementCount > KEPT) this.#lines.firstElementChild?.remove();
    this.changed(true);
  }
}
