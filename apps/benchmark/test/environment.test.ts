import { describe, expect, it } from 'vitest';
import { loadProblem, readEnvironment } from '../src/environment.ts';

describe('readEnvironment', () => {
  it('names processor, Node and commit, and no place', () => {
    const environment = readEnvironment();
    expect(environment.node).toBe(process.version);
    expect(environment.cores).toBeGreaterThan(0);
    expect(environment.commit).toMatch(/^([0-9a-f]{7,}\+?|unknown)$/);
    expect(environment.date).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(JSON.stringify(environment)).not.toContain(process.cwd());
  });
});

describe('loadProblem', () => {
  it('lets half the cores be busy, no more', () => {
    expect(loadProblem(1, 2)).toBeUndefined();
    expect(loadProblem(1.01, 2)).toBe(
      'the load average is 1.01, above 1. Wait, or measure all the same with --force.',
    );
  });
});
