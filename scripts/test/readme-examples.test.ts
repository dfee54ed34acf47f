import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const packages = new URL('../../packages/', import.meta.url);

it.each(readdirSync(packages))('README of %s shows its example, which readme-examples.slow runs', (name) => {
  const [readme, example] = ['README.md', 'test/readme-example.ts'].map((file) =>
    readFileSync(new URL(`${name}/${file}`, packages), 'utf8'),
  );
  expect(readme).toContain(`\`\`\`ts\n${example}\`\`\``);
});
