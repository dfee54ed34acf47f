import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { prepare } from '../src/prepare.ts';
import { clicksCsv } from './clicks-csv.ts';

const program = fileURLToPath(new URL('./program.ts', import.meta.url));
const own = fileURLToPath(new URL('..', import.meta.url));

it('the README of the repository shows a program that prepares, trains, evaluates, recommends and serves', async () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const text = readFileSync(program, 'utf8');
  expect(readme).toContain(`\`shop.mjs\`:\n\n\`\`\`js\n${text}\`\`\``);

  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-program-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(own, join(folder, 'node_modules', 'gru4rec'), 'junction');
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}'); // as npm init writes it
  writeFileSync(join(folder, 'shop.mjs'), text.replace('port: 8080', 'port: 0'));
  writeFileSync(join(folder, 'clicks.csv'), clicksCsv());
  // As after a first run.
  await prepare({ inputs: [join(folder, 'clicks.csv')], output: join(folder, 'data') });

  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const argv = [`--import=${tsx}`, '--conditions=@gru4rec/source', 'shop.mjs'];
  const child = spawn(process.execPath, argv, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  await new Promise<void>((resolve) => {
    child.on('close', () => resolve());
    child.stderr.on('data', (more) => {
      printed += more;
    });
    child.stdout.on('data', (more) => {
      printed += more;
      if (printed.includes('Serving at ')) resolve();
    });
  });
  expect(printed).toMatch(/cutoff: 20,\n +recall: 0\.\d+/);
  expect(printed.match(/itemId: '\d{9}'/g)).toHaveLength(3);
  expect(printed).toMatch(/Serving at http:\/\/127\.0\.0\.1:\d+\n/);
});
