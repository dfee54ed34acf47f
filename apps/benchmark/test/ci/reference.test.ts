import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseReference } from '../../src/ci/reference.ts';
import { TemporaryRepository } from './temporary-repository.ts';

let repository: TemporaryRepository;
beforeEach(() => {
  repository = new TemporaryRepository();
});
afterEach(() => repository.remove());

const choose = (against?: string) => chooseReference(repository.folder, against);

describe('chooseReference', () => {
  it('is the merge base with main, with any later commits on either', () => {
    const base = repository.commit('base');
    repository.git('checkout', '--quiet', '-b', 'work');
    repository.commit('work');
    repository.git('checkout', '--quiet', 'main');
    repository.commit('later');
    repository.git('checkout', '--quiet', 'work');
    repository.write('uncommitted');
    expect(choose()).toEqual({ commit: base, reason: 'where HEAD left main' });
  });

  it('is the commit before on main itself', () => {
    const before = repository.commit('one');
    repository.commit('two');
    expect(choose()).toEqual({ commit: before, reason: 'the commit before HEAD' });
  });

  it('is HEAD on main where files differ from it', () => {
    repository.commit('one');
    const head = repository.commit('two');
    repository.write('three');
    expect(choose()).toEqual({ commit: head, reason: 'HEAD, which the files differ from' });
  });

  it('uses origin’s main if there is no other, as in a checkout of CI', () => {
    const base = repository.commit('base');
    repository.git('update-ref', 'refs/remotes/origin/main', base);
    repository.git('checkout', '--quiet', '--detach');
    repository.git('branch', '--quiet', '-D', 'main');
    repository.commit('merged');
    expect(choose()).toEqual({ commit: base, reason: 'where HEAD left origin/main' });
  });

  it('is the previous commit without a main', () => {
    repository.git('checkout', '--quiet', '-b', 'trunk');
    const before = repository.commit('one');
    repository.commit('two');
    expect(choose().commit).toBe(before);
  });

  it('accepts a commit, a branch or a tag', () => {
    const one = repository.commit('one');
    repository.git('tag', '-a', 'v1', '-m', 'v1');
    const two = repository.commit('two');
    for (const name of [one, 'v1', 'HEAD~1']) expect(choose(name).commit).toBe(one);
    expect(choose('main')).toEqual({ commit: two, reason: '--against main' });
  });

  it('refuses a name that is no commit, an option of git included', () => {
    repository.commit('one');
    for (const name of ['nowhere', '--all', '']) {
      expect(() => choose(name)).toThrow(
        `ci: --against expected a commit, branch or tag of this repository, got "${name}"`,
      );
    }
  });

  it('says what to do about the first commit, or a clone without history', () => {
    repository.commit('one');
    expect(() => choose()).toThrow('there is no commit before HEAD here. Fetch the history, or name one');
  });
});
