import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { append } from '../src/index.ts';

// Appends a file to a dataset and kills itself when the new dataset is complete, before it is renamed.
const [output = '', file = ''] = process.argv.slice(2);
fs.renameSync = () => process.kill(process.pid, 'SIGKILL');
syncBuiltinESMExports();
await append({ inputs: [file], output });
