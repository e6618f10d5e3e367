// What the chat's server and its clients agree on: the routes of contract.rs as TypeScript sees them.

/** Requests, with what is sent and what is answered. */
export interface Routes {
  /** Enters a room, and leaves the one that the player was in. */
  'room.join': { req: Join; res: Members };
  /** Leaves the room. */
  'room.leave': { req: Nothing; res: Nothing };
  /** Says a line in the room. A request, so that the speaker knows whether it arrived. */
  'room.say': { req: Say; res: Nothing };
  /** Who is in the room. */
  'room.who': { req: Nothing; res: Members };
}

/** What the server sends of its own accord. */
export interface Pushes {
  /** Somebody said a line. */
  onLine: Line;
  /** Lines may be missing here: the server has forgotten some that were said while the player was away. */
  onGap: Gap;
  /** Somebody came or went. */
  onMember: Member;
}

/** The `user` object of a handshake. It carries the room, so that a player who reconnects is back in it before anything else happens. */
export interface User {
  /** The player's name; one player has it at a time. */
  name: string;
  /** The room that the player is in. */
  room?: string;
  /**
   * For a player who comes back: the place of the last line that it has seen. The lines since then arrive as `onLine`, before any new one.
   * A player without it is new to the room, and hears what is said from now on.
   */
  seen?: string;
}

/** The payload of `room.join`. */
export interface Join {
  /** The room's name; it is made when nobody is in it. */
  room: string;
}

/** An answer that says who is in a room. */
export interface Members {
  /** The room's name. */
  room: string;
  /** The names, sorted. */
  names: string[];
  /** The place of the newest line, for a player who has not seen one. */
  at: string;
}

/** The payload of `room.say`. */
export interface Say {
  /** What is said, at most 2,000 bytes. */
  text: string;
  /**
   * The line's own key, which its speaker makes: of at most 64 bytes, another for every line, the same when a line is sent again because
   * nobody knows whether it arrived. The server says a line of a known key once. Without a key every line is a new one.
   */
  key?: string;
}

/** The payload of `onLine`. */
export interface Line {
  /** Its place in the course of things: only a server can read it. */
  at: string;
  /**
   * The key that its speaker gave it. After a restart the server does not know it any more: a second line of the same speaker with the same
   * key is not shown again.
   */
  key?: string;
  /** Who said it. */
  from: string;
  /** What was said. */
  text: string;
}

/** The payload of `onGap`. */
export interface Gap {
  /** The place after the gap. */
  at: string;
}

/** The payload of `onMember`. */
export interface Member {
  /** Who came or went. */
  name: string;
  /** Whether it is there now. */
  here: boolean;
}

/** A payload without content. */
export type Nothing = Record<string, never>;
