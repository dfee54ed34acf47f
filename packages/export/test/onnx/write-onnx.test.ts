import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toOnnx } from '../../src/onnx/to-onnx.ts';
import { writeOnnx } from '../../src/onnx/write-onnx.ts';
import { drawModel } from '../drawn-models.ts';
import { testFolder } from '../folder.ts';
import { runPython } from '../python.ts';

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

  it('replaces both', async () => {
    const [first, second] = [drawModel({}, 5), drawModel({}, 6)];
    for (const model of [first, second]) await writeOnnx(model, join(folder, 'twice'));
    expect(JSON.parse(readFileSync(join(folder, 'twice/items.json'), 'utf8'))).toEqual(
      second.itemIds.slice(),
    );
    expect(readFileSync(join(folder, 'twice/model.onnx')).equals(toOnnx(second))).toBe(true);
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
});
