import { describe, expect, it } from 'vitest';
import { functionsWithOptions, type OptionsParameter } from './functions-with-options.ts';
import { type OptionsRow, rows } from './options-table.ts';

/** Types whose objects are data, results or parts of another package: not options, although some property is optional. */
const dataTypes: ReadonlySet<string> = new Set([
  ...['Baseline', 'Click', 'ComparisonReport', 'DatasetManifest', 'DatasetSource', 'Evaluation'],
  ...['GateOutcome', 'InspectionReport', 'ModelParts', 'Program', 'RuntimeCandidate', 'SampleFacts'],
  ...['SessionArrays', 'AddedItems'],
  ...['SessionDataset', 'SessionsInMemory', 'SessionStore', 'StoreStatus', 'Streams', 'TrainingCursor'],
  ...['TrainingData', 'TrainingSnapshot', 'TrialOutcome'],
  ...['ExportedModel', 'Ranks', 'ReplayLog', 'LiveEvent', 'ModelFeatures', 'SessionChunk'],
  ...['DatasetItems', 'StreamedSplit', 'SessionsOnDisk'],
]);

const ofPrograms =
  'Shapes, nodes and flags of a program under construction, per op; `validateProgram` checks the program.';
const ofErrors = 'The package itself makes the error.';
const ofData = 'Reads parts of a data record, whose other properties it ignores.';

/** Functions whose options are not checked, with the reason. */
const unchecked: Readonly<Record<string, string>> = {
  'ProgramBuilder#matmul': ofPrograms,
  'ProgramBuilder#input': ofPrograms,
  'ProgramBuilder#update': ofPrograms,
  'ProgramBuilder#dropoutMask': ofPrograms,
  'Graph#matmul': ofPrograms,
  'Graph#dropoutMask': ofPrograms,
  buildTrainProgram: ofPrograms,
  checkInputs: ofPrograms,
  rowsWritten: ofPrograms,
  inputOf: ofPrograms,
  outputOf: ofPrograms,
  gradientTensors: ofPrograms,
  'new ConfigError': ofErrors,
  'new DataError': ofErrors,
  'new ItemIdError': ofErrors,
  'new NonFiniteParameterError': ofErrors,
  checkOptions: 'It is the check.',
  required: 'A check is an argument of it.',
  isSparse: ofData,
  'new LiveRecommender': ofData,
  'new MixedRecommender': ofData,
  'saveRecommender: recommender': ofData,
  readArrays: ofData,
  parseManifest: ofData,
  readSealedFile: ofData,
  'new ClickRounds': ofData,
  embeddingWidth: ofData,
  addItems: ofData,
  itemFeaturesOf: ofData,
  repeated: ofData,
  sampleSettings: ofData,
  needsSeed: ofData,
  checkedMetric: ofData,
  metricAt: ofData,
  sealWebManifest: ofData,
  splitChecksum: ofData,
  contextSlice: ofData,
  contextWhere: ofData,
  contextWidth: ofData,
  'EvaluationSource#evaluate': 'Passes its options to `evaluateBesideBaselines`, which checks them.',
  evaluateModel: 'Passes its options to `evaluateParts`, which checks them.',
  'train: hyperParameters': 'The schema of configurations checks them, with messages of its own.',
  topItemsByGroup: 'Runs per recommended list: the check would take 2 of its 30 µs with 1,000 items.',
  'ItemSelector#selectAmong':
    'Runs per recommendation of a server, which makes the object from checked rules.',
  'new ResolvedSelection: selection': 'Takes what `readSelection` has checked.',
  'new ResolvedSelection: __1': 'Runs per request of a server, which makes the object.',
};

/** The names that rows and exceptions use: a function, and a parameter if it has several of options. */
function namesOf(parameters: readonly OptionsParameter[]): string[] {
  const owners = new Map<string, OptionsParameter[]>();
  for (const parameter of parameters) {
    const owner = `${parameter.packageName} ${parameter.caller}`;
    owners.set(owner, [...(owners.get(owner) ?? []), parameter]);
  }
  const taken = new Set<string>();
  return [...owners.values()].flatMap((own) => {
    const [{ caller, packageName }] = own as [OptionsParameter];
    const name = taken.has(caller) ? `${packageName}.${caller}` : caller;
    taken.add(name);
    const distinct = [...new Set(own.map(({ parameter }) => parameter))];
    return distinct.length === 1 ? [name] : distinct.map((parameter) => `${name}: ${parameter}`);
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

  it('has every public function with options, or a reason why it is not checked', () => {
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
