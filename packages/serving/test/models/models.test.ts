import { expect, it } from 'vitest';
import { Models, ServedModel } from '../../src/models/served-model.ts';

it('models share the sessions as their weights say, alike in every server', () => {
  const model = (name: string, weight: number) =>
    new ServedModel({ name, weight, directory: name }, {} as never);
  const [models, others] = [0, 1].map(
    () => new Models([model('a', 90), model('b', 10), model('none', 0)]),
  ) as [Models, Models];
  const sessions = 20_000;
  const counts = { a: 0, b: 0, none: 0 };
  for (let session = 0; session < sessions; session++) {
    const { name } = models.of(`visitor-${session}`);
    counts[name as keyof typeof counts]++;
    if (others.of(`visitor-${session}`).name !== name) counts.none++;
  }
  const chiSquare = (counts.a - 18_000) ** 2 / 18_000 + (counts.b - 2000) ** 2 / 2000;
  // 1 degree of freedom: exceeded by 1 of 10,000 fair splits.
  expect(chiSquare).toBeLessThan(15.1);
  expect(counts.none).toBe(0);
});
