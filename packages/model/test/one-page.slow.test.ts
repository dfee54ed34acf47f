import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expectClose, type GoldenTensor, goldenFolder, readGolden } from '@gru4rec/test-support';
import { expect, it } from 'vitest';
import { evaluate, type Model, Parameter, readSessions, trainEpoch } from '../../../examples/gru4rec.ts';

const page = fileURLToPath(new URL('../../../examples/gru4rec.ts', import.meta.url));
const at = (file: string): string => fileURLToPath(new URL(file, goldenFolder));

/** The parameters of a golden run, on the page. */
function parametersOf(
  tensors: Readonly<Record<string, GoldenTensor>>,
  units: number,
): Map<string, Parameter> {
  const parameters = Object.entries(tensors).map(([name, { data }]): [string, Parameter] => {
    const cols = name === 'by' ? 1 : units;
    const values = data.values();
    return [
      name.replace('layer0.', ''),
      new Parameter(data.length / cols, cols, () => values.next().value ?? 0),
    ];
  });
  return new Map(parameters);
}

it.each(['xe-constrained', 'xe-sampled-logq-momentum', 'bprmax-sampled-elu-momentum'])(
  'examples/gru4rec.ts reproduces %s in float64',
  (name) => {
    const golden = readGolden(at(`${name}.json`));
    const { config } = golden;
    const [units = 0] = config.layers;
    const items = new Map<string, number>();
    const train = readSessions(at(golden.dataset), items);
    const support = Array<number>(items.size).fill(0);
    for (const item of train.flat()) support[item]++;
    const parameters = parametersOf(golden.initial, units);
    const of = (parameter: string) => parameters.get(parameter) as Parameter;
    const gate = (letter: string) => ({ W: of(`W${letter}`), U: of(`U${letter}`), b: of(`b${letter}`) });
    const gates = { r: gate('r'), z: gate('z'), n: gate('n') };
    const model: Model = { support, Wy: of('Wy'), by: of('by'), gates };
    const settings = {
      loss: config.loss as 'cross-entropy' | 'bpr-max',
      units,
      batchSize: config.batch_size,
      nSample: config.n_sample,
      sampleAlpha: config.sample_alpha,
      logq: config.logq,
      bpreg: config.bpreg,
      elu: 0.5,
      learningRate: config.learning_rate,
      momentum: config.momentum,
      epochs: golden.epochs,
    };
    const samples = golden.samples?.values();
    const draw = () => [...(samples?.next().value ?? [])];
    const losses = Array.from({ length: golden.epochs }, () =>
      trainEpoch(model, train, settings, draw),
    ).flat();

    expectClose(losses, golden.losses, { absolute: 0, relative: 1e-9 });
    for (const [parameter, { data }] of Object.entries(golden.final)) {
      const values = of(parameter.replace('layer0.', '')).rows.flatMap((row) => [...row]);
      const greatest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expectClose(values, data, { absolute: 1e-8 * greatest, relative: 0 });
    }
    const { recall, mrr } = evaluate(model, readSessions(at('test-events.tsv'), items, true));
    expectClose([recall, mrr], Object.values(golden.evaluation.standard['20'] ?? {}), {
      absolute: 1e-12,
      relative: 0,
    });
  },
);

it('examples/gru4rec.ts trains on a file of clicks', () => {
  const command = ['--import', 'tsx', page, at('test-events.tsv'), at('test-events.tsv')];
  const { stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/epoch 5: loss 2\.\d+, recall (1|0\.9)/);
});
