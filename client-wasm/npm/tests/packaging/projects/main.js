import { connect } from 'pitaya-client';

import { talk } from './talk.js';

globalThis.outcome = talk(connect, location.hash.slice(1));
