import { connect } from 'pitaya-client';

import { talk } from './talk.js';

globalThis.onmessage = async ({ data }) => postMessage(await talk(connect, data));
