// What scenarios claim. Small, so that it runs on every platform and under every policy.

function shown(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return JSON.stringify(value, (_, inner) => (inner === undefined ? 'undefined' : inner)) ?? String(value);
}

/** The same JSON text, for values that have one. */
export function equal(actual: unknown, expected: unknown, what = 'value'): void {
  const [has, wants] = [shown(actual), shown(expected)];
  if (has !== wants) throw new Error(`${what}: ${has}, expected ${wants}`);
}

export function holds(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

type ErrorClass<T> = abstract new (...values: never[]) => T;

/** The error of a call, which has to be of this class. */
export async function fails<T>(call: Promise<unknown>, kind: ErrorClass<T>): Promise<T> {
  let value;
  try {
    value = await call;
  } catch (error) {
    if (error instanceof kind) return error;
    throw new Error(`failed with ${shown(error)}, expected ${kind.name}`, { cause: error });
  }
  throw new Error(`gave ${shown(value)}, expected ${kind.name}`);
}
