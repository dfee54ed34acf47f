import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const packages = new URL('../../packages/', import.meta.url);

/** test-support's example registers tests itself, so its own test runs it. */
const published = readdirSync(packages).filter((name) => name !== 'test-support');

describe('README of each package', () => {
  it.each(published)('%s shows an example that runs', async (name) => {
    const folder = new URL(`${name}/`, packages);
    const file = new URL('test/readme-example.ts', folder);
    await import(file.href);
    const readme = readFileSync(new URL('README.md', folder), 'utf8');
    expect(readme).toContain(`\`\`\`ts\n${readFileSync(file, 'utf8')}\`\`\``);
  });
});
