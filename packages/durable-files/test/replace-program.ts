import { recover, replaceFolder } from '../src/index.ts';

// Replaces a folder and waits or exits while it is being built, or cleans up leftovers in an endless loop.
const [target = '', what] = process.argv.slice(2);
if (what === 'recover') {
  process.stdout.write('looks\n');
  for (;;) await recover(target);
}
await replaceFolder(target, {}, async () => {
  if (what === 'exit') process.exit(3);
  process.stdout.write('writes\n');
  await new Promise((resolve) => setTimeout(resolve, 600_000));
});
