// WebSocket code as somebody writes it who needs just this page to work: what the client is compared with.

const write = new TextEncoder();
const read = new TextDecoder();

async function opened(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`${url} cannot be reached`));
  });
  return socket;
}

/** An echo of the WebSocket's messages: one at a time, and nothing is looked at. */
export class Echo {
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static async open(url: string): Promise<Echo> {
    return new Echo(await opened(url));
  }

  bytes(body: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    return new Promise((resolve) => {
      this.#socket.onmessage = ({ data }) => resolve(new Uint8Array(data));
      this.#socket.send(body);
    });
  }

  async json(body: unknown): Promise<unknown> {
    return JSON.parse(read.decode(await this.bytes(write.encode(JSON.stringify(body)))));
  }

  close(): void {
    this.#socket.close();
  }
}

const HANDSHAKE = 1;
const ACK = 2;
const DATA = 4;
/** The head of a packet: its kind, and its length in three bytes (wire 1.1). */
const HEAD = 4;
/** The flags of a notify, and the length of its route (wire 6.1). */
const NOTIFY = 0b0000_0010;

function packet(kind: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(kind, body.length >> 16, body.length >> 8, body.length, ...body);
}

function notify(route: string, body: unknown): Uint8Array {
  const name = write.encode(route);
  return Uint8Array.of(NOTIFY, name.length, ...name, ...write.encode(JSON.stringify(body)));
}

/**
 * Sends a notify to a Pitaya server, and reads the pushes that come of it: the least of the protocol that can do that. It is for some seconds,
 * as it sends no heartbeats, and for pushes on one route, as it does not look at it.
 *
 * @returns closes the socket
 */
export async function pushesByHand(url: string, route: string, body: unknown, heard: (body: any) => void): Promise<() => void> {
  const socket = await opened(url);
  let isGreeted = false;
  socket.onmessage = ({ data }) => {
    const bytes = new Uint8Array(data);
    for (let at = 0; at < bytes.length; ) {
      const end = at + HEAD + (bytes[at + 1]! << 16) + (bytes[at + 2]! << 8) + bytes[at + 3]!;
      if (bytes[at] === DATA) heard(JSON.parse(read.decode(bytes.subarray(at + HEAD + 2 + bytes[at + HEAD + 1]!, end))));
      else if (bytes[at] === HANDSHAKE && !isGreeted) {
        isGreeted = true;
        socket.send(packet(ACK, new Uint8Array()));
        socket.send(packet(DATA, notify(route, body)));
      }
      at = end;
    }
  };
  socket.send(packet(HANDSHAKE, write.encode('{"sys":{"capabilities":["many-per-frame"]}}')));
  return () => socket.close();
}
