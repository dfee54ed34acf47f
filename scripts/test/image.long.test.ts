import { type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { testFolder } from '../../packages/test-support/src/folder.ts';
import { repositoryRoot } from '../lib/repository.mjs';

const folder = testFolder();
const instructions = readFileSync(join(repositoryRoot, 'deploy', 'Dockerfile'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({ name: line.split(' ', 1)[0], rest: line.slice(line.indexOf(' ') + 1) }));

const only = (name: string) => {
  const found = instructions.filter((instruction) => instruction.name === name);
  expect(found, name).toHaveLength(1);
  return found[0].rest;
};

const ignored = readFileSync(join(repositoryRoot, '.dockerignore'), 'utf8').split('\n');

/** Whether .dockerignore lets a file of a folder that it re-includes into the build. */
function isSent(path: string): boolean {
  const inRoot = relative(repositoryRoot, path);
  return !ignored.some(
    (line) =>
      line === inRoot ||
      line === `**/${basename(path)}` ||
      (line.startsWith('**/*.') && path.endsWith(line.slice(4))),
  );
}

/** Copies files as COPY does, into the folder of the stage. */
function copy(rest: string, stage: string, workdir: string, stages: ReadonlyMap<string, string>): void {
  const words = rest.split(' ');
  const from = stages.get(/^--from=(\w+)$/.exec(words[0])?.[1] ?? '');
  const [sources, target] = [words.slice(from ? 1 : 0, -1), words[words.length - 1]];
  for (const source of sources) {
    if (!from) expect(ignored, source).toContain(`!${source}`);
    const into = target === './' ? join(workdir, basename(source)) : resolve(workdir, target);
    const filter = from ? () => true : isSent;
    cpSync(join(from ?? repositoryRoot, source), join(stage, into), {
      recursive: true,
      verbatimSymlinks: true,
      filter,
    });
  }
}

/** Runs a command in the folder of a stage, where /app, /build and /data are. */
function runStep(rest: string, stage: string, workdir: string): void {
  const command = rest
    .replace(/(^|\s)\/(app|build|data)\b/g, `$1${stage}/$2`)
    .replace('node:node', '1000:1000');
  const env = { ...process.env, npm_config_prefer_offline: 'true', CI: 'true' };
  const options = { cwd: join(stage, workdir), env, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], options);
  expect(status, `${rest}\n${stdout}${stderr}`).toBe(0);
}

/** Runs the steps that write to the folders of the stages. @returns the folder of the last stage. */
function runSteps(folder: string): string {
  const stages = new Map<string, string>();
  let stage = '';
  let workdir = '';
  for (const { name, rest } of instructions) {
    if (name === 'FROM') {
      stage = join(folder, `stage-${stages.size}`);
      workdir = '/';
      mkdirSync(stage);
      stages.set(/ AS (\w+)/.exec(rest)?.[1] ?? 'last', stage);
    } else if (name === 'WORKDIR') {
      workdir = rest;
      mkdirSync(join(stage, workdir), { recursive: true });
    } else if (name === 'COPY') {
      copy(rest, stage, workdir, stages);
    } else if (name === 'RUN') {
      runStep(rest, stage, workdir);
    }
  }
  return stage;
}

/** Starts the image's server on a free port. @returns its process and port. @throws Error if it ends before it is ready. */
async function startServer(command: readonly string[], options: SpawnOptions) {
  const [program, ...argv] = [...command, '--port', '0', '--probe-seconds', '0'];
  const server = spawn(program, argv, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void server.kill('SIGKILL'));
  const port = await new Promise<string>((resolve, reject) => {
    let text = '';
    server.stderr?.on('data', (more) => {
      text += more;
    });
    server.stdout?.on('data', (more) => {
      const found = /^Serving at \S+:(\d+);/.exec(String(more));
      if (found) resolve(found[1]);
    });
    server.on('close', () => reject(new Error(text)));
  });
  return { server, port };
}

it('the steps of deploy/Dockerfile, run in empty folders, make a server that is ready and healthy', async (ctx) => {
  if (process.platform === 'win32') ctx.skip('the steps are for Linux');
  const image = runSteps(folder);
  chmodSync(folder, 0o755);
  const entry = JSON.parse(only('ENTRYPOINT').replace('/app', `${image}/app`)) as string[];
  const data = join(image, 'data');
  expect(only('USER')).toBe('node');
  // The user `node` has these numbers in the base image.
  const user = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};
  const options = { ...user, cwd: data, env: { PATH: process.env.PATH, HOME: data } };
  const expectStatus = ([program, ...argv]: readonly string[], expected: number) => {
    const { status, stderr } = spawnSync(program, argv, { ...options, encoding: 'utf8' });
    expect(status, stderr).toBe(expected);
  };

  const rows = Array.from(
    { length: 800 },
    (_, at) => `s${at >> 2},item-${(at * 7) % 30},${1_714_564_800 + at}`,
  );
  writeFileSync(join(data, 'clicks.csv'), `SessionId,ItemId,Time\n${rows.join('\n')}\n`);
  const prepare = ['prepare', '--input', 'clicks.csv', '--output', 'prepared'];
  expectStatus([...entry, ...prepare], 0);
  const settings = ['--set', 'layers=8', 'batchSize=8', 'nSample=8', '--set', 'nEpochs=1'];
  const train = ['train', 'prepared', '--output', 'model', ...settings];
  expectStatus([...entry, ...train], 0);

  const { server, port } = await startServer([...entry, ...JSON.parse(only('CMD'))], options);
  const check = JSON.parse(
    only('HEALTHCHECK')
      .replace(/^.* CMD /, '')
      .replace(':8080/', `:${port}/`),
  );
  expectStatus(check, 0);
  const click = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"item":"item-7","n":3}',
  };
  const response = await fetch(`http://127.0.0.1:${port}/v1/sessions/ann/events`, click);
  expect(((await response.json()) as { items: unknown[] }).items).toHaveLength(3);
  const ended = new Promise((resolve) => server.on('close', resolve));
  server.kill('SIGTERM');
  expect(await ended).toBe(0);
  expectStatus(check, 1);
});
