import { fileURLToPath } from 'node:url';
import { runResultsCommand } from './command.ts';
import { resultsFolder } from './record.ts';

process.exitCode = runResultsCommand(process.argv.slice(2), {
  print: (text) => process.stdout.write(`${text}\n`),
  complain: (text) => process.stderr.write(`${text}\n`),
  folder: resultsFolder,
  markdownFile: fileURLToPath(new URL('../../RESULTS.md', import.meta.url)),
});
