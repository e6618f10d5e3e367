// Frames as people read them. Loaded when a trace is asked for: it brings a module of its own, the tools.

import { toolsLater } from './tools.js';

/** A WebSocket message, readable. */
export interface TraceLine {
  /** Whether it came or went. */
  direction: 'in' | 'out';
  /** When, in milliseconds of `performance.now()`. */
  time: number;
  /** Its packets, one a line, such as `request 7 room.join 14 B {"name":"ada"}`. */
  text: string;
  /** The same for programs. */
  packets: TracePacket[];
}

/** A packet of a frame. */
export interface TracePacket {
  /** What it is; `malformed` for bytes that are no packet. */
  type: 'handshake' | 'ack' | 'heartbeat' | 'data' | 'kick' | 'malformed';
  /** Length of its body in bytes. */
  length: number;
  /** One readable line. */
  text: string;
  /** The body, inflated and shortened: text where it is some, else hex digits. The `user` of a handshake is hidden. */
  body: string;
  /** Of `data`: what the message is. */
  kind?: 'request' | 'notify' | 'response' | 'push';
  /** Of requests and responses; a text beyond 2^53. */
  id?: number | string;
  /** Of all but responses. */
  route?: string;
  /** The route's number where it travelled as one. */
  code?: number;
  /** Of `data`: whether the body is an error. */
  error?: boolean;
  /** Of `data`: whether the body travelled deflated. */
  deflated?: boolean;
}

/**
 * Makes a frame readable. Lines come in the order in which they were asked for.
 *
 * @param handshake the parsed body of the server's handshake, where there is one: its dictionary names routes that travel as numbers
 */
export async function describe(direction: TraceLine['direction'], frame: Uint8Array, handshake?: unknown): Promise<TraceLine> {
  const time = performance.now();
  const bytes = frame.slice();
  let packets: TracePacket[];
  try {
    const tools = await toolsLater();
    packets = JSON.parse(tools.describe(bytes, dictionary(handshake))) as TracePacket[];
  } catch (error) {
    packets = [unread(bytes, error)];
  }
  return { direction, time, text: packets.map((packet) => packet.text).join('\n'), packets };
}

function dictionary(handshake: unknown): string {
  const { sys } = Object(handshake) as { sys?: { dict?: unknown } };
  return JSON.stringify(sys?.dict ?? {});
}

/** A page whose content security policy forbids WebAssembly has no more; the bytes as they are would show secrets. */
function unread(bytes: Uint8Array, error: unknown): TracePacket {
  return { type: 'malformed', length: bytes.length, text: `${bytes.length} B, not readable here: ${String(error)}`, body: '' };
}
