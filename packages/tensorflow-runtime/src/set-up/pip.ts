import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PinnedWheel } from './pinned-wheels.ts';
import { type CommandLine, mostRelevantLine, runCommand, type Where } from './run-command.ts';
import { SetUpError } from './set-up-error.ts';

/** Platform tags of the wheels that run on glibc 2.`glibcMinor`, newest first. */
function platformsUpTo(glibcMinor: number): string[] {
  const minors = Array.from({ length: Math.max(0, glibcMinor - 4) }, (_, i) => glibcMinor - i);
  const named = minors.map((minor) => `manylinux_2_${minor}_x86_64`);
  return [...named, 'manylinux2014_x86_64', 'manylinux2010_x86_64', 'manylinux1_x86_64'];
}

/**
 * Downloads wheels for CPython 3.11. Any Python can run pip for that, because it runs no code of the wheels. If all
 * hashes are known, pip refuses any other file.
 *
 * @returns paths of the wheels, sorted by name.
 * @throws SetUpError if a version does not exist, a file has another hash, or pip fails for another reason.
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
    throw new SetUpError(`setUpTensorFlow: expected ${wheels.length} wheels from pip, got ${files.length}.`);
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
        'It is not the published file: ask the operator of the index.',
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
  const line = mostRelevantLine(output, /^ERROR: (?!Could not install packages)/);
  const ended = status === undefined ? 'could not be started' : `ended with exit code ${status}`;
  return new SetUpError(`setUpTensorFlow: pip ${ended} when downloading ${wanted}: ${line}`);
}
