import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { failing, ok } from './run-trainer.ts';
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
    'code.py': `gru4rec_params = OrderedDict([("loss", open("x"))])`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder(), name), text);
  await ok(folder(), 'prepare --input clicks.tsv --output all');
  await ok(folder(), 'prepare --input other.csv --output other');
}, 60_000);

type Row = readonly [options: string, message: string, code?: number];

/** By the start of a command line, a row per kind of message; what other packages check has its rows there. */
const rows: Readonly<Record<string, readonly Row[]>> = {
  'prepare --input clicks.tsv --output new': [
    ['--test 150%', '--test expected a share of the sessions between 0 and 1, got 1.5'],
    ['--test 1day', '--test expected days (7d), a share (10%), a date (2026-05-01) or files of events, got'],
    ['--split temporal --test 1d', '--split expected no --test with it, got both'],
    ['--test model', '--test expected logs of events, got a model'],
    ['--columns user=u user=v', '--columns expected each key once, got user twice'],
    ['--columns itm=sku', 'Did you mean item? --columns expected key=NAME with a key of session, item, time'],
    ['--spark-folder tmp', '--spark-folder expected --spark with it, got none'],
    ['--spark yarn', '--spark expected the folder of Spark in SPARK_HOME, got none'],
    ['--session-gap soon', '--session-gap expected a time such as 90s, 30m or 1h, got "soon"'],
    ['--session-gap 30m', '--session-gap expected another option with it, got none'],
    ['--late-sessions keep', '--append with it'],
  ],
  engines: [
    ['--threads 2', '--threads expected --program with it, got none'],
    ['--program data', '--program expected a model, got a dataset'],
  ],
  'train data --output m': [
    ['--budget 10', '--budget expected seconds (30s), minutes (10m) or hours (1h)'],
    ['--budget 1s --config fast', 'mutually exclusive'],
    ['--threads 65', '--threads expected an integer from 1 to 64, got "65"'],
    ['--continue data', '--continue expected a model, got a dataset'],
    ['--continue model --new-only --resume', '--new-only expected no --resume with it, got both'],
    ['--new-only', '--new-only expected --continue MODEL with it, got none'],
    ['--continue model --set layers=8', '"layers" expected [16] as in the model that training'],
    ['--set leraningRate=1', 'Did you mean learningRate? configuration: unknown key "ler'],
    ['--config no-json.json', 'no-json.json is not JSON: '],
    ['--config keys.json', 'keys.json: configuration: unknown key "layer"; the keys are '],
    ['--config code.py', 'code.py'],
    ['--config fsat', 'Did you mean fast? The configuration ', 1],
    ['--log m/logs/a.jsonl', '--log expected a file outside the folder of --output, got m/l'],
  ],
  'compare data --models pop': [
    ['--metrics ./named.mjs', 'expected a metric { label, of(ranks, cutoff) } or a list of'],
    ['--metrics m.mjs --protocol remaining', '--metrics expected --protocol next or last'],
    ['--seeds 1 2', '--seeds expected a contender that depends on a seed, such as FILE.json'],
    ['--engine reference', '--engine expected a model to train (FILE.json) among --models'],
    ['--windows 3 --ranks r.parquet', '--ranks expected one evaluation of all sessions'],
    ['--ranks data', '--ranks data cannot be written: The output ', 1],
    ['--columns recall', '--columns expected --output, whose report.tex has them, got none'],
    ['--keep absent=kept', '--keep expected one of best, pop, got "absent"'],
    ['./named.mjs --keep x', './named.mjs, which a folder cannot hold'],
  ],
  'compare data --models': [
    ['v-sknm', 'Did you mean v-sknn? --models expected a baseline (pop, '],
    ['data', '--models data expected a model, got a dataset, at '],
    ['./absent.mjs', '--models ./absent.mjs cannot be loaded: '],
    ['./named.mjs', 'expected a function of the dataset that returns a scorer, as default export'],
  ],
  'serve model': [
    ['--click-times 1d', '--click-times expected a time such as 1d and 5m in 1d,5m, got ""'],
    ['--learn', '--learn expected --event-log with it, got none'],
    ['--event-log e --learn --read-only', 'a server that takes clicks, got --read-only'],
    ['--cors https://shop.example/', '--cors expected origins such as https://shop.example, or *, got'],
    ['--allowed-host http://a', '--allowed-host expected names such as shop.example, or *, got "http://a"'],
    ['--remember 30', '--remember expected a time such as 30d or 12h, got "30"'],
    ['--session-store paper', '--session-store expected '],
    ['--token-file no-tokens.txt', 'no-tokens.txt expected one per line, got none', 1],
    ['--token-file bad-tokens.txt', 'bad-tokens.txt:2: a token expected letters, digits and -._~+/ only', 1],
    ['--page-key-file keys.txt', '--page-key-file expected --token-file with it, got none'],
    ['--posted-items p.csv', '--posted-items expected a file whose name ends in .jsonl, got p.csv'],
  ],
  'replay model --data': [
    ['all --against v-snn', '--against expected names of learner, frozen, nightly, pop'],
    ['all --from 2026-02-30', '--from expected a date such as 2026-05-01'],
    ['all --learner batchSize=0', '--learner batchSize expected integer >= 1, got 0'],
    ['other', 'MODEL expected a model with items of the log'],
  ],
  inspect: [
    ['old.checkpoints', 'old.checkpoints is neither the folder of a dataset nor that of a model', 1],
    ['--log a.jsonl --html a.html --json', '--json expected a model or a dataset, got only a log'],
    ['data --log a.jsonl --html a.html', '--log expected a model, got a dataset'],
    ['--log clicks.tsv --html a.html', 'clicks.tsv, line 1: expected a line of a training log', 1],
  ],
  forget: [
    ['--data data', 'forget expected ID or --file, got none'],
    ['a', 'forget expected --data, --events or --server, got none'],
    ['--file empty.txt --data data', '--file expected ids, one per line, got none, at empty.txt'],
    ['a --events none', 'cannot be read', 1],
  ],
  'recommend model': [
    ['--session 1 --allow 1 --candidates 2', '--allow and --candidates exclude each other'],
    ['--session 1 --output a.jsonl', '--output expected --all visitors or items with it, got none'],
    ['--all items --data data --output a.jsonl', '--data expected --all visitors with it, got items'],
    ['--all visitors --data data --kind next --output a.jsonl', '--kind expected --all items with it, got v'],
    ['--all items --output a.csv', '--all expected --output FILE.parquet or FILE.jsonl, got a.csv'],
    ['--all items', '--all expected --output FILE.parquet or FILE.jsonl, got none'],
    ['--all visitors --output a.jsonl', '--all visitors expected one of --data and --events, got none'],
    ['--all visitors --data model --output a.jsonl', '--data expected a dataset, got a model'],
    ['--all items --explain --output a.jsonl', '--all expected no --explain with it, got both'],
    ['--all items --session 1 --output a.jsonl', 'one of --session, --sessions and --all, got several'],
    [
      '--all items --fields size --output a.jsonl',
      '--fields expected a model with an items file, got "size"',
    ],
    ['--session 1 --max-per-group 2', '--max-per-group expected a model of a dataset whose items file'],
  ],
  'export model': [
    ['--format safetensors --output x --top 5', '--top expected a format that is a graph, such as onnx'],
    ['--format onnx --output x --weights int8', '--weights expected the format web, got onnx'],
  ],
  '': [
    ['prepare --input data --output new', '--input expected logs of events, got a dataset'],
    [
      'prepare --append --input clicks.tsv --output data --test 1d',
      '--append expected no --test with it: new',
    ],
    ['inspect', 'inspect expected the folder of a dataset or a model as its first argument, got none'],
    ['train nowhere --output data', 'holds a dataset and no model', 1],
    ['evaluate nowhere --data data', 'model.json cannot be read', 1],
    ['evaluate model --data data --variety 0 2', '--variety expected a number from 0 to 1, got "2"'],
    ['evaluate model --data data --parts --variety 0', '--parts and --variety exclude each other'],
    ['recommend model --session 1 --variety half', '--variety expected a number from 0 to 1, got "half"'],
    [
      'tune all --space tuned.json --output s --storage mysql://a:secret@b/c',
      'got a URL that begins with mysql:',
    ],
    ['recommend model', 'recommend expects one of --session, --sessions and --all, got none'],
    ['serve model --where x', '--where expected JSON, got "x"'],
    ['serve model --where {"price":1}', '--where: "where" expected an items file with columns, got none'],
    ['serve v-sknn', 'compare DATA --models v-sknn --keep FOLDER writes its folder'],
    ['serve a=model b=model --learn --event-log e', '--learn expected one MODEL, got 2'],
    [
      'playground --data data',
      '--data expected a model whose dataset it is, got none. Write playground MODEL --data DATA',
    ],
    ['setup tensorflow --version newest', '--version expected one such as 2.15.1, got "newest"'],
    ['setup kernels --gpu', '--gpu is for setup tensorflow, not for setup kernels'],
  ],
};

describe('a command line that cannot run', () => {
  const lines = Object.entries(rows).flatMap(([start, some]) =>
    some.map(([options, ...refusal]) => [`${start} ${options}`.trim(), ...refusal] as const),
  );

  it.for(lines)('$0 ends with one line and writes nothing', async ([line, message, code = 2]) => {
    const before = readdirSync(folder());
    const stderr = await failing(folder(), line, code);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ {4}at |Unexpected error|not good|secret/m);
    expect(readdirSync(folder())).toEqual(before);
  });

  it('is refused for a port that another program has', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    expect(await failing(folder(), `serve model --port ${port}`)).toContain(
      `The server cannot listen at 127.0.0.1, port ${port} (--port names another): listen EADDRINUSE`,
    );
  });
});
