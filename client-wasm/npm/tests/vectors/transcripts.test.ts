// Whole sessions, input by input, of the connection in the wasm: both sides, as the module of the tools has both.

import { describe, expect, test } from 'vitest';

import { toolsNow } from '../../src/tools.js';
import { files } from './files.js';
import { hex, list, members, message, withHex, type Json, type Members } from './notation.js';

/** An input or an output with bytes as hex digits, as the wasm takes and gives them, and messages whole. */
function written(value: Json): Members {
  const entries = Object.entries(members(value));
  const [entry] = entries;
  if (!entry || entries.length !== 1) throw new Error(`not one input or output: ${JSON.stringify(value)}`);
  const [name, content] = entry;
  switch (name) {
    case 'bytes':
    case 'frame':
    case 'transmit':
    case 'handshake':
    case 'kick':
      return { [name]: hex(content) };
    case 'send':
    case 'message':
      return { [name]: message(content) };
    case 'accept':
    case 'refuse':
      return { [name]: withHex(content, 'response') };
    case 'closed':
      return { [name]: end(members(content)) };
    case 'start':
    case 'eof':
    case 'timer':
    case 'kicked':
    case 'reading':
    case 'close':
    case 'open':
    case 'round_trip_ms':
    case 'wait':
      return { [name]: content };
    default:
      throw new Error(`unknown input or output: ${name}`);
  }
}

/** An end without its text, which is for people. */
function end({ reason: _, ...rest }: Members): Members {
  return rest;
}

for (const [name, content] of files('transcripts')) {
  const { format, side, config, steps } = members(content);
  describe(name, () => {
    test('is a transcript', () => {
      expect(format).toBe('transcript');
      expect(list(steps).length).toBeGreaterThan(0);
      expect(name.split('-')[0]).toBe(side);
    });
    test('is played', () => {
      const settings = withHex(config ?? {}, 'handshake');
      const { Transcript } = toolsNow();
      const transcript = new Transcript(String(side), JSON.stringify(settings));
      for (const [index, step] of list(steps).entries()) {
        const { at, input, outputs } = members(step);
        const given = written(input ?? null);
        const seen: Json = JSON.parse(transcript.step(Number(at), JSON.stringify(given)));
        const expected = list(outputs).map(written);
        expect(list(seen).map(written), `step ${index}: ${JSON.stringify(input)}`).toEqual(expected);
      }
      transcript.free();
    });
  });
}
