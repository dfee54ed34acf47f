// How an addon is linked: it takes Node's functions from the process that loads it.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Of llvm-dlltool, by processor. */
const machines = /** @type {Readonly<Record<string, string>>} */ ({ x64: 'i386:x86-64', arm64: 'arm64' });

/**
 * Flags of the linker, after the objects.
 *
 * @param {string} platform
 * @param {string} folder - takes an import library, where the system needs one
 * @param {(program: readonly string[], args: readonly string[]) => Promise<void>} run
 * @returns {Promise<readonly string[]>}
 */
export async function linkFlags(platform, folder, run) {
  const [system, processor = ''] = platform.split('-');
  if (system === 'darwin') return ['-undefined', 'dynamic_lookup', '-lm'];
  if (system !== 'win32') return ['-lm'];
  const headers = dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json'));
  const names = ['js_native_api.def', 'node_api.def'].flatMap((file) => {
    const [, list = ''] = readFileSync(join(headers, 'def', file), 'utf8').split(/^EXPORTS$/m);
    return list.trim().split(/\s+/);
  });
  const definition = join(folder, 'node.def');
  writeFileSync(definition, ['NAME node.exe', 'EXPORTS', ...names, ''].join('\n'));
  const library = join(folder, 'libnode.a');
  await run(['llvm-dlltool'], ['-m', machines[processor] ?? processor, '-d', definition, '-l', library]);
  return [library, '-fuse-ld=lld', '-static-libgcc'];
}
