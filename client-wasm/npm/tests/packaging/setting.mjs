// What all packaging tests share: the tarball, a project that has installed it, and a server to talk to.

import { execFile } from 'node:child_process';
import { access, cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { SDK, Server } from '../scenarios/runner/peers.mjs';
import { serverProgram } from '../scenarios/runner/program.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
/** What a project needs beside the package: linked, so that nothing is downloaded. */
const beside = ['ws', '@types/ws', '@types/node', '@types/react', 'react', 'vitest', '@bufbuild/protobuf'];

const npm = async (folder, ...args) => (await promisify(execFile)('npm', args, { cwd: folder, shell: process.platform === 'win32' })).stdout;

/** Called by vitest before the tests; what it returns is called after them. */
export default async function setUp({ provide }) {
  await access(join(root, 'dist/js.js')).catch(() => Promise.reject(new Error('dist is not there, or is a build for development: run `cargo xtask wasm`')));
  // Under its true name: on some systems the folder for temporary files is a link, and bundlers follow links.
  const project = await realpath(await mkdtemp(join(tmpdir(), 'pitaya-packaging-')));
  let server;
  const tearDown = async () => {
    await server?.stop();
    await rm(project, { recursive: true, force: true });
  };
  try {
    await cp(join(here, 'projects'), project, { recursive: true });
    const [tarball] = JSON.parse(await npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', project));
    const links = beside.map((name) => join(root, 'node_modules', name));
    await npm(project, 'install', '--offline', '--no-package-lock', '--install-links=false', `./${tarball.filename}`, ...links);
    server = await Server.start(serverProgram(), SDK);
    provide('project', project);
    provide('files', tarball.files.map(({ path }) => path).sort());
    provide('url', server.url('json-ws'));
  } catch (error) {
    await tearDown();
    throw error;
  }
  return tearDown;
}
