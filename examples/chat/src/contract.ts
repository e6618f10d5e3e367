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
  /** Somebody came or went. */
  onMember: Member;
}

/** The `user` object of a handshake. It carries the room, so that a player who reconnects is back in it before anything else happens. */
export interface User {
  /** The player's name; one player has it at a time. */
  name: string;
  /** The room that the player is in. */
  room?: string;
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
}

/** The payload of `room.say`. */
export interface Say {
  /** What is said. */
  text: string;
}

/** The payload of `onLine`. */
export interface Line {
  /** Who said it. */
  from: string;
  /** What was said. */
  text: string;
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
