import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import { replaceFolder } from '@gru4rec/durable-files';
import { MANIFEST_FILE } from '@gru4rec/playground';
import { checkOutputFolder, expectFolder } from '../arguments/folders.ts';
import {
  type ArgumentsOf,
  argument,
  type Command,
  flag,
  modelPath,
  portOption,
  text,
} from '../arguments/options.ts';
import { serveSite } from '../playground/serve-site.ts';
import { checkPage, type SiteContents, writeSite } from '../playground/write-site.ts';
import { interruptOnSignal } from '../terminal/leave-on-signal.ts';
import type { Terminal } from '../terminal/terminal.ts';

const siteFolder = { marker: MANIFEST_FILE, content: 'playground' };

/** Training sessions of the dataset that the page gets, the latest ones. */
const SESSIONS = 100_000;

const options = {
  model: argument('MODEL', modelPath('Folder of the model, which train wrote')),
  data: text('Dataset of the model: baselines appear beside it, and the page can train on it'),
  output: text('Folder to write, instead of serving'),
  port: portOption(8081),
  overwrite: flag('Replace an existing output'),
};

type Arguments = ArgumentsOf<typeof options>;

export const command: Command = {
  usage:
    '$0 playground [MODEL] [options]\n\nMakes a page on which you click items and watch what the model recommends next. Everything runs in the browser. Serves the page until Ctrl+C, or writes its files for any web server. Without a model, the page trains one on a generated shop.',
  options,
  examples: ['model --data data', 'model --output site', ''],
  run: runPlayground,
};

async function runPlayground(args: Arguments, terminal: Terminal): Promise<void> {
  const contents = await contentsOf(args, terminal);
  checkPage();
  if (args.output === undefined) return serve(contents, args, terminal);
  const output = resolve(terminal.directory, args.output);
  const check = () => checkOutputFolder(output, args.overwrite, siteFolder);
  await check();
  await replaceFolder(output, { check }, (folder) => writeSite(folder, contents));
  terminal.stderr.write(`The playground is in ${args.output}; put the folder on any web server\n`);
}

async function contentsOf({ model: named, data }: Arguments, { directory }: Terminal): Promise<SiteContents> {
  if (named === undefined && data !== undefined) {
    throw new UsageError(
      '--data expected a model whose dataset it is, got none. Write playground MODEL --data DATA',
    );
  }
  const [model, dataset] = [named, data].map((path) =>
    path === undefined ? undefined : resolve(directory, path),
  );
  if (model !== undefined) await expectFolder('MODEL', model, 'a model');
  if (dataset !== undefined) await expectFolder('--data', dataset, 'a dataset');
  return { model, data: dataset, sessions: SESSIONS };
}

async function serve(contents: SiteContents, { port }: Arguments, { stdout }: Terminal): Promise<void> {
  const { signal, undo } = interruptOnSignal();
  const folder = await mkdtemp(join(tmpdir(), 'gru4rec-playground-'));
  try {
    await writeSite(folder, contents);
    const site = await serveSite(folder, port).catch((cause) => {
      throw new Error(`The playground cannot listen at port ${port} (--port names another)`, {
        cause,
      });
    });
    stdout.write(`The playground is at ${site.url}; Ctrl+C ends it\n`);
    if (!signal.aborted) await once(signal, 'abort');
    await site.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
    undo();
  }
}
