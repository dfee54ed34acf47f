import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { commandTable } from '../src/command-table.ts';
import { parseCommand } from '../src/parse-command.ts';
import { openProject } from '../src/project/project.ts';
import { makeFolder } from './run-trainer.ts';

const root = new URL('../../../', import.meta.url);
const namesIn = (folder: string) => readdirSync(new URL(folder, root)).sort();
const pages = namesIn('docs/').filter((name) => name.endsWith('.md'));
const documents = [
  'README.md',
  'RELIABILITY.md',
  ...['README.md', 'compose.yaml', 'gru4rec.service', 'gru4rec-nightly.service'].map(
    (name) => `deploy/${name}`,
  ),
  ...pages.map((name) => `docs/${name}`),
  ...['packages', 'apps']
    .flatMap((area) => namesIn(`${area}/`).map((name) => `${area}/${name}/README.md`))
    .filter((path) => existsSync(new URL(path, root))),
];
const read = (document: string) => readFileSync(new URL(document, root), 'utf8');

/** The command lines in a document's shell blocks, as words, without those that a shell expands. */
function commandsOf(document: string): string[][] {
  const text = read(document);
  // A unit of systemd has a line, a file of compose a list of words.
  const unit = /^ExecStart=\S+\/(gru4rec .*)$/m.exec(text)?.[1];
  const words = /^ {4}command:\n((?: {6}- .*\n)+)/m.exec(text)?.[1]?.replaceAll(/^ {6}- (.*)\n/gm, '$1 ');
  const blocks = [...text.matchAll(/^ *```sh\n(.*?)^ *```/gms)].map(([, block = '']) => block);
  blocks.push(unit ?? '', words === undefined ? '' : `gru4rec ${words}`);
  const lines = blocks.flatMap((block) => block.replace(/\\\n\s*/g, ' ').split('\n'));
  const commands = lines.flatMap(
    (line) => /^ *(?:npm start --|(?:npx |node_modules\/\.bin\/)?gru4rec) ([a-z].*)$/.exec(line)?.[1] ?? [],
  );
  return commands
    .filter((line) => !/[$|<>`]/.test(line))
    .map((line) =>
      [...line.replace(/ #.*$/, '').matchAll(/'[^']*'|"[^"]*"|[^ '"]+/g)].map(([word]) =>
        word.replace(/^['"]|['"]$/g, ''),
      ),
    );
}

/** A project with a model, which pages assume where a command line names neither. */
const folder = makeFolder(afterAll);
const projectFile = join(folder, 'gru4rec.json');
writeFileSync(projectFile, JSON.stringify({ log: 'clicks.csv' }));
mkdirSync(join(folder, 'models'));
writeFileSync(join(folder, 'models', 'current'), '2026-11-30T0200Z\n');
const project = openProject(projectFile, folder);

describe('commands in documents', () => {
  it.each(documents)('%s calls the command gru4rec', (document) => {
    const names = commandTable.map(({ name }) => name).join('|');
    expect(read(document).match(new RegExp(`\\btrainer\\s(${names}|COMMAND)\\b.*`, 'g'))).toBeNull();
  });

  it.each(
    documents.flatMap((document) =>
      commandsOf(document).map((words) => [document, words.join(' '), words] as const),
    ),
  )('%s: %s', async (_document, _line, words) => {
    const entry = commandTable.find(({ name }) => name === words[0]);
    expect(entry).toBeDefined();
    if (!entry) return;
    const { command } = await entry.load();
    const given = project.forCommand(entry.name, words.slice(1));
    expect((await parseCommand(entry.name, command, words, given)).args).toBeDefined();
  });
});
