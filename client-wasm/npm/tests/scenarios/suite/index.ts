// The scenarios of conformance/scenarios.md by name, and how one is run.

import connecting from './connecting.js';
import handshakes from './handshakes.js';
import leaving from './leaving.js';
import pages from './pages.js';
import pushes from './pushes.js';
import queues from './queues.js';
import requests from './requests.js';
import returning from './returning.js';
import { deadline, Setting, type Host, type Scenario } from './setting.js';

export type { Host };

const scenarios = new Map<string, Scenario>();
for (const group of [connecting, handshakes, requests, pushes, leaving, returning, queues, pages]) {
  for (const [name, scenario] of Object.entries(group)) {
    if (scenarios.has(name)) throw new Error(`two scenarios are called ${name}`);
    scenarios.set(name, scenario);
  }
}

/** All names. */
export const names: readonly string[] = [...scenarios.keys()];

/** A scenario's end: how long it took, and its fault if it failed. */
export interface Outcome {
  readonly name: string;
  readonly ms: number;
  readonly fault?: string;
}

function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\n  because of ${told(error.cause)}`;
  return `${error.stack?.includes(error.message) ? error.stack : `${error.message}\n${error.stack}`}${cause}`;
}

/** After so many faults the rest is not run: each may take a minute to fail. */
const MOST_FAULTS = 5;

/** Runs scenarios one after the other, and tells how each ended. */
export async function runAll(names: readonly string[], host: Host, tell: (outcome: Outcome) => Promise<void> | void): Promise<void> {
  let faults = 0;
  for (const name of names) {
    const outcome = await run(name, host);
    await tell(outcome);
    if (outcome.fault !== undefined && ++faults === MOST_FAULTS) return;
  }
}

/** Runs a scenario. It also fails when an error has reached the platform meanwhile. */
async function run(name: string, host: Host): Promise<Outcome> {
  const scenario = scenarios.get(name);
  if (!scenario) throw new Error(`no scenario is called ${name}`);
  const setting = new Setting(host);
  const begin = performance.now();
  const faults: string[] = [];
  try {
    await deadline('the end of the scenario', scenario(setting), 60_000);
  } catch (error) {
    faults.push(told(error));
  }
  try {
    await deadline('the close of all clients', setting.cleanUp());
  } catch (error) {
    faults.push(told(error));
  }
  // What the platform reports, it reports in a task of its own.
  await new Promise((resolve) => setTimeout(resolve));
  for (const error of host.uncaught.splice(0)) faults.push(`nobody caught: ${told(error)}`);
  const ms = Math.round(performance.now() - begin);
  return faults.length > 0 ? { name, ms, fault: faults.join('\n') } : { name, ms };
}
