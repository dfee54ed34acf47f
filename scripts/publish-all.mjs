// pnpm publish:all --tarballs DIR: publishes what `pnpm pack:all` packed, parts before what depends on them.
//   --dry-run     checks the tarballs as npm does, and publishes nothing
//   --provenance  links each package to the workflow run that made it; only in a workflow with `id-token: write`
// A version that the registry has is passed over, so an interrupted release is continued by the same command.
// Exits with 1 at the first package that npm refuses, with 2 for wrong options.
import { parseArgs } from 'node:util';
import { publish, tarballsInOrder } from './lib/publish.mjs';

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        tarballs: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
        provenance: { type: 'boolean', default: false },
      },
    });
    const { tarballs, 'dry-run': dryRun, provenance } = values;
    if (tarballs === undefined) throw new TypeError('--tarballs expected a folder, got none');
    return { tarballs, dryRun, provenance };
  } catch (error) {
    console.error(/** @type {Error} */ (error).message);
    process.exit(2);
  }
}

const { tarballs, ...options } = readOptions();
try {
  for (const tarball of tarballsInOrder(tarballs)) {
    console.log(`${tarball.name}@${tarball.version}: ${await publish(tarball, options)}`);
  }
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exitCode = 1;
}
