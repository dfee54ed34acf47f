import { describe, expect, it } from 'vitest';
import { launcherLinks, type ProcessFacts, parentOf, processFacts } from '../lib/launcher.mjs';

const start = { npm_lifecycle_event: 'start', npm_package_json: '/repo/package.json' };
const npx = (script: string) => ({ npm_lifecycle_event: 'npx', npm_lifecycle_script: script });

/** The links of process 9 among processes by number. */
function linksOf(processes: Record<number, ProcessFacts>) {
  return launcherLinks(9, (pid) => processes[pid]);
}

describe('launcherLinks', () => {
  it('ends at the npm that started the script', () => {
    const links = linksOf({ 9: { parent: 8, environment: start }, 8: { parent: 7, environment: {} } });
    expect(links).toEqual([{ pid: 9, parent: 8 }]);
  });

  it('includes the shell between them, if any', () => {
    const links = linksOf({
      9: { parent: 8, environment: start },
      8: { parent: 7, environment: start },
      7: { parent: 6, environment: { npm_lifecycle_event: 'test' } },
    });
    expect(links).toEqual([
      { pid: 9, parent: 8 },
      { pid: 8, parent: 7 },
    ]);
  });

  it('continues to the npx that started pnpm, and no further', () => {
    const links = linksOf({
      9: { parent: 8, environment: start },
      8: { parent: 7, environment: npx("'pnpm'") },
      7: { parent: 6, environment: npx("'pnpm'") },
      6: { parent: 5, environment: npx('vitest run') },
    });
    expect(links.map(({ pid }) => pid)).toEqual([9, 8, 7]);
  });

  it('stops at a start of another package', () => {
    const links = linksOf({
      9: { parent: 8, environment: start },
      8: { parent: 7, environment: { ...start, npm_package_json: '/other/package.json' } },
    });
    expect(links).toEqual([{ pid: 9, parent: 8 }]);
  });

  it('is empty for a script that no package manager started', () => {
    expect(linksOf({ 9: { parent: 8, environment: {} } })).toEqual([]);
  });
});

describe('processFacts', () => {
  it('knows this process', () => {
    expect(processFacts(process.pid)).toEqual({ parent: process.ppid, environment: process.env });
  });

  it('knows the parent', (ctx) => {
    if (process.platform !== 'linux') ctx.skip('only Linux shows the environment of other processes');
    expect(processFacts(process.ppid)?.environment).toHaveProperty('PATH');
  });

  it('knows nothing about a process that has ended', () => {
    expect(processFacts(2 ** 22 + 1)).toBeUndefined();
    expect(parentOf(2 ** 22 + 1)).toBeUndefined();
  });
});
