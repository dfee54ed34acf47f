// Compiles assembly/ to wasm/kernels.wasm, unless the sources that made it are unchanged.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = new URL('../', import.meta.url);
const path = (name) => fileURLToPath(new URL(name, root));
const stampFile = path('wasm/stamp.txt');

function sourceHash() {
  const hash = createHash('sha256');
  hash.update(createRequire(import.meta.url)('assemblyscript/package.json').version);
  const sources = readdirSync(path('assembly'))
    .filter((name) => name.endsWith('.ts'))
    .sort();
  for (const name of sources) hash.update(name).update(readFileSync(path(`assembly/${name}`)));
  for (const name of readdirSync(path('scripts')).sort()) hash.update(readFileSync(path(`scripts/${name}`)));
  return hash.digest('hex');
}

async function build() {
  await import('./generate-tiles.mjs');
  mkdirSync(path('wasm'), { recursive: true });
  const options = [
    path('assembly/index.ts'),
    ...['--outFile', path('wasm/kernels.wasm')],
    ...['-O3', '--noAssert', '--runtime', 'stub', '--importMemory'],
    ...['--initialMemory', '1', '--maximumMemory', '65536'],
    ...['--enable', 'simd', '--enable', 'bulk-memory'],
  ];
  const { error, stderr } = await asc.main(options);
  if (error) throw new Error(`build-kernels: the AssemblyScript compiler failed\n${stderr.toString()}`);
}

const hash = sourceHash();
if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash) process.exit(0);
await build();
writeFileSync(stampFile, hash);
