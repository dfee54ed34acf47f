import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PinnedWheel } from './pinned-wheels.ts';
import { type CommandLine, runCommand, tellingLine, type Where } from './run-command.ts';
import { SetUpError } from './set-up-error.ts';

/** Names of the platforms whose wheels run on a glibc, the oldest last. */
function platformsUpTo(glibcMinor: number): string[] {
  const minors = Array.from({ length: Math.max(0, glibcMinor - 4) }, (_, i) => glibcMinor - i);
  const named = minors.map((minor) => `manylinux_2_${minor}_x86_64`);
  return [...named, 'manylinux2014_x86_64', 'manylinux2010_x86_64', 'manylinux1_x86_64'];
}

/**
 * Downloads wheels for CPython 3.11 whatever Python runs pip: nothing of them is ever run by it. Where a hash is known
 * pip refuses any other file.
 *
 * @returns paths of the wheels, in the order of their names.
 * @throws SetUpError if there is no such version, a file is not the one expected, or pip fails otherwise.
 */
export async function downloadWheels(
  pip: CommandLine,
  wheels: readonly PinnedWheel[],
  { glibcMinor, ...where }: Where & { readonly glibcMinor: number },
): Promise<string[]> {
  const { folder } = where;
  await mkdir(folder, { recursive: true });
  const requirements = `${folder}.txt`;
  await writeFile(requirements, wheels.map(requirementOf).join(''));
  const pinned = wheels.every(({ sha256 }) => sha256 !== undefined);
  const options = ['--no-deps', '--only-binary=:all:', '--implementation=cp', '--python-version=3.11'];
  const { status, output } = await runCommand(
    [
      ...pip,
      ...['download', '--disable-pip-version-check', '--no-input', '--progress-bar=off', ...options],
      '--abi=cp311',
      ...platformsUpTo(glibcMinor).map((platform) => `--platform=${platform}`),
      ...(pinned ? ['--require-hashes'] : []),
      `--requirement=${requirements}`,
      `--dest=${folder}`,
    ],
    where,
  );
  if (status !== 0) throw describeFailure(output, wheels, status);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.whl')).sort();
  if (files.length !== wheels.length) {
    throw new SetUpError(`setUpTensorFlow: expected ${wheels.length} wheels of pip, got ${files.length}.`);
  }
  return files.map((name) => join(folder, name));
}

function requirementOf({ name, version, sha256 }: PinnedWheel): string {
  return `${name}==${version}${sha256 === undefined ? '' : ` --hash=sha256:${sha256}`}\n`;
}

function describeFailure(
  output: string,
  wheels: readonly PinnedWheel[],
  status: number | undefined,
): SetUpError {
  const wanted = wheels.map(({ name, version }) => `${name} ${version}`).join(', ');
  if (/DO NOT MATCH THE HASHES/.test(output)) {
    const got = /Got\s+([0-9a-f]{64})/.exec(output)?.[1] ?? 'another';
    const expected = /Expected sha256 ([0-9a-f]{64})/.exec(output)?.[1] ?? 'the pinned one';
    return new SetUpError(
      `setUpTensorFlow: the index gave a file with SHA-256 ${got} for ${wanted}, expected ${expected}. ` +
        'It is not the published one: ask who runs the index.',
    );
  }
  const versions = /\(from versions: ([^)]*)\)/.exec(output)?.[1];
  if (versions !== undefined && versions !== 'none') {
    const newest = versions.split(', ').filter((version) => /^[\d.]+$/.test(version));
    return new SetUpError(
      `setUpTensorFlow: there is no ${wanted} for CPython 3.11 on Linux x86-64. ` +
        `The newest are ${newest.slice(-4).join(', ')}.`,
    );
  }
  const line = tellingLine(output, /^ERROR: (?!Could not install packages)/);
  const ended = status === undefined ? 'could not be started' : `ended with exit code ${status}`;
  return new SetUpError(`setUpTensorFlow: pip ${ended} when it downloaded ${wanted}: ${line}`);
}
