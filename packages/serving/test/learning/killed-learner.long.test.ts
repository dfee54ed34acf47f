import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { pointTo } from '@gru4rec/durable-files';
import { RandomStream } from '@gru4rec/random';
import { expect, it, onTestFinished } from 'vitest';
import { learnDefaults } from '../../src/learning/learning.ts';
import { linesIn } from '../clicks.ts';
import { saveTinyModel, testFolder } from '../tiny-server.ts';
import type { LearnTask } from './learn-process.ts';
import { Log, learntAtOnce, learntIn, linesOf, openLearnerOf, saveWalker, walks } from './learnt-log.ts';
import type { RebaseTask } from './rebase-process.ts';

const KILLS = 10;
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Runs a program of this folder. @param kill - after which of its lines it is killed, and how long after that. @returns its lines. */
async function run(
  program: string,
  task: LearnTask | RebaseTask,
  kill?: { readonly line: string; readonly ms: number },
): Promise<string[]> {
  const file = fileURLToPath(new URL(program, import.meta.url));
  const words = ['--import', tsx, '--conditions=@gru4rec/source', file, JSON.stringify(task)];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close');
  const lines: string[] = [];
  let isDue = false;
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (isDue || line !== kill?.line) continue;
    isDue = true;
    setTimeout(kill.ms).then(() => child.kill('SIGKILL'));
  }
  const [code] = await ended;
  if (code !== 0 && code !== null) throw new Error(`The process ended by itself with exit code ${code}`);
  return lines;
}

it('goes on after kill -9 at each rename of a save, also between the two that replace the folder', async () => {
  const folder = testFolder();
  const directory = join(folder, 'model');
  await saveWalker(directory);
  const log = new Log(join(folder, 'events'));
  const killed = { directory, events: log.directory, output: join(folder, 'killed') };
  let between = 0;
  for (let killAtRename = 1; killAtRename <= 14; killAtRename++) {
    log.append(linesOf(walks(30, killAtRename), `k${killAtRename}-`, 60_000 * killAtRename));
    expect(await run('learn-process.ts', { ...killed, killAtRename })).toEqual([]);
    if (!existsSync(killed.output)) between++;
  }
  expect(between).toBeGreaterThan(0);
  expect(await run('learn-process.ts', killed)).toEqual(['done']);
  const output = join(folder, 'undisturbed');
  const learner = await openLearnerOf(log, { directory, output });
  await learner.take({ to: log.end, save: true });
  learner.close();
  expect(await learntIn(killed.output)).toEqual(await learntIn(output));
}, 300_000);

it('learns each click once by the model that is current, under kill -9 while one takes over from another', async () => {
  const folder = testFolder();
  const logThrough = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
  const dataset = { checksum: 'x', directory: 'data', logThrough };
  for (const [seed, name] of ['a', 'b'].entries())
    await saveTinyModel(join(folder, name), { seed: seed + 1 }, { dataset });
  await pointTo(join(folder, 'current'), 'a');
  const script = 'rebase-process.ts';
  const random = new RandomStream(7, 'test.kills');
  let clicks = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const line = kill % 2 ? 'switched' : 'begins';
    const lines = await run(script, { folder, isBusy: true }, { line, ms: random.nextBelow(4000) });
    clicks += lines.filter((one) => one === 'click').length;
  }
  expect(await run(script, { folder, isBusy: false })).toContain('done');

  const events = join(folder, 'events');
  expect(linesIn(events).length).toBeGreaterThanOrEqual(clicks);
  const directory = join(folder, readFileSync(join(folder, 'current'), 'utf8').trimEnd());
  const output = join(folder, 'undisturbed');
  const atOnce = await learntAtOnce(events, { directory, output, settings: learnDefaults });
  expect(await learntIn(join(folder, 'learnt'))).toEqual(atOnce);
}, 300_000);
