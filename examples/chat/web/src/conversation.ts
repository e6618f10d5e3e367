import type { State } from 'pitaya-client';
import type { Line, Member, Members } from '../../src/contract';
import { element } from './element';
import { Heard } from './heard';
import { LogView } from './log';
import { MembersView } from './members';
import { Outbox } from './outbox';
import type { Listener, Session } from './session';
import { StatusView } from './status';

/** The second screen: a room, and who says what in it. */
export class ConversationView implements Listener {
  readonly #view = element('conversation', HTMLElement);
  readonly #roomName = element('room-name', HTMLElement);
  readonly #message = element('message', HTMLTextAreaElement);
  readonly #announcer = element('announcer', HTMLElement);
  readonly #log = new LogView();
  readonly #members = new MembersView();
  readonly #status: StatusView;
  readonly #outbox: Outbox;
  #heard = new Heard();
  #session: Session | undefined;
  #own = '';
  #room = '';
  /** Lines that came while nobody looked. */
  #unread = 0;

  constructor(leave: () => void) {
    this.#status = new StatusView(
      () => this.#session?.retry(),
      () => this.#message.focus(),
    );
    this.#outbox = new Outbox({
      say: (text, key) => this.#session?.say(text, key) ?? Promise.reject(new Error('you have left the room')),
      said: (text, key) => {
        if (this.#heard.isNew(this.#own, key)) this.#log.line(this.#own, text, true);
      },
      changed: () => this.#log.changed(false),
      announce: (text) => this.#announce(text),
    });
    element('leave', HTMLButtonElement).addEventListener('click', leave);
    element('composer', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#message.addEventListener('keydown', (event) => {
      // While an input method composes a word, Enter is the word's.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#send();
    });
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) return;
      this.#unread = 0;
      this.#showTitle();
    });
  }

  /** A new stay begins: forgets what belongs to the last one. Comes before the session, which speaks as soon as it is there. */
  begin(name: string, room: string): void {
    this.#own = name;
    this.#heard = new Heard();
    this.#log.clear();
    this.#outbox.clear();
    this.#members.show([], name);
    this.#enter(room);
  }

  /** Shows the screen. */
  show(session: Session): void {
    this.#session = session;
    this.#status.measure = () => session.rtt;
    this.#view.hidden = false;
    this.#showTitle();
    this.#log.scrollToEnd();
    this.#message.focus();
  }

  hide(): void {
    this.#session = undefined;
    this.#view.hidden = true;
    this.#outbox.clear();
  }

  line({ from, text, key }: Line): void {
    const own = from === this.#own;
    if (own && key) this.#outbox.heard(key);
    // Its speaker said it again after the server had forgotten it.
    if (key && !this.#heard.isNew(from, key)) return;
    if (!own && document.hidden) {
      this.#unread += 1;
      this.#showTitle();
    }
    this.#log.line(from, text, own);
  }

  gap(): void {
    this.#log.gap();
  }

  member({ name, here }: Member): void {
    // Who comes back over a new connection may never have been missed.
    if (this.#members.move(name, here)) this.#log.note(name, here ? 'is here' : 'has left');
  }

  members({ room, names }: Members): void {
    this.#enter(room);
    this.#members.show(names, this.#own);
  }

  state(state: State): void {
    this.#status.show(state);
    this.#outbox.connected = state.kind === 'connected';
  }

  #enter(room: string): void {
    if (room === this.#room) return;
    this.#room = room;
    this.#roomName.textContent = room;
    history.replaceState(null, '', `#${encodeURIComponent(room)}`);
  }

  #send(): void {
    // A line is one line: what was pasted may have breaks and tabs, which the server would refuse.
    const text = this.#message.value.replace(/\p{Cc}+/gu, ' ').trim();
    if (!text) return;
    this.#message.value = '';
    this.#outbox.send(text);
    this.#log.scrollToEnd();
    this.#message.focus();
  }

  #showTitle(): void {
    if (this.#view.hidden) return;
    document.title = `${this.#unread ? `(${this.#unread}) ` : ''}#${this.#room} · Pitaya chat`;
  }

  #announce(text: string): void {
    this.#announcer.textContent = text;
  }
}
