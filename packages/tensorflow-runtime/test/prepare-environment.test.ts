import { describe, expect, it } from 'vitest';
import { prepareEnvironment } from '../src/prepare-environment.ts';

describe('prepareEnvironment', () => {
  it.each([
    [1, '1'],
    [2, '1'],
    [3, '1'],
    [16, '8'],
  ])('gives an op half of %d cores, one at least', (cores, threads) => {
    const environment: Record<string, string | undefined> = {};
    prepareEnvironment(environment, cores);
    expect(environment).toMatchObject({ TF_CPP_MIN_LOG_LEVEL: '3', TF_NUM_INTRAOP_THREADS: threads });
  });

  it('lets a GPU multiply float32 without rounding to TF32', () => {
    const environment: Record<string, string | undefined> = {};
    prepareEnvironment(environment, 2);
    expect(environment['NVIDIA_TF32_OVERRIDE']).toBe('0');
  });

  it('keeps variables that the user has set', () => {
    const set = { TF_CPP_MIN_LOG_LEVEL: '0', TF_NUM_INTRAOP_THREADS: '7', NVIDIA_TF32_OVERRIDE: '1' };
    const environment = { ...set };
    prepareEnvironment(environment, 2);
    expect(environment).toEqual(set);
  });
});
