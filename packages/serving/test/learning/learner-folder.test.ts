import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { expect, it } from 'vitest';
import { openLearner } from '../../src/learning/learner-folder.ts';
import { testFolder } from '../tiny-server.ts';
import { engine, openLearnerOf, placesIn, saveWalker } from './learnt-log.ts';

it('openLearner reads what was saved, and refuses what was altered or is of another version', async () => {
  const folder = testFolder();
  const { log, output } = placesIn(folder);
  const directory = join(folder, 'model');
  await saveWalker(directory);
  const learner = await openLearnerOf(log, { directory, output });
  await learner.take({ to: log.end, save: true });
  learner.close();
  const file = join(output, 'learner.bin');
  const found = await openLearner(output, engine);
  expect(found?.saved).toMatchObject({ learnt: new Map([['2026-05-01', 0]]), others: [], stop: undefined });
  const advice = 'Put back a copy of the folder, or delete it to begin anew';
  // The second byte of what V8 writes is its version.
  const newer = serialize({ format: 2 }).fill(0xff, 1, 2);
  const others = [
    [serialize({ format: 1 }), 'has format version 1; this program reads 2'],
    [newer, `cannot be read by Node ${process.version}; a newer one may have written it`],
  ] as const;
  for (const [content, problem] of others) {
    writeFileSync(file, Buffer.concat([createHash('sha256').update(content).digest(), content]));
    await expect(openLearner(output, engine)).rejects.toThrow(`${file} ${problem}. ${advice}`);
  }
  const damaged = `${file} is damaged: it differs from its checksum. ${advice}`;
  const altered = Buffer.concat([readFileSync(file), Buffer.of(0)]);
  for (const bytes of [altered, Buffer.of()]) {
    writeFileSync(file, bytes);
    await expect(openLearner(output, engine)).rejects.toThrow(damaged);
  }
});
