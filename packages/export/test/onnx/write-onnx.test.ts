import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toOnnx } from '../../src/onnx/to-onnx.ts';
import { itemsFileOf, writeOnnx } from '../../src/onnx/write-onnx.ts';
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
  it('writes the model, and the item ids beside it', async () => {
    const model = drawModel({}, 20_000);
    await writeOnnx(model, join(folder, 'new/shop.onnx'));
    expect(readdirSync(join(folder, 'new')).sort()).toEqual(['shop.items.json', 'shop.onnx']);
    expect(JSON.parse(readFileSync(join(folder, 'new/shop.items.json'), 'utf8'))).toEqual(
      model.itemIds.slice(),
    );
    expect(readFileSync(join(folder, 'new/shop.onnx')).equals(toOnnx(model))).toBe(true);
  });

  it('replaces both', async () => {
    const [first, second] = [drawModel({}, 5), drawModel({}, 6)];
    for (const model of [first, second]) await writeOnnx(model, join(folder, 'twice.onnx'));
    expect(JSON.parse(readFileSync(join(folder, 'twice.items.json'), 'utf8'))).toEqual(
      second.itemIds.slice(),
    );
  });

  it('leaves nothing where it cannot write, and what was there', async () => {
    const place = join(folder, 'taken');
    mkdirSync(join(place, 'shop.onnx'), { recursive: true });
    const message = `${join(place, 'shop.onnx')} cannot be written`;
    await expect(writeOnnx(drawModel(), join(place, 'shop.onnx'))).rejects.toThrow(message);
    writeFileSync(join(folder, 'file'), 'x');
    await expect(writeOnnx(drawModel(), join(folder, 'file/shop.onnx'))).rejects.toThrow('cannot be written');
    expect(readdirSync(place).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('x');
  });

  it('passes the checker of ONNX, with shapes and types', async (ctx) => {
    const file = join(folder, 'checked.onnx');
    await writeOnnx(drawModel({ cell: 'lstm', layers: [8, 5] }), file, { top: 3 });
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

describe('itemsFileOf', () => {
  it.each([
    ['a/shop.onnx', 'a/shop.items.json'],
    ['shop.ONNX', 'shop.items.json'],
    ['shop', 'shop.items.json'],
  ])('names the file beside %s', (file, items) => {
    expect(itemsFileOf(file)).toBe(items);
  });
});
