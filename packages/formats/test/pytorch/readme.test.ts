import { readFileSync } from 'node:fs';
import { configDefaults } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { parameterNames, toConfig } from '../../src/pytorch/parameters.ts';
import { textOf } from './fixtures.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

describe('README', () => {
  it('shows the writer that wrote the fixtures', () => {
    expect(readme).toContain(`\`\`\`python\n${textOf('export.py')}`);
  });

  it('names every parameter', () => {
    expect(parameterNames.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });

  it('names every default that is not ours', () => {
    const configs = [toConfig({}), toConfig({ loss: 'bpr-max' })];
    const table = readme.slice(readme.indexOf('## Defaults'), readme.indexOf('## Weights'));
    const ours: Readonly<Record<string, unknown>> = { ...configDefaults };
    const other = configs.flatMap(({ config }) =>
      Object.entries(config).filter(
        ([key, value]) => key !== 'loss' && JSON.stringify(value) !== JSON.stringify(ours[key]),
      ),
    );
    expect(other.length).toBeGreaterThan(0);
    expect(
      other.filter(([key, value]) => !table.includes(`\`${key}\``) || !table.includes(String(value))),
    ).toEqual([]);
  });
});
