import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { topItems } from '@gru4rec/metrics';
import type { Gru4Rec } from '@gru4rec/model';
import { expectClose, float32Tolerance, tensorFlowForTests } from '@gru4rec/test-support';
import { beforeEach, describe, expect, it } from 'vitest';
import { toSavedModel } from '../../src/saved-model/to-saved-model.ts';
import { SAVED_MODEL_FILE, writeSavedModel } from '../../src/saved-model/write-saved-model.ts';
import {
  activations,
  configurations,
  drawEvents,
  drawModel,
  engines,
  onEngine,
  repeatBiases,
} from '../drawn-models.ts';
import { testFolder } from '../folder.ts';
import { openSavedModel, type ServedSavedModel } from './served-saved-model.ts';

const { loaded, missing } = tensorFlowForTests(process.env);
const folder = testFolder();
let count = 0;

async function open(model: Gru4Rec, slots: number, top?: number): Promise<ServedSavedModel> {
  const place = join(folder, `model-${count++}`);
  await writeSavedModel(model, place, top === undefined ? {} : { top });
  return openSavedModel((loaded as NonNullable<typeof loaded>).tensorflow, place, slots);
}

/** Expects the same scores from TensorFlow and both engines, over complete sessions. */
async function expectSameScores(model: Gru4Rec, slots: number): Promise<void> {
  const served = await open(model, slots);
  const own = engines.map(([name, engine]) => ({
    name,
    session: onEngine(model, engine).scorer().open(slots),
  }));
  for (const { input, resetMask } of drawEvents(slots, 10, model.itemIds.length)) {
    const { scores } = served.step(input, resetMask);
    for (const { name, session } of own) {
      expectClose(scores ?? [], session.step(input, resetMask), { ...float32Tolerance, name });
    }
  }
  for (const { session } of own) session.close();
  served.close();
}

describe('writeSavedModel', () => {
  beforeEach((ctx) => {
    if (missing !== undefined) ctx.skip(missing);
  });

  it.each(configurations)(
    'is scored by tfjs-node as by both engines, in batches of 1 and 5: %s',
    async (_, values) => {
      for (const slots of [1, 5]) await expectSameScores(drawModel(values), slots);
    },
  );

  it.each(activations)('scores like both engines: hiddenAct and finalAct %s', async (activation) => {
    await expectSameScores(drawModel({ loss: 'bpr-max', hiddenAct: activation, finalAct: activation }), 3);
  });

  it.each(repeatBiases)('scores like both engines with a repeat bias of %s', async (_, values) => {
    for (const slots of [1, 5]) await expectSameScores(drawModel(values), slots);
  });

  it('scores a catalogue of one item, and one with as many items as slots', async () => {
    for (const itemCount of [1, 2, 3]) await expectSameScores(drawModel({ layers: [3] }, itemCount), 2);
  });

  it('gives the best items instead, equal scores by index', async () => {
    const model = drawModel();
    const [ranked, scored] = [await open(model, 2, 5), await open(model, 2)];
    const items = model.itemIds.length;
    for (const { input, resetMask } of drawEvents(2, 10, items)) {
      const { top_items, top_scores } = ranked.step(input, resetMask);
      const scores = scored.step(input, resetMask).scores as Float32Array;
      for (const slot of [0, 1]) {
        const own = scores.subarray(slot * items, (slot + 1) * items);
        const expected = [...topItems(own, 5)];
        expect([...(top_items ?? [])].slice(5 * slot, 5 * slot + 5)).toEqual(expected);
        expect([...(top_scores ?? [])].slice(5 * slot, 5 * slot + 5)).toEqual(expected.map((i) => own[i]));
      }
    }
    for (const served of [ranked, scored]) served.close();
  });
});

describe('toSavedModel', () => {
  it.each([0, 1.5, -1])('refuses top %d', (top) => {
    expect(() => toSavedModel(drawModel(), { top })).toThrow(
      `toSavedModel: "top" expected integer >= 1, got ${top}.`,
    );
  });

  it('names a missing parameter', () => {
    const { config, itemIds, tensors } = drawModel();
    const without = tensors.filter(({ name }) => name !== 'by');
    expect(() => toSavedModel({ config, itemIds, tensors: without })).toThrow('"by" expected 23 × 1 values');
  });
});

describe('writeSavedModel into a folder', () => {
  it('does not touch a folder of other files', async () => {
    writeFileSync(join(folder, 'mine.txt'), 'mine');
    await expect(writeSavedModel(drawModel(), folder)).rejects.toThrow(SAVED_MODEL_FILE);
  });
});
