import { DependencyList } from 'react';
import { State, Client } from './index.js';

/**
 * Hooks for React 18 and later.
 *
 * @module
 */

/** What a component knows of its connection. */
interface Pitaya<Connected> {
    /** The client, once it is connected for the first time. It stays the same over reconnects. */
    readonly client: Connected | undefined;
    /** Where the connection stands; `connecting` while there is no client. */
    readonly state: State;
    /** What `connect` failed with. There is no client then. */
    readonly error: unknown;
}
type AnyClient = Client<any, any>;
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
declare function usePitaya<Connected extends AnyClient>(connect: (signal: AbortSignal) => Promise<Connected>, dependencies?: DependencyList): Pitaya<Connected>;
/**
 * Hears pushes on a route as long as the component is mounted. The listener may be another function in each render: the newest is called, and
 * nothing is subscribed anew for it.
 */
declare function usePush<Pushes, Route extends keyof Pushes & string>(client: Client<any, Pushes> | undefined, route: Route, listener: (body: Pushes[Route]) => void): void;
/**
 * The round trip in milliseconds, `undefined` before it is known.
 *
 * @param everyMs how often to look, in milliseconds; the component renders when it is another
 */
declare function useRtt(client: AnyClient | undefined, everyMs?: number): number | undefined;

export { usePitaya, usePush, useRtt };
export type { Pitaya };
