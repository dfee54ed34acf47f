import { show, showNames, UsageError } from '@gru4rec/checks';
import { configKeys, configProblem, type ModelConfig } from '@gru4rec/model';
import { type Parameter, parseSpace, type Space, SpaceError } from '@gru4rec/tuning';
import { readSettingsText } from '../arguments/read-inputs.ts';

/** Hyper-parameters that `tune` sets. */
export const ownKeys: readonly (keyof ModelConfig)[] = ['patience', 'validationMetric', 'seed', 'tunedOn'];

export async function readSpace(file: string): Promise<Space> {
  const json = await readJson(file);
  const problems: string[] = [];
  let space: Space | undefined;
  try {
    space = parseSpace(json);
  } catch (error) {
    if (!(error instanceof SpaceError)) throw error;
    problems.push(...error.problems);
  }
  const keys = typeof json === 'object' && json !== null && !Array.isArray(json) ? Object.keys(json) : [];
  const unknown = keys.filter((key) => key !== '$schema' && !configKeys.includes(key));
  for (const key of keys.filter((name) => (ownKeys as readonly string[]).includes(name)))
    problems.push(`expected no "${key}": tune sets it`);
  for (const [key, parameter] of Object.entries(space ?? {})) problems.push(...valueProblems(key, parameter));
  if (unknown.length > 0) {
    const names = showNames(unknown.map(show));
    problems.push(`expected hyper-parameters, got ${names}; they are ${configKeys.join(', ')}`);
  }
  if (space && problems.length === 0) return space;
  throw new UsageError(`${file}: ${problems.join('; ')}`);
}

function valueProblems(key: string, parameter: Parameter): string[] {
  const { type } = parameter;
  const values =
    type === 'constant'
      ? [parameter.value]
      : type === 'choice'
        ? parameter.options
        : type === 'integer'
          ? [parameter.low, parameter.high]
          : [parameter.low];
  return values.flatMap((value) => {
    const expected = configProblem(key, value);
    return expected === undefined ? [] : [`"${key}" expected ${expected}, got ${JSON.stringify(value)}`];
  });
}

async function readJson(file: string): Promise<unknown> {
  const text = await readSettingsText(file).catch((cause) => {
    throw new UsageError(`The search space ${file} cannot be read`, { cause });
  });
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new UsageError(`The search space ${file} is not JSON`, { cause });
  }
}
