import { lockOutput } from '../src/index.ts';

// Locks the folder given as an argument, reports it, and holds the lock until it is killed or reads from stdin.
const unlock = lockOutput(process.argv[2] ?? '', 'train');
process.stdout.write('locked\n');
process.stdin.once('data', () => {
  unlock();
  process.stdin.destroy();
});
