import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toOnnx } from '../../src/onnx/to-onnx.ts';
import { activations, clicked, configurations, drawModel } from '../drawn-models.ts';
import { testFolder } from '../folder.ts';
import { runPython } from '../python.ts';

const folder = testFolder();
const program = `
import sys, onnx
for file in sys.argv[1:]:
    onnx.checker.check_model(file, full_check=True)
print(len(sys.argv) - 1)
`;

describe('the ONNX checker', () => {
  it('accepts every configuration', (ctx) => {
    const acts = activations.map((a) => ({ loss: 'bpr-max', hiddenAct: a, finalAct: a }));
    const drawn = [...configurations, ...clicked].map(([, values]) => values);
    const files = [...drawn, ...acts].map((values, i) => {
      const file = join(folder, `${i}.onnx`);
      writeFileSync(file, toOnnx(drawModel(values), i % 2 === 0 ? {} : { top: 4 }));
      return file;
    });
    expect(runPython(ctx, ['onnx'], program, ...files).trim()).toBe(String(files.length));
  });
});
