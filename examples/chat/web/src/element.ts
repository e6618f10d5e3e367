/** The page's element with this id; index.html and the scripts are one program, so a missing one is a mistake in it. */
export function element<E extends Element>(id: string, kind: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} with id ${id}`);
  return found;
}

/** A new element. `text` becomes a text node: what strangers say is never read as HTML. */
export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  look: string,
  text?: string,
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (look) made.className = look;
  if (text !== undefined) made.textContent = text;
  return made;
}
