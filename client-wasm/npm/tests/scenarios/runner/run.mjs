// Runs the scenarios of conformance/scenarios.md: node run.mjs node|chromium|js|firefox [NAME...]
//
// PITAYA_CONFORMANCE_SERVER is the path of pitaya-conformance-server; without it cargo builds it.

import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { inBrowser } from './in_browser.mjs';
import { inNode } from './in_node.mjs';
import { Peers } from './peers.mjs';
import { serverProgram } from './program.mjs';
import { Report } from './report.mjs';
import { readTable } from './table.mjs';

const WAYS = {
  node: { title: 'Node', platform: 'node', entry: 'node' },
  chromium: { title: 'Chromium', platform: 'browser', browser: 'chromium', entry: 'index' },
  js: { title: 'Chromium without WebAssembly', platform: 'browser', browser: 'chromium', entry: 'js', policy: "script-src 'self'" },
  firefox: { title: 'Firefox', platform: 'browser', browser: 'firefox', entry: 'index' },
};

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../../../..');
const dist = join(here, '../../../dist');

/** The suite and the pages' scripts as texts by path. The package itself is not part of them. */
async function bundle() {
  const bundled = await build({
    entryPoints: { suite: join(here, '../suite/index.ts'), boot: join(here, '../page/boot.ts'), leaving: join(here, '../page/leaving.ts') },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    outdir: '/',
    write: false,
    plugins: [{
      name: 'served',
      setup: ({ onResolve }) => onResolve({ filter: /^page:/ }, ({ path }) => ({ path: path.replace(/^page:(.*)/, '/$1.js'), external: true })),
    }],
  });
  return Object.fromEntries(bundled.outputFiles.map(({ path, text }) => [path, text]));
}

/** That the package has been built, with this entry. */
async function built(entry) {
  const file = join(dist, `${entry}.js`);
  await access(file).catch(() => Promise.reject(new Error(`${file} is not there: run \`cargo xtask wasm\``)));
}

/** The suite as a module of this process: a file, so that its faults tell where they are. */
async function inThisProcess(text) {
  const folder = await mkdtemp(join(tmpdir(), 'pitaya-scenarios-'));
  try {
    await writeFile(join(folder, 'suite.mjs'), text);
    return await import(pathToFileURL(join(folder, 'suite.mjs')));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const [wayName, ...only] = process.argv.slice(2);
const way = WAYS[wayName];
if (!way) {
  console.error(`usage: node run.mjs ${Object.keys(WAYS).join('|')} [NAME...]`);
  process.exit(2);
}
const report = new Report(way.title);
const rows = await readTable(join(root, 'conformance/scenarios.md'));
const scenarios = [];
for (const { name, notOn } of rows) {
  if (only.length > 0 && !only.includes(name)) continue;
  if (notOn[way.platform]) report.notHere(name, notOn[way.platform]);
  else scenarios.push(name);
}
const suite = await bundle();
const { names, runAll } = await inThisProcess(suite['/suite.js']);
for (const name of names) {
  if (!rows.some((row) => row.name === name)) report.fault(name, 'is not in scenarios.md');
}
for (const name of scenarios) {
  if (!names.includes(name)) report.fault(name, 'is missing in the suite');
}
const plan = { scenarios: scenarios.filter((name) => names.includes(name)) };

// What was started ends with this process, also when it is told to stop.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
const peers = new Peers(serverProgram());
try {
  await built(way.entry);
  await peers.start();
  plan.peers = peers.urls;
  const on = way.platform === 'node' ? inNode : inBrowser;
  const left = new Set(plan.scenarios);
  const tell = (outcome) => {
    left.delete(outcome.name);
    report.outcome(outcome);
  };
  const fault = (name, text) => report.fault(name, text);
  await on({ ...way, suite, runAll, plan, tell, fault, dist, control: (order) => peers.control(order) });
  for (const name of left) report.fault(name, 'was not run');
} catch (error) {
  report.fault('runner', String(error?.stack ?? error));
} finally {
  await peers.stop();
}
process.exitCode = report.end() ? 0 : 1;
