// The chat's programs as a test drives them: started, typed into, read line by line, killed at the end.

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { built } from './binaries';

/** Long enough for a busy machine; nothing is measured by it. */
export const PATIENCE_MS = 60_000;

/** The folder of the built page. */
const page = join(import.meta.dirname, '../dist');

/** Where the server listens. */
export interface Addresses {
  tcp: string;
  ws: string;
  page: string;
}

/** A process whose lines are kept until the test asks for them. */
export class Program {
  readonly #process: ChildProcess;
  readonly #said: string[] = [];
  #read = 0;
  #wake: () => void = () => {};
  #ended = false;

  constructor(path: string, args: string[]) {
    this.#process = spawn(path, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream });
    lines.on('line', (line) => {
      this.#said.push(line);
      this.#wake();
    });
    lines.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** Waits for the next line that has `text` in it. */
  async says(text: string): Promise<string> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      for (; this.#read < this.#said.length; this.#read += 1) {
        const line = this.#said[this.#read] as string;
        if (line.includes(text)) return line;
      }
      if (this.#ended) throw new Error(`the program ended without saying "${text}"; it said:\n${this.#said.join('\n')}`);
      if (Date.now() > deadline) throw new Error(`"${text}" was not said; it said:\n${this.#said.join('\n')}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - Date.now());
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  types(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  /** Stops the process where it is: its connections stay open, and nothing is read. */
  freeze(): void {
    this.#process.kill('SIGSTOP');
  }

  /** Lets a process that was stopped go on. */
  thaw(): void {
    this.#process.kill('SIGCONT');
  }

  /** Ends the process without a word, and waits until it has ended. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
  }
}

/** Starts the chat server on free ports, or on those of one that was killed. */
export async function startServer(again?: Addresses): Promise<{ server: Program; addresses: Addresses }> {
  const { tcp, ws, page: web } = again ?? { tcp: '127.0.0.1:0', ws: '127.0.0.1:0', page: '127.0.0.1:0' };
  const server = new Program(binary('PITAYA_CHAT_SERVER', 'chat-server'), [
    ...['--tcp', tcp, '--ws', ws, '--page', web, '--web', page],
  ]);
  const address = async (listener: string): Promise<string> => {
    const line = await server.says(`listener="${listener}"`);
    return line.slice(line.indexOf('address=') + 'address='.length).trim();
  };
  return { server, addresses: { tcp: await address('tcp'), ws: await address('ws'), page: await address('page') } };
}

/** Starts a terminal client. */
export function startClient(url: string, name: string, room: string): Program {
  return new Program(binary('PITAYA_CHAT_CLIENT', 'chat-client'), [url, name, '--room', room]);
}

/** The path of a program; `binaries.ts` has built it where the environment names none. */
function binary(variable: string, name: string): string {
  return process.env[variable] ?? built(name);
}
