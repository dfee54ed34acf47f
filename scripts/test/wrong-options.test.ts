import { expect, it } from 'vitest';
import * as gru4rec from '../../packages/gru4rec/src/index.ts';
import { type OptionsRow, rows } from './options-table.ts';

/** Functions and classes of `gru4rec` that take no options of a user. */
const withoutOptions = [
  ...['breakDownByPopularity', 'breakDownByPosition', 'breakDownBySessionLength', 'openDataset'],
  ...['readDataset', 'alignItems', 'figuresAt', 'openItemsFile'],
];

async function errorOf(call: OptionsRow[1], options: unknown): Promise<unknown> {
  try {
    await call(options as never);
    return undefined;
  } catch (error) {
    return error;
  }
}

const clear = /^(Type|Range)Error: [\w.: -]+: "[\w.]+" (expected|is required)[^\n]*$/;

it('the table has every function and class that gru4rec exports, unless it takes no options', () => {
  const exported = Object.entries(gru4rec).flatMap(([name, value]) =>
    typeof value === 'function' && !(value.prototype instanceof Error) ? name : [],
  );
  const inTable = new Set(rows.map(([name]) => name.replace(/^new |:.*$/g, '')));
  expect(exported.filter((name) => !inTable.has(name)).sort()).toEqual(withoutOptions.sort());
});

it.each(rows)('%s refuses what is no object of options, and lacks none that it needs', async (...row) => {
  const [, call, required] = row;
  const wrong = [null, 3, ...(Object.keys(required).length > 0 ? [undefined] : [])];
  const lacking = Object.keys(required).map((name) => ({ ...required, [name]: undefined }));
  for (const options of [...wrong, ...lacking]) {
    expect(String(await errorOf(call, options))).toMatch(clear);
  }
});

it.each(rows)('%s asks whether a misspelt option was meant otherwise', async (_, call, required, option) => {
  const error = await errorOf(call, { ...required, [`${option}x`]: 1 });
  expect(String(error)).toMatch(new RegExp(`: unknown option "${option}x"\\. Did you mean ${option}\\?$`));
});
