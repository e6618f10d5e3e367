import { ConnectError } from './errors.js';
import type { Load, Wasm } from './machine.js';

/**
 * The module once and for all clients: loaded at the first call, and again after a failure.
 *
 * @param load gives its functions
 */
export function once(load: Load): Load {
  let loaded: Promise<Wasm> | undefined;
  return () =>
    (loaded ??= load().catch((cause) => {
      loaded = undefined;
      throw cause;
    }));
}

/** Why there is no module. */
export const noModule = (cause: unknown): ConnectError =>
  cause instanceof ConnectError ? cause : new ConnectError('module', `the module cannot be loaded: ${cause}`, true, { cause });

/** Compiles the module that was built together with this text, and no other: their names for each other's functions would not fit. */
export async function compile(bytes: BufferSource, file: string): Promise<WebAssembly.Module> {
  const module = await WebAssembly.compile(bytes);
  const [stamp] = WebAssembly.Module.customSections(module, 'pitaya_build');
  if (new TextDecoder().decode(stamp) !== __BUILD__) {
    throw new ConnectError('build', `${file} is of another build than this script: publish both of one build`, false);
  }
  return module;
}
