import { type Client, type State, connect } from 'pitaya-client';
import type { Gap, Line, Member, Members, Pushes, Routes, User } from '../../src/contract';

/** How long a line may wait for a server that is away. */
const PATIENCE_MS = 30_000;

/** What a player hears. */
export interface Listener {
  line(line: Line): void;
  /** Lines may be missing here. */
  gap(): void;
  member(member: Member): void;
  members(members: Members): void;
  state(state: State): void;
}

/** A player in a room. It stays there: when the connection is lost, the client comes back by itself. */
export class Session {
  readonly #client: Client<Routes, Pushes>;
  readonly #listener: Listener;
  /** The place of the last line that was seen: every handshake says it, and the server tells what was said since. */
  #seen: string | undefined;
  /** Counts the comings and goings, to know whether a list of members is older than the last of them. */
  #moves = 0;

  private constructor(client: Client<Routes, Pushes>, listener: Listener) {
    this.#client = client;
    this.#listener = listener;
    client.on('onLine', (line) => {
      this.#seen = line.at;
      listener.line(line);
    });
    client.on('onGap', ({ at }: Gap) => {
      this.#seen = at;
      listener.gap();
    });
    client.on('onMember', (member) => {
      this.#moves += 1;
      listener.member(member);
    });
    client.onState((state) => {
      listener.state(state);
      // Who came and went in between has not been told.
      if (state.kind === 'connected') void this.#refresh();
    });
    listener.state(client.state);
    void this.#refresh();
  }

  /** Enters the room. Rejects when that fails at once; after that `listener` hears how the connection fares. */
  static async open(user: User, listener: Listener): Promise<Session> {
    let opened: Session | undefined;
    const client = await connect<Routes, Pushes>(gameUrl(), {
      // Every handshake says where we are and what we have seen: the server puts us back there, and tells us the rest, before lines that
      // have waited are sent.
      user: (): User => {
        const seen = opened ? opened.#seen : undefined;
        return seen === undefined ? user : { ...user, seen };
      },
      requestTimeoutMs: PATIENCE_MS,
      reconnect: { capMs: 10_000 },
      clientInfo: { platform: 'web', version: '1' },
    });
    opened = new Session(client, listener);
    return opened;
  }

  /**
   * Says a line; while the connection is away it waits. Rejects when the line was not said, or may not have been: said again with the same
   * key it is not heard twice.
   */
  async say(text: string, key: string): Promise<void> {
    await this.#client.request('room.say', { text, key }, { queue: { ageMs: PATIENCE_MS } });
  }

  /** The last measured round trip in milliseconds. */
  get rtt(): number | undefined {
    return this.#client.rtt;
  }

  /** Tries to come back now, not when the countdown ends. */
  retry(): void {
    this.#client.reconnectNow();
  }

  /** Leaves the room and ends the connection. */
  async leave(): Promise<void> {
    await this.#client.close();
  }

  async #refresh(): Promise<void> {
    try {
      let moves: number;
      do {
        moves = this.#moves;
        const members = await this.#client.request('room.who', {});
        // A line that came meanwhile is newer than this.
        this.#seen ??= members.at;
        this.#listener.members(members);
        // Somebody moved while the answer was on its way: it may or may not know.
      } while (moves !== this.#moves);
    } catch {
      // The connection is gone again. Its successor asks anew.
    }
  }
}

/** The game is on the page's own port. */
export function gameUrl(): URL {
  const url = new URL('/ws', location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  return url;
}
