import { pathToFileURL } from 'node:url';
import { UsageError } from '@gru4rec/checked-options';

/** The words of messages about a module of the user. */
export interface ModuleUse {
  /** The option that names the module, such as `--models`. */
  readonly option: string;
  /** The module as the user wrote it. */
  readonly name: string;
  /** The default export that is expected. */
  readonly expected: string;
}

/** Endings of modules. TypeScript needs a version of Node that runs it. */
const MODULE = /\.[cm]?[jt]s$/;

/** Whether a text of the command line names a module. */
export function isModule(text: string): boolean {
  return MODULE.test(text);
}

/**
 * Imports a module of the user and returns its default export.
 *
 * @param path - absolute.
 * @param fits - whether the export is what is expected.
 * @throws UsageError naming the module if it cannot be loaded, or its default export is something else.
 */
export async function importDefault<Export>(
  path: string,
  { option, name, expected }: ModuleUse,
  fits: (value: unknown) => value is Export,
): Promise<Export> {
  const exported = await import(pathToFileURL(path).href).catch((cause) => {
    throw new UsageError(`${option} ${name} cannot be loaded`, { cause });
  });
  const value: unknown = exported.default;
  if (fits(value)) return value;
  const got = value === undefined ? 'none' : typeof value;
  throw new UsageError(`${option} ${name} expected ${expected}, got ${got}`);
}
