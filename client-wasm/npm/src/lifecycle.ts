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

/** Listens until the function that comes back is called. */
export function watch(living: Living): () => void {
  const { document } = globalThis;
  const heard = ({ type, persisted }: Event & { persisted?: boolean }): void => {
    if (type === 'online' || type === 'offline') living.network_(type === 'online');
    else if (type === 'pagehide') persisted ? living.shelved_() : living.left_();
    else if (type === 'freeze') living.frozen_(true);
    else if (type === 'pageshow' ? persisted : type === 'resume' || !document.hidden) living.frozen_(false);
  };
  const each = (verb: 'addEventListener' | 'removeEventListener'): void => {
    for (const type of ['online', 'offline', 'pagehide', 'pageshow']) globalThis[verb]?.(type, heard);
    for (const type of ['visibilitychange', 'freeze', 'resume']) document?.[verb](type, heard);
  };
  each('addEventListener');
  return () => each('removeEventListener');
}
