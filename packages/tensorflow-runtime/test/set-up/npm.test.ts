import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { installPackages } from '../../src/set-up/npm.ts';
import { withoutNpmsOwn } from '../../src/set-up/run-command.ts';
import { defaultTools } from '../../src/set-up/tools.ts';
import { makeFolder } from '../fake-runtime.ts';

it('installs with the real npm from within a script of npm --workspace', async () => {
  const folder = join(makeFolder(), 'runtime');
  const npmSettings = { npm_config_workspace: 'apps/trainer', npm_config_offline: 'true' };
  const environment = withoutNpmsOwn({ ...process.env, ...npmSettings });
  await installPackages(defaultTools.npm, { folder, environment }, {});
  expect(existsSync(join(folder, 'package-lock.json'))).toBe(true);
});
