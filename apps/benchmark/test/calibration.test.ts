import { describe, expect, it } from 'vitest';
import { calibrate, calibrated, calibrationKernel } from '../src/calibration.ts';

describe('calibrationKernel', () => {
  it('does the same arithmetic every time', () => {
    expect(calibrationKernel(1000)).toBe(calibrationKernel(1000));
    expect(calibrationKernel(1000)).not.toBe(calibrationKernel(1001));
  });
});

describe('calibrate', () => {
  it('gives a speed for each window', () => {
    const { samples, median } = calibrate(2);
    expect(samples).toBe(2);
    expect(median).toBeGreaterThan(0);
  });
});

describe('calibrated', () => {
  it('looks at the machine before and after', async () => {
    const { figure, calibration } = await calibrated(async () => ({ figure: 7 }));
    expect(figure).toBe(7);
    expect(Math.min(calibration.before, calibration.after)).toBeGreaterThan(0);
  });
});
