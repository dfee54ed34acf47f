import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readModel } from '../../src/storage.node.ts';
import { trainTiny } from '../tiny-data.ts';

afterEach(() => vi.restoreAllMocks());

/** Trains, saves and reads a model. Also counts the checkpoints at a tiny interval. */
async function run() {
  let checkpoints = 0;
  const save = async (): Promise<void> => void checkpoints++;
  const model = await trainTiny({}, { checkpoint: { every: { minutes: Number.MIN_VALUE }, save } });
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-clock-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await model.save(join(folder, 'model'));
  return { checkpoints, history: (await readModel(join(folder, 'model'))).history };
}

describe('train, with any clock', () => {
  it('measures time with a clock that does not go backwards', async () => {
    let wall = 1e12;
    vi.spyOn(Date, 'now').mockImplementation(() => {
      wall -= 3_600_000;
      return wall;
    });
    const { checkpoints, history } = await run();
    expect(checkpoints).toBeGreaterThan(10);
    for (const { seconds, stepsPerSecond } of history) {
      expect(seconds).toBeGreaterThan(0);
      expect(stepsPerSecond).toBeGreaterThan(0);
    }
  });

  it('gives rates of 0 and a readable model if no time seems to pass', async () => {
    vi.spyOn(performance, 'now').mockReturnValue(5);
    const { history } = await run();
    expect(history.map(({ seconds, eventsPerSecond }) => [seconds, eventsPerSecond])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});
