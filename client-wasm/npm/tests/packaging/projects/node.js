// node node.js <entry of the package> <url>

import { WebSocket } from 'ws';

import { talk } from './talk.js';

const [, , entry, url] = process.argv;
const { connect } = await import(entry);
console.log(JSON.stringify(await talk(connect, url, { WebSocket })));
