import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { topItems } from '@gru4rec/metrics';
import { ClickEncoder, type Gru4Rec } from '@gru4rec/model';
import { expectClose, float32Tolerance } from '@gru4rec/test-support';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it, type TestContext } from 'vitest';
import { toOnnx, writeOnnx } from '../../src/onnx/to-onnx.ts';
import {
  activations,
  clickColumns,
  clicked,
  configurations,
  drawEvents,
  drawModel,
  engines,
  featured,
  onEngine,
  subsetsOfParts,
} from '../drawn-models.ts';
import { runPython } from '../python.ts';
import { onnxRuntime, ServedSessions } from './served-sessions.ts';

const STEPS = 10;

function requireRuntime(ctx: TestContext): void {
  if (!onnxRuntime) ctx.skip(`ONNX Runtime does not load on ${process.platform} ${process.arch}`);
}

/** Expects the same scores from ONNX Runtime and both engines, over complete sessions. */
async function expectSameScores(model: Gru4Rec, slots: number): Promise<void> {
  const served = await ServedSessions.open(toOnnx(model), slots);
  const own = engines.map(([name, engine]) => ({
    name,
    session: onEngine(model, engine).scorer(clickColumns).open(slots),
  }));
  const featuresOf = new ClickEncoder(model.clickVocabulary ?? { columns: [] }).translator(clickColumns);
  for (const { input, resetMask, context } of drawEvents(slots, STEPS, model.itemIds.length)) {
    const { scores } = await served.step(input, resetMask, featuresOf(context));
    expect(scores!.dims).toEqual([slots, model.itemIds.length]);
    for (const { name, session } of own) {
      expectClose(scores!.data as Float32Array, session.step(input, resetMask, context), {
        ...float32Tolerance,
        name,
      });
    }
  }
  for (const { session } of own) session.close();
  await served.close();
}

describe('toOnnx', () => {
  const all = [...configurations, ...subsetsOfParts, ...featured, ...clicked];
  it.for(all)('scores as both engines do, in batches of 1 and 4: %s', async ([, values], ctx) => {
    requireRuntime(ctx);
    for (const slots of [1, 4]) await expectSameScores(drawModel(values), slots);
  });

  it.for(activations)('scores like both engines: hiddenAct and finalAct %s', async (activation, ctx) => {
    requireRuntime(ctx);
    for (const cell of ['gru', 'lstm']) {
      const values = { cell, loss: 'bpr-max', hiddenAct: activation, finalAct: activation };
      await expectSameScores(drawModel(values), 3);
    }
  });

  it('scores a catalogue of one item, and one with as many items as slots', async (ctx) => {
    requireRuntime(ctx);
    for (const itemCount of [1, 2, 3]) {
      await expectSameScores(drawModel({ layers: [3] }, itemCount), 2);
    }
  });

  it('gives the best items instead, equal scores by index', async (ctx) => {
    requireRuntime(ctx);
    const drawn = drawModel();
    const tied = drawn.tensors.map((t) =>
      t.name === 'Wy' || t.name === 'by' ? { ...t, values: t.values.map((_, i) => (i % t.cols) * 0.1) } : t,
    );
    for (const tensors of [drawn.tensors, tied]) {
      const { config, itemIds } = drawn;
      const [best, all] = [5, undefined].map((top) =>
        toOnnx({ config, itemIds, tensors }, top ? { top } : {}),
      );
      const [ranked, scored] = [await ServedSessions.open(best!, 2), await ServedSessions.open(all!, 2)];
      for (const { input, resetMask } of drawEvents(2, STEPS, itemIds.length)) {
        const { top_items, top_scores } = await ranked.step(input, resetMask);
        const scores = (await scored.step(input, resetMask))['scores']!.data as Float32Array;
        for (const slot of [0, 1]) {
          const own = scores.subarray(slot * itemIds.length, (slot + 1) * itemIds.length);
          const expected = [...topItems(own, 5)];
          const items = [...(top_items!.data as BigInt64Array)].slice(5 * slot, 5 * slot + 5).map(Number);
          expect(items).toEqual(expected);
          const found = [...(top_scores!.data as Float32Array)].slice(5 * slot, 5 * slot + 5);
          expect(found).toEqual(expected.map((item) => own[item]));
        }
      }
      await ranked.close();
      await scored.close();
    }
  });

  it('gives all items if there are fewer than requested', async (ctx) => {
    requireRuntime(ctx);
    const served = await ServedSessions.open(toOnnx(drawModel({}, 4), { top: 9 }), 1);
    const { top_items } = await served.step(Int32Array.of(0), Float32Array.of(1));
    expect(top_items!.dims).toEqual([1, 4]);
    await served.close();
  });

  it('refuses an item index that the model does not have', async (ctx) => {
    requireRuntime(ctx);
    const served = await ServedSessions.open(toOnnx(drawModel({}, 4)), 1);
    await expect(served.step(Int32Array.of(4), Float32Array.of(1))).rejects.toThrow(/out of data bounds/);
    await served.close();
  });

  it('names a parameter that is missing or has another size', () => {
    const { config, itemIds, tensors } = drawModel();
    const without = tensors.filter(({ name }) => name !== 'layer0.Uz');
    expect(() => toOnnx({ config, itemIds, tensors: without })).toThrow(
      'toOnnx: "layer0.Uz" expected 8 × 8 values, got none',
    );
    expect(() => toOnnx({ config, itemIds: itemIds.slice(1), tensors })).toThrow(
      'toOnnx: "Wy" expected 22 × 8 values, got 184',
    );
  });

  it('refuses parameters of 2 GiB and more before it copies them', () => {
    const { config, itemIds, tensors } = drawModel();
    // An array that reports its size without allocating it.
    const values = Object.defineProperty(new Float32Array(0), 'byteLength', { value: 3 * 2 ** 30 });
    const huge = tensors.map((t) => (t.name === 'Wy' ? { ...t, values } : t));
    expect(() => toOnnx({ config, itemIds, tensors: huge })).toThrow(
      'toOnnx: parameters expected less than 2 GiB, all that an ONNX file holds, got 3.0 GiB. Export safetensors.',
    );
  });
});

const folder = testFolder();
const checker = `
import json, sys, onnx
model = onnx.load(sys.argv[1])
onnx.checker.check_model(model, full_check=True)
values = lambda some: {v.name: [v.type.tensor_type.elem_type] + [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim] for v in some}
print(json.dumps([values(model.graph.input), values(model.graph.output), len(model.graph.node), {p.key: p.value for p in model.metadata_props}]))
`;
const [FLOAT, INT64] = [1, 7];

describe('writeOnnx', () => {
  it('writes the model and the item ids, with their checksum in the graph', async () => {
    const model = drawModel({}, 20_000);
    const shop = join(folder, 'new/shop');
    await writeOnnx(model, shop);
    expect(readdirSync(shop).sort()).toEqual(['items.json', 'model.onnx']);
    const ids = readFileSync(join(shop, 'items.json'));
    expect(JSON.parse(ids.toString())).toEqual(model.itemIds.slice());
    const graph = readFileSync(join(shop, 'model.onnx'));
    expect(graph.equals(toOnnx(model))).toBe(true);
    expect(graph.includes(createHash('sha256').update(ids).digest('hex'))).toBe(true);
  });

  it('keeps the older files if it cannot write', async () => {
    const taken = join(folder, 'taken');
    mkdirSync(taken);
    writeFileSync(join(taken, 'file'), 'x');
    await expect(writeOnnx(drawModel(), taken)).rejects.toThrow(
      `${taken} holds other files and no model.onnx. Name a new folder`,
    );
    await expect(writeOnnx(drawModel(), join(taken, 'file/shop'))).rejects.toThrow('taken/file/shop');
    expect([readdirSync(taken), readFileSync(join(taken, 'file'), 'utf8')]).toEqual([['file'], 'x']);
  });

  it('passes the ONNX checker, with shapes and types', async (ctx) => {
    const checked = join(folder, 'checked');
    await writeOnnx(drawModel({ cell: 'lstm', layers: [8, 5] }), checked, { top: 3 });
    const file = join(checked, 'model.onnx');
    const [inputs, outputs, nodes, metadata] = JSON.parse(runPython(ctx, ['onnx'], checker, file));
    const states = (suffix: string) => ({
      [`layer0_h${suffix}`]: [FLOAT, 'batch', 8],
      [`layer0_c${suffix}`]: [FLOAT, 'batch', 8],
      [`layer1_h${suffix}`]: [FLOAT, 'batch', 5],
      [`layer1_c${suffix}`]: [FLOAT, 'batch', 5],
    });
    expect(inputs).toEqual({ item: [INT64, 'batch'], ...states('') });
    const best = { top_scores: [FLOAT, 'batch', 3], top_items: [INT64, 'batch', 3] };
    expect(outputs).toEqual({ ...best, ...states('_next') });
    expect(nodes).toBeLessThan(70);
    expect(metadata).toMatchObject({ format: 'gru4rec-onnx', version: '1', item_count: '23' });
    expect(JSON.parse(metadata.config)).toMatchObject({ cell: 'lstm', layers: [8, 5] });
  });

  it('passes the ONNX checker in every configuration', (ctx) => {
    const acts = activations.map((a) => ({ loss: 'bpr-max', hiddenAct: a, finalAct: a }));
    const drawn = [...configurations, ...clicked].map(([, values]) => values);
    const files = [...drawn, ...acts].map((values, i) => {
      const file = join(folder, `${i}.onnx`);
      writeFileSync(file, toOnnx(drawModel(values), i % 2 === 0 ? {} : { top: 4 }));
      return file;
    });
    const program = `
import sys, onnx
for file in sys.argv[1:]:
    onnx.checker.check_model(file, full_check=True)`;
    expect(() => runPython(ctx, ['onnx'], program, ...files)).not.toThrow();
  });
});
