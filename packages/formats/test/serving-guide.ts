import { readFileSync } from 'node:fs';
import type { Gru4Rec } from '@gru4rec/model';
import { expect, type TestContext } from 'vitest';
import { runPython } from './python.ts';

/** The text of docs/recommend.md. */
const servingGuide = readFileSync(new URL('../../../docs/recommend.md', import.meta.url), 'utf8');

/**
 * Expects the guide's session of two clicks in Python to give the model's items.
 *
 * @param modules - imported modules; the last one is imported only by this session.
 * @param folder - contains the files that it opens.
 */
export function expectSessionInPython(
  ctx: TestContext,
  model: Gru4Rec,
  { modules, folder }: { readonly modules: readonly string[]; readonly folder: string },
): void {
  const blocks = [...servingGuide.matchAll(/```python\n([^`]+)```/g)].map(([, block = '']) => block);
  const shown = blocks.find((block) => block.includes(modules.at(-1)!)) ?? '';
  const visit = model.startSession();
  const program = ['214536502', '214536506'].reduce(
    (text, id, index) => {
      visit.click(model.itemIds.at(index)!);
      return text.replace(JSON.stringify(id), JSON.stringify(model.itemIds.at(index)));
    },
    shown.replace('print(', 'print(json.dumps(').replace(/\)\n$/, '))\n'),
  );
  const inFolder = `import os, sys\nos.chdir(sys.argv[1])\n${program}`;
  const items = JSON.parse(runPython(ctx, modules, inFolder, folder));
  expect(items).toEqual(visit.recommend(20).map(({ id }) => id));
}
