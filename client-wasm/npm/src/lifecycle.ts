// What the page tells of itself. None of it is there in Node, and a worker only hears of the network.

/** What a page's life is told to. */
export interface Living {
  /** The network is there, or gone. */
  network_(there: boolean): void;
  /** The page is frozen, or runs again. */
  frozen_(frozen: boolean): void;
  /** The page goes to the back-forward cache, where an open socket would keep it out or be cut. */
  shelved_(): void;
  /** The page is left for good. */
  left_(): void;
}

const TYPES = ['online', 'offline', 'pagehide', 'pageshow', 'visibilitychange', 'freeze', 'resume'];

/** Listens until the function that comes back is called. */
export function watch({ network_: network, frozen_: frozen, shelved_: shelved, left_: left }: Living): () => void {
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
