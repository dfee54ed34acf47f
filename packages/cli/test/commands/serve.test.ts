import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runHere } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();
beforeAll(async () => {
  await trainTiny(folder(), 'model');
  writeFileSync(join(folder(), 'no-tokens.txt'), '# none\n\n');
  writeFileSync(join(folder(), 'bad-tokens.txt'), 'good\nnot good\n');
  writeFileSync(join(folder(), 'items.csv'), 'id,available\na,perhaps\n');
});

describe('trainer serve', () => {
  it.each([
    [[], 2, 'serve expected the folder of a model as its first argument, got none'],
    [['data'], 2, 'MODEL expected a model, got a dataset, at '],
    [
      ['v-sknn'],
      2,
      'MODEL expected the folder of a model, which train writes, got the baseline v-sknn. compare DATA --models v-sknn --keep FOLDER writes its folder',
    ],
    [['model', '--click-times', '1d'], 2, '--click-times expected a time such as 1d and 5m in 1d,5m, got ""'],
    [['model', '--click-times', '1d,5m,1s'], 2, '1d and 5m in 1d,5m, got "5m,1s"'],
    [['model', '--event-log-keep', '90d'], 2, '--event-log-keep expected --event-log with it, got none'],
    [['model', '--learn'], 2, '--learn expected --event-log with it, got none'],
    [['model', '--learner', 'batchSize=4'], 2, '--learner expected --learn with it, got none'],
    [['model', '--learn-from', 'a'], 2, '--learn-from expected --learn with it, got none'],
    [['a=model', 'b=model', '--learn', '--event-log', 'e'], 2, '--learn expected one MODEL, got 2'],
    [
      ['model', '--learn', '--event-log', 'e', '--learner', 'replays=1'],
      2,
      '--learner replays is for replay, not for serve',
    ],
    [
      ['model', '--learn', '--event-log', 'e', '--read-only'],
      2,
      'a server that takes clicks, got --read-only',
    ],
    [
      ['model', '--cors', 'https://shop.example/'],
      2,
      '--cors expected origins such as https://shop.example, or *, got "https://shop.example/"',
    ],
    [
      ['model', '--allowed-host', 'http://shop.example'],
      2,
      '--allowed-host expected names such as shop.example, or *, got "http://shop.example"',
    ],
    [
      ['model', '--probe-seconds', '2147484'],
      2,
      '--probe-seconds expected an integer from 0 to 86400, got "2147484"',
    ],
    [['model', '--session-store', 'paper'], 2, '--session-store expected '],
    [['model', '--token-file', 'none.txt'], 1, 'none.txt cannot be read: ENOENT'],
    [['model', '--token-file', 'no-tokens.txt'], 1, 'no-tokens.txt expected one per line, got none'],
    [
      ['model', '--token-file', 'bad-tokens.txt'],
      1,
      'bad-tokens.txt:2: a token expected letters, digits and -._~+/ only',
    ],
    [
      ['model', '--items', 'items.csv'],
      1,
      'items.csv cannot be read: line 2: "available" expected true or false, got "perhaps"',
    ],
    [
      ['model', '--posted-items', 'posted.csv'],
      2,
      '--posted-items expected a file whose name ends in .jsonl, got posted.csv',
    ],
    [['model', '--items-id-column', 'sku'], 2, '--items-id-column expected --items with it, got none'],
    [['nothing', '--port', '0'], 1, 'model.json'],
  ])('refuses %j', async (argv, code, message) => {
    const outcome = await runHere(folder(), 'serve', ...argv);
    expect(outcome).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
    expect(outcome.stderr).not.toContain('not good');
  });

  it('refuses a port that another program has', async () => {
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
