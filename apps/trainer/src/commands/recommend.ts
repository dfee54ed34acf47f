import { resolve } from 'node:path';
import { type Gru4Rec, loadModel, type Recommendation } from '@gru4rec/model';
import Table from 'cli-table3';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { createEngine, type EngineName } from '../engines.ts';
import { engineOption, integer, once, requiredText } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface RecommendArguments {
  model: string;
  session: readonly string[];
  top: number | undefined;
  'exclude-seen': boolean;
  json: boolean;
  engine: EngineName;
}

/** `trainer recommend`: what a visitor looks at next. */
export function recommendCommand(terminal: Terminal): CommandModule<object, RecommendArguments> {
  return {
    command: 'recommend',
    describe: 'Tell what follows on a session',
    builder: describeOptions,
    handler: (args) => runRecommend(args, terminal),
  };
}

function describeOptions(yargs: Argv): Argv<RecommendArguments> {
  return yargs
    .usage(
      '$0 recommend --model MODEL --session ID,ID,… [options]\n\nTells what follows on a session, best first.',
    )
    .option('model', requiredText('model', 'Folder that train wrote'))
    .option('session', {
      ...requiredText('session', 'The session’s item ids in order, separated by commas'),
      coerce: parseSession,
    })
    .option('top', {
      type: 'string',
      requiresArg: true,
      default: '20',
      describe: 'How many items',
      coerce: integer('top', 1),
    })
    .option('exclude-seen', {
      type: 'boolean',
      default: false,
      describe: 'Leave out the items of the session',
    })
    .option('json', { type: 'boolean', default: false, describe: 'Answer with one JSON object' })
    .option('engine', engineOption)
    .example('$0 recommend --model model --session 214536502,214536506 --top 10', '')
    .example('$0 recommend --model model --session 214536502 --exclude-seen --json', '');
}

function parseSession(value: unknown): readonly string[] {
  const itemIds = once('session')(value)
    .split(',')
    .map((id) => id.trim());
  if (itemIds.every((id) => id !== '')) return itemIds;
  throw new UsageError('--session expected item ids separated by commas, got an empty one');
}

async function runRecommend(args: ArgumentsCamelCase<RecommendArguments>, terminal: Terminal): Promise<void> {
  const { session, top = 20, excludeSeen } = args;
  const directory = resolve(terminal.directory, args.model);
  const model = await loadModel(directory, { engine: createEngine(args.engine) });
  try {
    const unknown = session.filter((itemId) => model.itemIndex(itemId) === undefined);
    if (unknown.length === session.length) {
      throw new Error(`The model knows no item of the session: ${unknown.join(', ')}`);
    }
    if (unknown.length > 0) terminal.stderr.write(`Unknown to the model, skipped: ${unknown.join(', ')}\n`);
    const items = recommend(model, session, top, excludeSeen);
    terminal.stdout.write(`${args.json ? JSON.stringify({ items, unknown }) : formatItems(items)}\n`);
  } finally {
    model.dispose();
  }
}

function recommend(
  model: Gru4Rec,
  session: readonly string[],
  top: number,
  excludeSeen: boolean,
): Recommendation[] {
  const visit = model.startSession();
  for (const itemId of session) visit.click(itemId);
  return visit.top(top, { excludeSeen });
}

function formatItems(items: readonly Recommendation[]): string {
  const table = new Table({
    head: ['', 'item', 'score'],
    colAligns: ['right', 'left', 'right'],
    style: { head: [], border: [], compact: true },
  });
  for (const [index, { itemId, score }] of items.entries()) table.push([index + 1, itemId, score.toFixed(4)]);
  return table.toString();
}
