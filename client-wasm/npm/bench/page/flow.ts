import { connect } from 'pitaya-client';

import { pushesByHand } from './by_hand.js';

/** Who reads the pushes: nobody, code by hand, or the client. */
export type Reader = 'idle' | 'by-hand' | 'client';

/** What happened between the marks of one flow. */
export interface Flow {
  readonly frames: number;
  /** Pushes that came, each once and in order. */
  readonly pushes: number;
}

const ROUTE = 'bench.pour';
const PUSHED = 'onDrop';

/** Counts the frames in which a game would draw, as long as `isOn`. It draws nothing: what it costs is the game's business. */
function count(isOn: () => boolean, drawn: () => void): void {
  requestAnimationFrame(() => {
    if (!isOn()) return;
    drawn();
    count(isOn, drawn);
  });
}

/** How long, how many pushes, and how many of them the server sends at once. */
export interface Extent {
  readonly seconds: number;
  readonly perSecond: number;
  readonly together: number;
}

/**
 * Runs frames for `seconds`, and reads `perSecond` pushes of 100 bytes of JSON in each, unless it is idle. The marks `flow-start` and
 * `flow-end` in the browser's trace bound what counts: the time from the first push on, without the connecting.
 */
export async function flow(reader: Reader, server: string, { seconds, perSecond, together }: Extent): Promise<Flow> {
  const most = seconds * perSecond;
  let frames = 0;
  let pushes = 0;
  let isOn = true;
  let end = (): void => {};
  let fail = (_: unknown): void => {};
  const ended = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  const start = (): void => {
    performance.mark('flow-start');
    count(() => isOn, () => frames++);
  };
  const heard = ({ n }: { n: number }): void => {
    if (n !== pushes) fail(new Error(`push ${n} came as number ${pushes}`));
    if (pushes++ === 0) start();
    if (pushes === most) end();
  };
  let leave: () => unknown = () => {};
  const ask = { count: most, per_second: perSecond, together };
  if (reader === 'idle') {
    start();
    setTimeout(end, seconds * 1000);
  } else if (reader === 'by-hand') {
    leave = await pushesByHand(server, ROUTE, ask, heard);
  } else {
    const client = await connect(server);
    leave = () => client.close();
    client.on(PUSHED, heard);
    void client.notify(ROUTE, ask);
  }
  try {
    await ended;
  } finally {
    isOn = false;
    performance.mark('flow-end');
    await leave();
  }
  return { frames, pushes };
}
