import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import './readme-example.ts';

describe('README', () => {
  it('shows the example that this file runs', () => {
    const example = readFileSync(new URL('./readme-example.ts', import.meta.url), 'utf8');
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
  });
});
