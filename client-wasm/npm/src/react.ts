/**
 * Hooks for React 18 and later.
 *
 * @module
 */

import type { DependencyList } from 'react';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';

import type { Client, State } from './client.js';

/** What a component knows of its connection. */
export interface Pitaya<Connected> {
  /** The client, once it is connected for the first time. It stays the same over reconnects. */
  readonly client: Connected | undefined;
  /** Where the connection stands; `connecting` while there is no client. */
  readonly state: State;
  /** What `connect` failed with. There is no client then. */
  readonly error: unknown;
}

/* eslint-disable-next-line @typescript-eslint/no-explicit-any */
type AnyClient = Client<any, any>;

const CONNECTING: State = { kind: 'connecting' };

/**
 * Connects when the component mounts, and closes the client when it unmounts. Strict mode, which mounts twice, leaves no connection behind.
 *
 * ```tsx
 * const { client, state, error } = usePitaya((signal) => connect<Routes, Pushes>('wss://play.example', { signal }));
 * ```
 *
 * @param connect makes the client; give the signal on, so that a component that is gone stops connecting
 * @param dependencies what `connect` depends on: when one changes, the client is closed and another is made. Default: nothing
 */
export function usePitaya<Connected extends AnyClient>(
  connect: (signal: AbortSignal) => Promise<Connected>,
  dependencies: DependencyList = [],
): Pitaya<Connected> {
  const [outcome, setOutcome] = useState<{ client?: Connected; error?: unknown }>({});
  useEffect(() => {
    const gone = new AbortController();
    let client: Connected | undefined;
    const open = async (): Promise<void> => {
      try {
        const made = await connect(gone.signal);
        if (gone.signal.aborted) {
          await made.close();
          return;
        }
        client = made;
        setOutcome({ client: made });
      } catch (error) {
        if (!gone.signal.aborted) setOutcome({ error });
      }
    };
    void open();
    return () => {
      gone.abort();
      void client?.close();
      setOutcome({});
    };
  }, dependencies);
  const { client } = outcome;
  const state = useSyncExternalStore(
    useCallback((changed: () => void) => client?.onState(changed) ?? nothing, [client]),
    () => client?.state ?? CONNECTING,
    () => CONNECTING,
  );
  return { client, state, error: outcome.error };
}

/**
 * Hears pushes on a route as long as the component is mounted. The listener may be another function in each render: the newest is called, and
 * nothing is subscribed anew for it.
 */
export function usePush<Pushes, Route extends keyof Pushes & string>(
  /* eslint-disable-next-line @typescript-eslint/no-explicit-any */
  client: Client<any, Pushes> | undefined,
  route: Route,
  listener: (body: Pushes[Route]) => void,
): void {
  const newest = useRef(listener);
  useEffect(() => {
    newest.current = listener;
  });
  useEffect(() => client?.on(route, (body: Pushes[Route]) => newest.current(body)), [client, route]);
}

/**
 * The round trip in milliseconds, `undefined` before it is known.
 *
 * @param everyMs how often to look, in milliseconds; the component renders when it is another
 */
export function useRtt(client: AnyClient | undefined, everyMs = 1000): number | undefined {
  return useSyncExternalStore(
    useCallback(
      (changed: () => void) => {
        const timer = setInterval(changed, everyMs);
        return () => clearInterval(timer);
      },
      [everyMs],
    ),
    () => client?.rtt,
    () => undefined,
  );
}

function nothing(): void {}
