// The codecs of the wasm against every case of conformance/vectors.

import { describe, expect, test } from 'vitest';

import { toolsNow } from '../../src/tools.js';
import { files } from './files.js';
import { formats } from './formats.js';
import { list, members } from './notation.js';

/** The longest body is 32 million hex digits. */
const LONG_MS = 60_000;

for (const [name, content] of files('.', ['transcripts'])) {
  const { format, cases } = members(content);
  describe(name, () => {
    const check = formats[String(format)];
    if (!check) throw new Error(`${name} has the unknown format ${format}`);
    if (list(cases).length === 0) throw new Error(`${name} has no cases`);
    test.each(list(cases).map((given) => members(given)))('$name', (given) => {
      check(given, (written) => JSON.parse(toolsNow().evaluate(String(format), JSON.stringify(written))));
    }, LONG_MS);
    test('has a name of its own for each case', () => {
      const names = list(cases).map((given) => members(given)['name']);
      expect(new Set(names).size).toBe(names.length);
    });
  });
}

test('a format that there is not is refused', () => {
  expect(() => toolsNow().evaluate('nothing', '{}')).toThrow('nothing');
});
