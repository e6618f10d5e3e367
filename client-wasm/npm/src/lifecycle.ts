// What the page tells of itself. None of it is there in Node, and a worker only hears of the network.

/**
 * Listens until the function that comes back is called.
 *
 * @param network the network is there, or gone
 * @param frozen the page is frozen, or runs again
 * @param shelved the page goes to the back-forward cache, where an open socket would keep it out or be cut
 * @param left the page is left for good
 */
export function watch(network: (isThere: boolean) => void, frozen: (isFrozen: boolean) => void, shelved: () => void, left: () => void): () => void {
  const { document } = globalThis;
  // Elements have events of some of these names, too.
  const events: Record<string, (event: { target: unknown; persisted: boolean }) => unknown> = {
    online: () => network(true),
    offline: () => network(false),
    pagehide: ({ persisted }) => (persisted ? shelved() : left()),
    pageshow: ({ persisted }) => persisted && frozen(false),
    visibilitychange: () => document.hidden || frozen(false),
    freeze: ({ target }) => target === document && frozen(true),
    resume: ({ target }) => target === document && frozen(false),
  };
  const heard = (event: any): unknown => events[event.type]!(event);
  const each = (verb: 'addEventListener' | 'removeEventListener'): void => {
    // While they are caught on their way down, the window hears those of its document, too.
    for (const type in events) globalThis[verb]?.(type, heard, true);
  };
  each('addEventListener');
  return () => each('removeEventListener');
}
