import { create } from './element';

const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** A coloured disc with a name's first letter. It only decorates: the name stands beside it. */
export function avatar(name: string): HTMLElement {
  const [first] = letters.segment(name);
  const disc = create('span', 'avatar');
  // The style shows it: it is no part of the text.
  disc.dataset.letter = first?.segment.toLocaleUpperCase() ?? '';
  disc.ariaHidden = 'true';
  disc.style.setProperty('--hue', String(hue(name)));
  return disc;
}

/** The same colour for the same name, on every screen. */
function hue(name: string): number {
  let hash = 0;
  for (const char of name) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 0xffff;
  // Steps of a golden angle, so that similar names differ.
  return Math.round(hash * 137.5) % 360;
}
