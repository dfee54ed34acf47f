import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadModel } from '@gru4rec/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testFolder } from '../tiny-server.ts';
import { engine, linesOf, openLearnerOf, placesIn, request, saveWalker, walks } from './learnt-log.ts';

const shared = testFolder(afterAll);
const directory = join(shared, 'model');
beforeAll(() => saveWalker(directory));
const fresh = () => placesIn(testFolder());

describe('a learner with a guard', () => {
  it('stops when it falls behind the model that it began with, and gives the last good version', async () => {
    const { log, output } = fresh();
    const learner = await openLearnerOf(log, {
      directory,
      output,
      guardShare: 1,
      settings: { learningRate: 2 },
    });
    const good: unknown[] = [];
    let given: unknown;
    for (let round = 0; round < 60 && !learner.status.stopped; round++) {
      log.append(linesOf(walks(40, 10 + round), `r${round}-`, round * 60_000));
      given = await learner.take({ ...request, to: log.end, publish: true });
      if (learner.status.guard.evidence <= 2) good.push(given);
    }
    expect(learner.status.stopped?.reason).toBe('behind');
    expect(learner.status.guard.evidence).toBeGreaterThan(10_000);
    expect(good).toContain(given);
    expect(existsSync(join(output, 'stopped.json'))).toBe(true);
    learner.close();
  });

  it('gives the model that it began with if it falls behind before a version of its process was good', async () => {
    const { log, output } = fresh();
    const options = { directory, output, guardShare: 1, settings: { learningRate: 2 } };
    let learner = await openLearnerOf(log, options);
    for (let round = 0; learner.status.guard.evidence <= 2; round++) {
      log.append(linesOf(walks(8, 10 + round), `r${round}-`, round * 60_000));
      await learner.take({ ...request, to: log.end, publish: true, save: true });
    }
    learner.close();
    learner = await openLearnerOf(log, options);
    const { evidence } = learner.status.guard;
    expect(evidence).toBeGreaterThan(2);
    learner.restored();
    let given: unknown;
    for (let round = 60; round < 120 && !learner.status.stopped; round++) {
      log.append(linesOf(walks(40, 10 + round), `r${round}-`, round * 60_000));
      given = await learner.take({ ...request, to: log.end, publish: true });
    }
    expect(learner.status.stopped?.reason).toBe('behind');
    const { checksum } = await loadModel(directory, { engine });
    expect(given).toMatchObject({ version: checksum, lineage: checksum });
    learner.close();
  });

  it('does not stop while it is as good as the model that it began with, or better', async () => {
    const { log, output } = fresh();
    const learner = await openLearnerOf(log, { directory, output, guardShare: 1 });
    // The world has changed: walks go the other way.
    for (let round = 0; round < 12; round++) {
      log.append(linesOf(walks(40, 10 + round, 5, 29), `r${round}-`, round * 60_000));
      await learner.take({ ...request, to: log.end, publish: true });
    }
    const { guard, stopped } = learner.status;
    expect(stopped).toBeUndefined();
    expect(guard.learner).toBeGreaterThan(2 * guard.frozen);
    learner.close();
  });
});
