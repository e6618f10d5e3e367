// What figures are made of.

/** The middle value. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/**
 * A line of the result. `value` is compared with `most`, its goal, where it has one; figures that explain it stand beside it.
 *
 * @param unit follows the value: `ms`, or `x` for a ratio
 */
export function row(what, value, unit, most, beside) {
  return { what, value, unit, ...(most !== undefined && { goal: most, verdict: value <= most ? 'met' : 'missed' }), beside };
}

/** A value as people read it. */
export function text({ value, unit }) {
  return `${value.toFixed(2)} ${unit}`;
}
