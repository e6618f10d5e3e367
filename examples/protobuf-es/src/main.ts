import { converse } from './conversation.js';

const url = process.argv[2] ?? 'ws://127.0.0.1:3350';
await converse(url, console.log);
