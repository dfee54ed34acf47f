import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import { checkJson } from '@gru4rec/checks/json';
import { itemColumnKeys } from '@gru4rec/dataset/items';
import { z } from 'zod';
import { MAX_SETTINGS_BYTES } from '../arguments/read-inputs.ts';
import { findProjectFile, PROJECT_FILE } from './find.ts';
import { currentVersion, makeCurrent, newVersion, POINTER, recordTrained } from './versions.ts';

const path = z.string().min(1);
const name = z.string().min(1);
const value = z.union([z.string(), z.number(), z.boolean()]);
const rules = z.record(z.string(), z.unknown()).transform((rules) => JSON.stringify(rules));
const ofOptions = [value, z.array(value)] as const;
const options = z.record(z.string(), z.union(ofOptions)).optional();
const optionsWithRules = z.record(z.string(), z.union([...ofOptions, rules])).optional();

const withSections = [
  'prepare',
  'train',
  'evaluate',
  'compare',
  'replay',
  'tune',
  'playground',
  'nightly',
  'export',
  'inspect',
  'forget',
  'impact',
] as const;
const sectionOf = <T extends z.ZodType>(name: string, type: T): T =>
  type.describe(`Options of ${name}, by name without the dashes`);
const commandSections = {
  ...(Object.fromEntries(withSections.map((name) => [name, sectionOf(name, options)])) as Record<
    (typeof withSections)[number],
    typeof options
  >),
  serve: sectionOf('serve', optionsWithRules),
  recommend: sectionOf('recommend', optionsWithRules),
};

/** What a project is. Paths are relative to the folder of the file. */
export const projectSchema = z.strictObject({
  $schema: z.string().optional(),
  log: z
    .union([path, z.array(path).min(1)])
    .optional()
    .describe('Files of events, or folders of them'),
  columns: z
    .strictObject({ session: name, user: name, item: name, time: name, type: name, events: name })
    .partial()
    .extend({ context: z.array(name).optional() })
    .optional()
    .describe('Names of the columns of the log'),
  items: path.optional().describe('File of what is known about items'),
  itemColumns: z
    .partialRecord(z.enum(itemColumnKeys), name)
    .optional()
    .describe('Names of the columns of the items file'),
  data: path.default('data').describe('Folder of the dataset'),
  models: path.default('models').describe('Folder of the versions of the model'),
  events: path.default('events').describe('Folder of the event log of serve'),
  keep: z
    .string()
    .optional()
    .describe('How long sessions stay in the dataset and the event log, such as 90d'),
  ...commandSections,
});

export type ProjectFile = z.output<typeof projectSchema>;
type Values = Readonly<Record<string, unknown>>;

interface Lacking {
  /** For a command that got none. @throws UsageError if the project has none yet. */
  readonly argument?: () => string;
  readonly options?: Values;
}

export interface CommandProject extends Lacking {
  readonly options: Values;
  /** Names the project file in an error about its option. */
  namingFile(line: string): string;
  /** Makes the model that the command wrote current. @returns a line if another one became current meanwhile, and stays. */
  finished(args: Values): Promise<string | undefined>;
}

export interface Project {
  readonly file: string;
  readonly content: ProjectFile;
  readonly models: string;
  absolute(inProject: string): string;
  /** A path of the project, as from the folder where a command runs. */
  path(inProject: string): string;
  /** @param words - the command line behind the name. */
  forCommand(command: string, words: readonly string[]): CommandProject;
}

/** @throws UsageError if neither the folder nor one above it has a project file. */
export function expectProject(command: string, directory: string): Project {
  const file = findProjectFile(directory);
  if (file !== undefined) return openProject(file, directory);
  throw new UsageError(
    `${command} expected ${PROJECT_FILE} in ${directory} or a folder above it, got none. Make one with init`,
  );
}

/** @param directory - where the command runs: the folder of the file or one below it. */
export function openProject(file: string, directory: string): Project {
  const content = readProject(file);
  const absolute = (inProject: string) => resolve(dirname(file), inProject);
  const path = (inProject: string) => relative(directory, absolute(inProject)) || '.';
  const models = absolute(content.models);
  const project: Project = {
    file,
    content,
    models,
    absolute,
    path,
    forCommand(command, words) {
      const lacking = lackingOf[command]?.(project, words);
      const own = Object.hasOwn(commandSections, command) ? (content as Values)[command] : undefined;
      const isAppend = command === 'prepare' && words.includes('--append');
      const section = Object.entries(own ?? {}).filter(([name]) => !isAppend || ofAppend.test(name));
      const options: Values = { ...lacking?.options, ...Object.fromEntries(section) };
      const before = command === 'train' ? currentVersion(models) : undefined;
      const isGiven = (name: string) =>
        words.some((word) => word === `--${name}` || word.startsWith(`--${name}=`));
      return {
        ...lacking,
        options,
        namingFile(line) {
          const named = Object.keys(options).filter((name) => !isGiven(name));
          const unknown = line.startsWith('Unknown argument') ? line.split(/: |, /) : [];
          const isAbout = named.some((name) => {
            const literal = name.replace(/\W/g, '\\$&');
            return unknown.includes(name) || new RegExp(`--${literal}\\b`).test(line);
          });
          return isAbout ? `${path(file)}: ${line}` : line;
        },
        async finished({ output }) {
          if (command !== 'train' || output !== lacking?.options?.['output']) return undefined;
          const version = basename(output as string);
          await recordTrained(models, version);
          return makeCurrent(models, version, before);
        },
      };
    },
  };
  return project;
}

const ofAppend = /^(threads|memory-limit|on-bad-row|force-keep)$/;

const ofData = ({ path, content }: Project) => ({ argument: () => path(content.data) });

const ofModel = (project: Project) => ({ argument: () => inModels(project, expectCurrent(project)) });

const inModels = ({ path, content }: Project, name: string) => path(join(content.models, name));

function expectCurrent(project: Project): string {
  const current = currentVersion(project.models);
  if (current !== undefined) return current;
  throw new UsageError(
    `${project.path(project.file)} expected a model that is current, got none in ${project.path(project.content.models)}. Make one with train`,
  );
}

const ofModelAndData = (project: Project) => ({
  ...ofModel(project),
  options: { data: project.path(project.content.data) },
});

const itemsOf = ({ path, content: { items, itemColumns } }: Project) => ({
  ...(items !== undefined && { items: path(items) }),
  ...columnsOption('item-columns', itemColumns),
});

const lackingOf: Readonly<Record<string, (project: Project, words: readonly string[]) => Lacking>> = {
  prepare(project, words) {
    const { content, path } = project;
    const { keep, data } = content;
    const log = [content.log ?? []].flat().map(path);
    // An append has the columns of the dataset, and files that are not in it.
    const source = words.includes('--append')
      ? {}
      : { ...(log.length > 0 && { input: log }), ...columnsOption('columns', content.columns) };
    return {
      options: { ...source, ...itemsOf(project), keep, output: path(data) },
    };
  },
  train(project, words) {
    const version = newVersion(project.models, { resumes: words.includes('--resume') });
    return { ...ofData(project), options: { output: inModels(project, version) } };
  },
  compare: ofData,
  tune: ofData,
  inspect: (project, words) => (words.includes('--log') ? {} : ofData(project)),
  evaluate: ofModelAndData,
  replay: ofModelAndData,
  playground: ofModelAndData,
  recommend(project, words) {
    const { absolute, path, content } = project;
    const isNamed = words.some((word) => /^--(data|events)\b/.test(word));
    if (isNamed || !/--all[ =]visitors/.test(words.join(' '))) return ofModel(project);
    const { events, data } = content;
    const options = existsSync(absolute(events)) ? { events: path(events) } : { data: path(data) };
    return { ...ofModel(project), options };
  },
  export: ofModel,
  impact: ({ content, path }) => ({ options: { events: path(content.events) } }),
  forget({ content: { data, events, serve }, absolute, path }) {
    const tokens = serve?.['token-file'] && { 'token-file': path(String(serve['token-file'])) };
    const log = existsSync(absolute(events)) && { events: path(events) };
    return { options: { data: path(data), ...log, ...tokens } };
  },
  serve(project) {
    const { content, path } = project;
    const { keep, events } = content;
    const kept = keep === undefined ? {} : { 'event-log-keep': keep };
    return {
      argument: () => {
        expectCurrent(project);
        return inModels(project, POINTER);
      },
      options: { ...itemsOf(project), 'event-log': path(events), ...kept },
    };
  },
};

function readProject(file: string): ProjectFile {
  const stats = statSync(file);
  if (!stats.isFile() || stats.size > MAX_SETTINGS_BYTES) {
    const got = stats.isFile() ? `${stats.size} bytes` : 'a folder, pipe or device';
    throw new UsageError(`${file} expected a file of at most ${MAX_SETTINGS_BYTES} bytes, got ${got}`);
  }
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new UsageError(`${file} expected JSON, got ${(cause as Error).message}`);
  }
  const project = checkJson(projectSchema, content, ({ path: at, expected, got }) => {
    return new UsageError(
      `${at === '' ? 'The project' : JSON.stringify(at)} expected ${expected}, got ${got}, at ${file}`,
    );
  });
  return withItemColumns(project);
}

/** Earlier versions named the column of ids in the sections of commands. */
function withItemColumns({ prepare, serve, ...project }: ProjectFile): ProjectFile {
  const { 'items-id-column': id, ...ofPrepare } = prepare ?? {};
  const { 'items-id-column': served = id, ...ofServe } = serve ?? {};
  const itemColumns =
    typeof served === 'string' ? { id: served, ...project.itemColumns } : project.itemColumns;
  return { ...project, itemColumns, prepare: ofPrepare, serve: ofServe };
}

function columnsOption(option: string, columns: Values = {}): Values {
  const named = Object.entries(columns).flatMap(([key, names]) =>
    [names].flat().map((column) => `${key}=${column}`),
  );
  return named.length > 0 ? { [option]: named } : {};
}
