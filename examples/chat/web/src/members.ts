import { avatar } from './avatar';
import { create, element } from './element';

/** More names than anyone reads; the rest is counted. */
const SHOWN = 200;

const order = new Intl.Collator();

/** Who is in the room. */
export class MembersView {
  readonly #list = element('members', HTMLUListElement);
  readonly #count = element('people-count', HTMLElement);
  #names = new Set<string>();
  #own = '';

  /** Shows who is there; `own` is the player at this page. */
  show(names: Iterable<string>, own: string): void {
    this.#names = new Set(names);
    this.#own = own;
    this.#draw();
  }

  /** Adds or removes a name. Tells whether that is news. */
  move(name: string, here: boolean): boolean {
    const news = this.#names.has(name) !== here;
    if (here) this.#names.add(name);
    else this.#names.delete(name);
    if (news) this.#draw();
    return news;
  }

  #draw(): void {
    // The player's own name comes first, where a narrow screen shows it.
    const rank = (name: string): number => (name === this.#own ? 0 : 1);
    const names = [...this.#names].sort((a, b) => rank(a) - rank(b) || order.compare(a, b));
    const items = names.slice(0, SHOWN).map((name) => {
      const item = create('li', 'member');
      item.append(avatar(name), create('bdi', 'member-name', name));
      if (name === this.#own) item.append(' ', create('span', 'tag', 'you'));
      return item;
    });
    if (names.length > SHOWN) items.push(create('li', 'member', `and ${names.length - SHOWN} more`));
    this.#list.replaceChildren(...items);
    this.#count.textContent = String(names.length);
  }
}
