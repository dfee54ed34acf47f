import { describe, expect, it } from 'vitest';
import { COLORS, STYLE } from '../../src/html/style.ts';

/** Relative luminance (WCAG 2.1, 1.4.3). */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const share = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

describe('COLORS', () => {
  it('are #rrggbb, light and dark', () => {
    for (const value of Object.values(COLORS).flat()) expect(value).toMatch(/^#[0-9a-f]{6}$/);
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 10);
  });

  it.each([
    ...['ink', 'soft', 'accent', 'c1', 'c2', 'c3', 'c4', 'c5'].map((one) => [one, 'paper', 4.5] as const),
    ...['warn', 'fill'].map((back) => ['ink', back, 4.5] as const),
    // Shapes.
    ...['other-dot', 'warn-edge'].map((one) => [one, 'paper', 3] as const),
  ])('give enough contrast: %s on %s, %f : 1', (front, back, least) => {
    for (const scheme of [0, 1])
      expect(contrast(COLORS[front]![scheme]!, COLORS[back]![scheme]!)).toBeGreaterThanOrEqual(least);
  });
});

describe('STYLE', () => {
  it('uses only variables that it defines', () => {
    const used = [...STYLE.matchAll(/var\(--([\w-]+)\)/g)].map(([, name]) => name!);
    for (const name of used) expect(Object.keys(COLORS)).toContain(name);
  });

  it('loads nothing', () => {
    expect(STYLE).not.toMatch(/url\(|@import|@font-face|<\//);
  });
});
