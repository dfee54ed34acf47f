import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pointTo } from '@gru4rec/durable-files';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { RandomStream } from '@gru4rec/random';
import { expect, it, onTestFinished } from 'vitest';
import { EventLog } from '../../src/index.ts';
import { openLearner } from '../../src/learning/learner-folder.ts';
import { learnDefaults } from '../../src/learning/learning.ts';
import { saveTinyModel, testFolder } from '../tiny-server.ts';
import type { LearnTask } from './learn-process.ts';
import { Log, learntIn, linesOf, openLearnerOf, saveWalker, walks } from './learnt-log.ts';
import type { RebaseTask } from './rebase-process.ts';

const KILLS = 10;
const program = fileURLToPath(new URL('./learn-process.mjs', import.meta.url));

/** Runs a process that learns. @param killMs - when it is killed after it has opened its folder. */
async function learn(
  task: LearnTask,
  killMs?: number,
): Promise<{ readonly from: number; readonly done: boolean }> {
  const child = spawn(process.execPath, ['--conditions=@gru4rec/source', program, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  const opened = new Promise<void>((resolve) => {
    child.stdout.on('data', (text) => {
      output += String(text);
      resolve();
    });
  });
  const ended = once(child, 'close');
  await Promise.race([opened, ended]);
  if (killMs !== undefined) setTimeout(killMs).then(() => child.kill('SIGKILL'));
  const [code] = await ended;
  if (code !== 0 && code !== null) throw new Error(`The process ended by itself with exit code ${code}`);
  return { from: Number.parseInt(output, 10), done: output.includes('done') };
}

it('learns each click once, and to the bit as an undisturbed process, under kill -9 at any moment', async () => {
  const folder = testFolder();
  const directory = join(folder, 'model');
  await saveWalker(directory);
  const log = new Log(join(folder, 'events'));
  const random = new RandomStream(5, 'test.kills');
  const killed = { directory, events: log.directory, output: join(folder, 'killed') };
  const starts: number[] = [];
  log.append(linesOf(walks(100, 1), 'first'));
  for (let kill = 0; kill < KILLS; kill++) {
    // Clicks that arrive between two processes, some with a new item.
    log.append(
      linesOf(
        walks(60, kill + 2).map((walk) => [...walk, -1 - kill, 4]),
        `k${kill}-`,
        60_000 * kill,
      ),
    );
    const { from, done } = await learn(killed, random.nextBelow(700));
    if (!done) starts.push(from);
  }
  expect((await learn(killed)).done).toBe(true);
  // They were killed at different places.
  expect(starts.length).toBeGreaterThan(KILLS / 2);
  expect(new Set(starts).size).toBeGreaterThan(KILLS / 3);

  const output = join(folder, 'undisturbed');
  const learner = await openLearnerOf(log, { directory, output });
  await learner.take({ to: log.end, publish: false, save: true, close: false });
  learner.close();
  expect(await learntIn(killed.output)).toEqual(await learntIn(output));
  const again = await openLearnerOf(log, killed);
  expect(again.status).toMatchObject({ pairs: learner.status.pairs, learnt: log.end });
  again.close();
  // Nothing half-written is left.
  const left = readdirSync(folder).filter((name) => name.startsWith('.') && !name.endsWith('.lock'));
  expect(left).toEqual([]);
}, 300_000);

it('goes on after kill -9 at each rename of a save, also between the two that replace the folder', async () => {
  const folder = testFolder();
  const directory = join(folder, 'model');
  await saveWalker(directory);
  const log = new Log(join(folder, 'events'));
  const killed = { directory, events: log.directory, output: join(folder, 'killed') };
  let between = 0;
  for (let killAtRename = 1; killAtRename <= 14; killAtRename++) {
    log.append(linesOf(walks(30, killAtRename), `k${killAtRename}-`, 60_000 * killAtRename));
    expect((await learn({ ...killed, killAtRename })).done).toBe(false);
    if (!existsSync(killed.output)) between++;
  }
  expect(between).toBeGreaterThan(0);
  expect((await learn(killed)).done).toBe(true);
  const output = join(folder, 'undisturbed');
  const learner = await openLearnerOf(log, { directory, output });
  await learner.take({ to: log.end, publish: false, save: true, close: false });
  learner.close();
  expect(await learntIn(killed.output)).toEqual(await learntIn(output));
}, 300_000);

it('learns each click of two growing logs once, under kill -9 at any moment', async () => {
  const folder = testFolder();
  const directory = join(folder, 'model');
  await saveWalker(directory);
  const folders = ['a', 'b'].map((name) => join(folder, name));
  const writers = await Promise.all(folders.map((name) => EventLog.open(name)));
  const until = join(folder, 'until');
  const task = {
    ...{ directory, events: join(folder, 'own'), output: join(folder, 'learnt') },
    others: { folders, until },
    // Each item is always followed by the same one.
    settings: { itemShare: 1 },
  };
  // Logs of others are learnt from their ends on, so the learner comes first.
  let written = 0;
  let isWriting = true;
  const write = async (log: EventLog, name: string) => {
    for (let session = 0; isWriting; session++) {
      for (const item of [session, session + 1, session + 2]) {
        const click = { item: `i${item % 30}`, timeMs: Date.now() };
        const sessionId = `${name}${session}`;
        await log.onClick({ sessionId, click, recommendationId: undefined, model: 'm' });
        written++;
      }
      await setTimeout(5);
    }
  };
  const opened = new Log(task.events);
  (await openLearnerOf(opened, { ...task, others: folders })).close();
  const writing = writers.map((log, at) => write(log, `s${at}-`));
  const random = new RandomStream(6, 'test.kills');
  for (let kill = 0; kill < KILLS; kill++)
    expect((await learn(task, random.nextBelow(600))).done).toBe(false);
  isWriting = false;
  await Promise.all(writing);
  await Promise.all(writers.map((log) => log.close()));
  writeFileSync(until, '');
  expect((await learn(task)).done).toBe(true);

  const { saved } = (await openLearner(task.output, createWasmEngine({ threads: 1 }))) ?? {};
  const { dropped = 0, pairs = 0, sessions, waiting } = saved?.learner ?? {};
  // Each click begins a session or makes a pair.
  expect(dropped).toBe(0);
  expect((sessions?.ids.length ?? 0) + pairs + (waiting?.input.length ?? 0)).toBe(written);
  expect(written).toBeGreaterThan(500);
}, 300_000);

it('learns each click once by the model that is current, under kill -9 while one takes over from another', async () => {
  const folder = testFolder();
  const logThrough = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
  const dataset = { checksum: 'x', directory: 'data', logThrough };
  for (const [seed, name] of ['a', 'b'].entries())
    await saveTinyModel(join(folder, name), { seed: seed + 1 }, { dataset });
  await pointTo(join(folder, 'current'), 'a');
  const script = fileURLToPath(new URL('./rebase-process.mjs', import.meta.url));
  /** @param kill - after which of its lines it is killed, and how long after that. */
  const run = async (task: RebaseTask, kill?: { readonly line: string; readonly ms: number }) => {
    const words = ['--conditions=@gru4rec/source', script, JSON.stringify(task)];
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
  };
  const random = new RandomStream(7, 'test.kills');
  let clicks = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const line = kill % 2 ? 'switched' : 'begins';
    const lines = await run({ folder, isBusy: true }, { line, ms: random.nextBelow(4000) });
    clicks += lines.filter((one) => one === 'click').length;
  }
  expect(await run({ folder, isBusy: false })).toContain('done');

  const events = join(folder, 'events');
  const days = readdirSync(events).filter((name) => name.endsWith('.jsonl'));
  const contents = days.map((name) => readFileSync(join(events, name), 'utf8'));
  const ends = new Map(days.map((name, at) => [name.slice(0, 10), contents[at]?.length ?? 0]));
  expect(contents.join('').split('\n').length).toBeGreaterThan(clicks);
  const current = join(folder, readFileSync(join(folder, 'current'), 'utf8').trimEnd());
  const output = join(folder, 'undisturbed');
  const learner = await openLearnerOf(
    { directory: events },
    { directory: current, output, from: new Map(), settings: learnDefaults },
  );
  await learner.take({ to: ends, publish: false, save: true, close: false });
  learner.close();
  expect(await learntIn(join(folder, 'learnt'))).toEqual(await learntIn(output));
}, 300_000);
