// What the runner calls. Without it the page only lies there.

import { coldConnect } from './cold_connect.js';
import { flow } from './flow.js';
import { roundTrips } from './round_trips.js';
import { show } from './show.js';

const bench = { coldConnect, flow, roundTrips, show };

declare global {
  var bench: typeof import('./main.js').default;
}

export default bench;
globalThis.bench = bench;
