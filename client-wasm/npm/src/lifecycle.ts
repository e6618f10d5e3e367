// What the page tells of itself. None of it is there in Node, and a worker only hears of the network.

const TYPES = ['online', 'offline', 'pagehide', 'pageshow', 'visibilitychange', 'freeze', 'resume'];

/**
 * Listens until the function that comes back is called.
 *
 * @param network the network is there, or gone
 * @param frozen the page is frozen, or runs again
 * @param shelved the page goes to the back-forward cache, where an open socket would keep it out or be cut
 * @param left the page is left for good
 */
export function watch(network: (isThere: boolean) => void, frozen: (isFrozen: boolean) => void, shelved: () => void, left: () => void): () => void {
  const heard = ({ type, target, persisted }: Event & { persisted?: boolean }): void => {
    const { document } = globalThis;
    if (/line$/.test(type)) network(type === 'online');
    else if (type === 'pagehide') persisted ? shelved() : left();
    else if (type === 'pageshow' ? persisted : target === document && (type !== 'visibilitychange' || !document.hidden)) frozen(type === 'freeze');
  };
  const each = (verb: 'addEventListener' | 'removeEventListener'): void => {
    // While they are caught on their way down, the window hears those of its document, too.
    for (const type of TYPES) globalThis[verb]?.(type, heard, true);
  };
  each('addEventListener');
  return () => each('removeEventListener');
}
