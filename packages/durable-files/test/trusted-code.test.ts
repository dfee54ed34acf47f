import { chmodSync, chownSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeOtherWriters, modulesBeside } from '../src/index.ts';
import { testFolder } from './folder.ts';

/** A package in a project that others can only read. */
function makePackage() {
  const project = testFolder();
  const scope = join(project, 'node_modules', '@scope');
  const place = join(scope, 'name');
  mkdirSync(place, { recursive: true });
  for (const folder of [join(project, 'node_modules'), scope, place]) chmodSync(folder, 0o755);
  return { project, scope, place };
}

it('modulesBeside lists the folders of packages that a package is in, and its own', () => {
  const path = (posix: string) => posix.replaceAll('/', sep);
  const own = path('/shop/node_modules/.pnpm/a@1/node_modules/@x/a');
  const around = ['/shop/node_modules/.pnpm/a@1/node_modules', '/shop/node_modules'].map(path);
  expect(modulesBeside(own)).toEqual([join(own, 'node_modules'), ...around]);
});

describe.skipIf(process.platform === 'win32')('describeOtherWriters', () => {
  it('finds none in a folder below one with the sticky bit', () => {
    const { project, place } = makePackage();
    chmodSync(project, 0o1777);
    expect(describeOtherWriters(place, project)).toBeUndefined();
  });

  it.each(['project', 'scope', 'place'] as const)('names a %s that every user can write', (which) => {
    const folders = makePackage();
    chmodSync(folders[which], 0o777);
    const expected = `every user can write ${folders[which]}; chmod o-w prevents that`;
    expect(describeOtherWriters(folders.place, folders.project)).toBe(expected);
  });

  it('accepts no sticky bit where packages are, because a new one would be loaded', () => {
    const { project, scope, place } = makePackage();
    chmodSync(scope, 0o1777);
    expect(describeOtherWriters(place, project)).toContain(`every user can write ${scope};`);
  });

  it('looks at the folder of a link and at its target', () => {
    const { project, place } = makePackage();
    const link = join(project, 'link');
    symlinkSync(place, link);
    expect(describeOtherWriters(link, project)).toBeUndefined();
    chmodSync(place, 0o777);
    expect(describeOtherWriters(link, project)).toContain(`every user can write ${link};`);
    chmodSync(place, 0o755);
    const [open, other] = [join(project, 'open'), join(project, 'open', 'other')];
    mkdirSync(open);
    symlinkSync(place, other);
    chmodSync(open, 0o777);
    expect(describeOtherWriters(other, project)).toContain(`every user can write ${open};`);
  });

  it('names a folder, or one beside it for missing packages, of another user or group', (ctx) => {
    if (process.getuid?.() !== 0) return ctx.skip('only root gives folders to others');
    const { project, scope, place } = makePackage();
    chownSync(place, 65_534, 65_534);
    expect(describeOtherWriters(place, project)).toBe(`${place} belongs to another user (uid 65534)`);
    chownSync(place, 0, 65_534);
    chmodSync(place, 0o775);
    const another = `another group (gid 65534) can write ${place}; chmod g-w prevents that`;
    expect(describeOtherWriters(place, project)).toBe(another);
    chmodSync(place, 0o755);
    expect(describeOtherWriters(place, project)).toBeUndefined();
    const beside = join(scope, 'node_modules');
    mkdirSync(beside);
    chownSync(beside, 65_534, 65_534);
    expect(describeOtherWriters(place, project)).toBe(`${beside} belongs to another user (uid 65534)`);
    // Whoever owns this program can change it anyway.
    chownSync(project, 65_534, 65_534);
    expect(describeOtherWriters(place, project)).toBeUndefined();
  });
});
