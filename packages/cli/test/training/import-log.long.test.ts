import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const python = process.env['GRU4REC_PYTHON'] ?? 'python3';
const folder = useTinyShop('--validation 2d');
const page = readFileSync(new URL('../../../../docs/watching-training.md', import.meta.url), 'utf8');
const [toMlflow = '', toTensorBoard = ''] = [...page.matchAll(/```python\n(.*?)```/gs)].map(
  ([, code]) => code,
);

function run(code: string): string {
  const { status, stdout, stderr } = spawnSync(python, ['-c', code], {
    cwd: folder(),
    encoding: 'utf8',
    env: {
      ...process.env,
      // mlflow-skinny has no database, and asks for this before it writes files.
      MLFLOW_ALLOW_FILE_STORE: 'true',
      MLFLOW_TRACKING_URI: `file://${join(folder(), 'mlruns')}`,
    },
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

const has = (module: string) => spawnSync(python, ['-c', `import ${module}`]).status === 0;
const needs = (module: string) => `${python} has no ${module}; name another interpreter in GRU4REC_PYTHON`;

/** Losses of the epochs in the log. */
async function trainLogged(): Promise<number[]> {
  rmSync(join(folder(), 'training.jsonl'), { force: true });
  await trainTiny(folder(), 'model', '--log training.jsonl --overwrite');
  const lines = readFileSync(join(folder(), 'training.jsonl'), 'utf8').trim().split('\n');
  return lines.flatMap((line) => {
    const { kind, loss } = JSON.parse(line);
    return kind === 'epoch' ? [loss] : [];
  });
}

describe('docs/watching-training.md', () => {
  it('imports a log into MLflow', async (ctx) => {
    if (!has('mlflow')) ctx.skip(needs('mlflow'));
    const losses = await trainLogged();
    const found = run(`${toMlflow}
client = mlflow.MlflowClient()
(found,) = client.search_runs(["0"])
print(json.dumps([found.info.run_name, found.data.params["layers"], [m.value for m in client.get_metric_history(found.info.run_id, "loss")], [m.step for m in client.get_metric_history(found.info.run_id, "recall")]]))
`);
    const [name, layers, values, steps] = JSON.parse(found.trim().split('\n').at(-1) ?? '');
    expect({ name, layers, values }).toEqual({ name: 'model', layers: '[16]', values: losses });
    expect(steps).toHaveLength(2);
  });

  it('imports a log into TensorBoard', async (ctx) => {
    if (!has('tensorboardX, tensorboard')) ctx.skip(needs('tensorboardX and tensorboard'));
    const losses = await trainLogged();
    const found = run(`${toTensorBoard}
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
import glob
(folder,) = glob.glob("runs/*")
events = EventAccumulator(folder).Reload()
print(json.dumps([event.value for event in events.Scalars("loss/epoch")]))
`);
    const values: number[] = JSON.parse(found.trim().split('\n').at(-1) ?? '');
    expect(values).toHaveLength(2);
    for (const [at, value] of values.entries()) expect(value).toBeCloseTo(losses[at] ?? 0, 5);
  });
});
