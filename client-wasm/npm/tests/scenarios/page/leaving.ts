// A page with a request in flight, which is closed from outside.

import { connect } from 'page:entry';

const tell = (message: string) => parent.postMessage(message, '*');
addEventListener('error', ({ message }) => tell(message));
addEventListener('unhandledrejection', ({ reason }) => tell(String(reason)));

const client = await connect(decodeURIComponent(location.search.slice(1)));
client.request('mock.silent').catch(() => {});
// Once a later request is answered, the server has the first one.
await client.request('a.b', 1);
tell('waiting');
