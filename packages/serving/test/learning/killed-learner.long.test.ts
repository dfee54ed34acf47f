import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RandomStream } from '@gru4rec/random';
import { expect, it, onTestFinished } from 'vitest';
import { testFolder } from '../tiny-server.ts';
import type { LearnTask } from './learn-process.ts';
import { Log, learntIn, linesOf, openLearnerOf, saveWalker, walks } from './learnt-log.ts';

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
  if (killMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killMs);
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
  expect(again.status).toMatchObject({ pairs: learner.status.pairs, position: log.end });
  again.close();
  // Nothing half-written is left.
  const left = readdirSync(folder).filter((name) => name.startsWith('.') && !name.endsWith('.lock'));
  expect(left).toEqual([]);
}, 300_000);
