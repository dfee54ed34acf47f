import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runHere } from './run-trainer.ts';
import { useTinyModel } from './tiny-shop.ts';

const folder = useTinyModel();
beforeAll(async () => {
  const files = {
    'no-tokens.txt': '# none\n\n',
    'bad-tokens.txt': 'good\nnot good\n',
    'empty.txt': '\n',
    'other.csv': 'SessionId,ItemId,Time\na,x,1\na,y,2\n',
    'named.mjs': 'export const mine = 1;',
    'no-json.json': '{"layers": [8],}',
    'keys.json': '{"layer": [8]}',
    'values.json': '\uFEFF{"loss": "top2", "dropoutPHidden": 1}',
    'code.py': `gru4rec_params = OrderedDict([("loss", open("x"))])`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder(), name), text);
  await runHere(folder(), 'prepare', '--input', 'clicks.tsv', '--output', 'all');
  await runHere(folder(), 'prepare', '--input', 'other.csv', '--output', 'other');
}, 60_000);

type Row = readonly [line: string | readonly string[], message: string, code?: number];

const into = 'prepare --input clicks.tsv --output new';
const learning = 'serve model --event-log e --learn';

/** A row per kind of message; what other packages check has its rows there. */
const rows: readonly Row[] = [
  [`${into} --test 150%`, '--test expected a share of the sessions between 0 and 1, got 1.5'],
  [
    `${into} --test 1day`,
    '--test expected days (7d), a share (10%), a date (2026-05-01) or files of events, got',
  ],
  [`${into} --test 2099-01-01`, ', when the last session ends, got 2099-', 1],
  [`${into} --test model`, '--test expected logs of events, got a model'],
  ['prepare --input data --output new', '--input expected logs of events, got a dataset'],
  [`${into} --columns user=u user=v`, '--columns expected each key once, got user twice'],
  [
    `${into} --columns itm=sku`,
    'Did you mean item? --columns expected key=NAME with a key of session, item, time',
  ],
  [`${into} --spark-folder tmp`, '--spark-folder expected --spark with it, got none'],
  [`${into} --spark yarn`, '--spark expected the folder of Spark in SPARK_HOME, got none'],
  [`${into} --session-gap soon`, '--session-gap expected a time such as 90s, 30m or 1h, got "soon"'],
  [`${into} --session-gap 30m`, '--session-gap expected another option with it, got none'],
  [`${into} --late-sessions keep`, '--append with it'],
  ['prepare --append --input clicks.tsv --output data --test 1d', '--append expected no --test with it: new'],
  ['inspect old.checkpoints', 'old.checkpoints is neither the folder of a dataset nor that of a model', 1],
  ['inspect', 'inspect expected the folder of a dataset or a model as its first argument, got none'],
  ['inspect --log a.jsonl --html a.html --json', '--json expected a model or a dataset, got only a log'],
  ['inspect data --log a.jsonl --html a.html', '--log expected a model, got a dataset'],
  ['inspect --log clicks.tsv --html a.html', 'clicks.tsv, line 1: expected a line of a training log', 1],
  ['forget --data data', 'forget expected ID or --file, got none'],
  ['forget a', 'forget expected --data, --events or --server, got none'],
  ['forget --file empty.txt --data data', '--file expected ids, one per line, got none, at empty.txt'],
  ['forget a --events none', 'cannot be read', 1],
  ['train data --output m --budget 10', '--budget expected seconds (30s), minutes (10m) or hours (1h)'],
  ['train data --output m --budget 1s --config fast', 'mutually exclusive'],
  ['train data --output m --threads 65', '--threads expected an integer from 1 to 64, got "65"'],
  ['train data --output m --continue data', '--continue expected a model, got a dataset'],
  [
    'train data --output m --continue model --new-only --resume',
    '--new-only expected no --resume with it, got both',
  ],
  ['train data --output m --new-only', '--new-only expected --continue MODEL with it, got none'],
  [
    'train data --output m --continue model --set layers=8',
    '"layers" expected [16] as in the model that training',
  ],
  [
    'train data --output m --set leraningRate=1',
    'Did you mean learningRate? configuration: unknown key "ler',
  ],
  ['train data --output m --config no-json.json', 'no-json.json is not JSON: '],
  [
    'train data --output m --config keys.json',
    'keys.json: configuration: unknown key "layer"; the keys are ',
  ],
  ['train data --output m --config values.json', '"dropoutPHidden" expected a number ≥ 0 and < 1, got 1'],
  ['train data --output m --config code.py', 'code.py'],
  ['train data --output m --config fsat', 'Did you mean fast? The configuration ', 1],
  [
    'train data --output m --log m/logs/a.jsonl',
    '--log expected a file outside the folder of --output, got m/l',
  ],
  ['train nowhere --output data', 'holds a dataset and no model', 1],
  ['evaluate nowhere --data data', 'model.json cannot be read', 1],
  ['compare data --models v-sknm', 'Did you mean v-sknn? --models expected a baseline (pop, '],
  ['compare data --models data', '--models data expected a model, got a dataset, at '],
  ['compare data --models ./absent.mjs', '--models ./absent.mjs cannot be loaded: '],
  [
    'compare data --models ./named.mjs',
    'expected a function of the dataset that returns a scorer, as default export',
  ],
  [
    'compare data --models pop --metrics ./named.mjs',
    'expected a metric { label, of(ranks, cutoff) } or a list of',
  ],
  [
    'compare data --models pop --metrics m.mjs --protocol remaining',
    '--metrics expected --protocol next or last',
  ],
  [
    'compare data --models pop --seeds 1 2',
    '--seeds expected a contender that depends on a seed, such as FILE.json',
  ],
  [
    'compare data --models pop --engine reference',
    '--engine expected a model to train (FILE.json) among --models',
  ],
  [
    'compare data --models pop --windows 3 --ranks r.parquet',
    '--ranks expected one evaluation of all sessions',
  ],
  ['compare data --models pop --ranks data', '--ranks data cannot be written: The output ', 1],
  ['compare data --models pop --output clicks.tsv', 'The report cannot be written in ', 1],
  ['compare data --models pop --keep absent=kept', '--keep expected one of best, pop, got "absent"'],
  ['compare data --models pop mix:0.5:./named.mjs+pop --keep x', './named.mjs, which a folder cannot hold'],
  [['compare', 'data', '--models', 'pop', '--gate', 'pop'], '--gate expected "A >= B recall@20"'],
  [
    'tune all --space tuned.json --output s --storage mysql://a:secret@b/c',
    'got a URL that begins with mysql:',
  ],
  ['replay model --data all --against v-snn', '--against expected names of learner, frozen, nightly, pop'],
  ['replay model --data all --from 2026-02-30', '--from expected a date such as 2026-05-01'],
  ['replay model --data all --learner batchSize=0', '--learner batchSize expected integer >= 1, got 0'],
  ['replay model --data other', 'MODEL expected a model with items of the log'],
  ['recommend model', 'recommend expects one of --session and --sessions, got none'],
  ['recommend model --session 1 --allow 1 --candidates 2', '--allow and --candidates exclude each other'],
  [
    'recommend model --session 1 --max-per-group 2',
    '--max-per-group expected a model of a dataset whose items file',
  ],
  ['serve v-sknn', 'compare DATA --models v-sknn --keep FOLDER writes its folder'],
  ['serve model --click-times 1d', '--click-times expected a time such as 1d and 5m in 1d,5m, got ""'],
  ['serve model --learn', '--learn expected --event-log with it, got none'],
  ['serve a=model b=model --learn --event-log e', '--learn expected one MODEL, got 2'],
  [`${learning} --read-only`, 'a server that takes clicks, got --read-only'],
  [
    'serve model --cors https://shop.example/',
    '--cors expected origins such as https://shop.example, or *, got',
  ],
  [
    'serve model --allowed-host http://a',
    '--allowed-host expected names such as shop.example, or *, got "http://a"',
  ],
  ['serve model --session-store paper', '--session-store expected '],
  ['serve model --token-file no-tokens.txt', 'no-tokens.txt expected one per line, got none', 1],
  [
    'serve model --token-file bad-tokens.txt',
    'bad-tokens.txt:2: a token expected letters, digits and -._~+/ only',
    1,
  ],
  ['serve model --posted-items p.csv', '--posted-items expected a file whose name ends in .jsonl, got p.csv'],
  [
    'playground --data data',
    '--data expected a model whose dataset it is, got none. Write playground MODEL --data DATA',
  ],
  [
    'export model --format safetensors --output x --top 5',
    '--top expected a format that is a graph, such as onnx',
  ],
  ['export model --format onnx --output x --weights int8', '--weights expected the format web, got onnx'],
  [
    'import --safetensors f --output x --items a',
    '--safetensors has the complete model and expected no --items with it',
  ],
  ['import --output x', 'import expected --safetensors, or --weights and --items, got neither'],
  ['setup tensorflow --version newest', '--version expected one such as 2.15.1, got "newest"'],
  ['setup kernels --gpu', '--gpu is for setup tensorflow, not for setup kernels'],
];

describe('a command line that cannot run', () => {
  it.for(rows)('$0 ends with one line and writes nothing', async ([line, message, code = 2]) => {
    const before = readdirSync(folder());
    const argv = typeof line === 'string' ? line.split(' ') : line;
    const outcome = await runHere(folder(), ...argv);
    expect(outcome).toEqual({ code, stdout: '', stderr: expect.stringContaining(message) });
    expect(outcome.stderr).not.toMatch(/^ {4}at |Unexpected error|not good|secret/m);
    expect(readdirSync(folder())).toEqual(before);
  });

  it('is refused for a port that another program has', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const { code, stderr } = await runHere(folder(), 'serve', 'model', '--port', String(port));
    expect(code).toBe(1);
    expect(stderr).toContain(
      `The server cannot listen at 127.0.0.1, port ${port} (--port names another): listen EADDRINUSE`,
    );
  });
});
