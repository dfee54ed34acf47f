import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepareFolder, wheelPlatform } from '../../src/set-up/platform.ts';
import { makeFolder } from '../fake-runtime.ts';

describe('wheelPlatform', () => {
  it.each([
    ['darwin', 'arm64'],
    ['linux', 'arm64'],
    ['win32', 'x64'],
  ])('refuses %s on %s', (platform, arch) => {
    expect(() => wheelPlatform(platform, arch)).toThrow(
      `setUpTensorFlow: from wheel expected Linux on x64, got ${platform} on ${arch}. ` +
        'Set up the official library instead (from official), or compute on engine wasm.',
    );
  });

  it('returns the version of glibc', (ctx) => {
    if (process.platform !== 'linux' || process.arch !== 'x64') ctx.skip('not Linux on x64');
    expect(wheelPlatform()).toBeGreaterThanOrEqual(17);
  });
});

describe('prepareFolder', () => {
  it('creates the folder, and those above it', async () => {
    const folder = join(makeFolder(), 'a', 'b');
    await prepareFolder(folder, 'cpu');
    expect(() => writeFileSync(join(folder, 'x'), '')).not.toThrow();
  });
});
