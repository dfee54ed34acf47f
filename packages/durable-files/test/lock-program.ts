import { lockOutput } from '../src/index.ts';

// Takes the lock of the folder it is given, says so, and keeps it until it is killed or told to end.
const unlock = lockOutput(process.argv[2] ?? '', 'train');
process.stdout.write('locked\n');
process.stdin.once('data', () => {
  unlock();
  process.stdin.destroy();
});
