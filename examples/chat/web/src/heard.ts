/** As many lines as the server keeps. */
const KEPT = 1000;

/** Which lines were heard already: one that its speaker says again, not knowing that it arrived, is not shown twice. */
export class Heard {
  /** In the order in which they were heard. */
  readonly #keys = new Set<string>();

  /** Notes a line by its speaker and key; tells whether it was not heard before. */
  isNew(from: string, key: string): boolean {
    const line = JSON.stringify([from, key]);
    if (this.#keys.has(line)) return false;
    this.#keys.add(line);
    const [oldest] = this.#keys;
    if (this.#keys.size > KEPT && oldest !== undefined) this.#keys.delete(oldest);
    return true;
  }
}
