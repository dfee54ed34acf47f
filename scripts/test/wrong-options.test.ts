import { describe, expect, it } from 'vitest';
import { functionsWithOptions, type OptionsParameter } from './functions-with-options.ts';
import { type OptionsRow, rows } from './options-table.ts';

/** Types whose objects are data, results or parts of another package: not options, although some property is optional. */
const dataTypes: ReadonlySet<string> = new Set(['Evaluation', 'Ranks', 'SessionArrays', 'TrainingData']);

/** Functions whose options are not checked, with the reason. */
const unchecked: Readonly<Record<string, string>> = {
  'new ConfigError': 'The package itself makes the error.',
  'new DataError': 'The package itself makes the error.',
  'train: hyperParameters': 'The schema of configurations checks them, with messages of its own.',
};

/** The names that rows and exceptions use: a function, and a parameter if it has several of options. */
function namesOf(parameters: readonly OptionsParameter[]): string[] {
  const owners = new Map<string, OptionsParameter[]>();
  for (const parameter of parameters) {
    owners.set(parameter.caller, [...(owners.get(parameter.caller) ?? []), parameter]);
  }
  return [...owners.values()].flatMap((own) => {
    const [{ caller }] = own as [OptionsParameter];
    const distinct = [...new Set(own.map(({ parameter }) => parameter))];
    return distinct.length === 1 ? [caller] : distinct.map((parameter) => `${caller}: ${parameter}`);
  });
}

/** The error of a call with options of any kind. */
async function errorOf(call: OptionsRow[1], options: unknown): Promise<unknown> {
  try {
    await call(options as never);
    return undefined;
  } catch (error) {
    return error;
  }
}

const clear = /^(Type|Range)Error: [\w.: -]+: "[\w.]+" (expected|is required)[^\n]*$/;

describe('the table', () => {
  const parameters = functionsWithOptions();
  const names = namesOf(parameters.filter(({ typeName }) => !dataTypes.has(typeName)));

  it('has every function of gru4rec with options, or a reason why it is not checked', () => {
    const covered = new Set([...rows.map(([name]) => name), ...Object.keys(unchecked)]);
    expect(names.filter((name) => !covered.has(name))).toEqual([]);
  });

  it('has no function, exception or type that no longer exists', () => {
    // Rows such as `prepare: spark` are of an option that is an object.
    const isKnown = (name: string) => names.includes(name) || names.includes(name.replace(/: \w+$/, ''));
    expect(rows.map(([name]) => name).filter((name) => !isKnown(name))).toEqual([]);
    expect(Object.keys(unchecked).filter((name) => !names.includes(name))).toEqual([]);
    const types = new Set(parameters.map(({ typeName }) => typeName));
    expect([...dataTypes].filter((type) => !types.has(type))).toEqual([]);
  });
});

describe('a public function with options', () => {
  it.each(rows)('%s refuses what is no object of options, and lacks none that it needs', async (...row) => {
    const [, call, required] = row;
    const wrong = [null, 3, ...(Object.keys(required).length > 0 ? [undefined] : [])];
    const lacking = Object.keys(required).map((name) => ({ ...required, [name]: undefined }));
    for (const options of [...wrong, ...lacking]) {
      expect(String(await errorOf(call, options))).toMatch(clear);
    }
  });

  it.each(rows)(
    '%s asks whether a misspelt option was meant otherwise',
    async (_, call, required, option) => {
      const error = await errorOf(call, { ...required, [`${option}x`]: 1 });
      expect(String(error)).toMatch(
        new RegExp(`: unknown option "${option}x"\\. Did you mean ${option}\\?$`),
      );
    },
  );
});
