import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build, defaultClientConditions, type Plugin, type Rollup } from 'vite';

/** What a page is bundled from. */
export interface PageOptions {
  /** Absolute paths of modules by the name of their output, `<name>.js`. */
  readonly entries: Readonly<Record<string, string>>;
  /** Folder to write; nothing is written if not given. */
  readonly output?: string;
  /** Packages that must not be bundled; modules of Node never may. */
  readonly without?: readonly string[];
}

/** What suites import in a page in the place of Vitest. */
const vitest = fileURLToPath(new URL('./in-page/vitest.ts', import.meta.url));

/** Files that one bundle loads. */
export type PageFiles = Rollup.RollupOutput['output'];

/**
 * Bundles and minifies modules for browsers with Vite, from the packages' sources.
 *
 * @returns the files.
 * @throws Error naming the importer of a module of Node or of a package in `without`.
 */
export async function bundlePage({ entries, output, without = [] }: PageOptions): Promise<PageFiles> {
  const forbidden = forbid([...builtinModules, ...without]);
  const result = await build({
    configFile: false,
    root: import.meta.dirname,
    base: './',
    logLevel: 'silent',
    plugins: [forbidden],
    worker: { format: 'es', plugins: () => [forbidden] },
    resolve: { alias: { vitest }, conditions: ['@gru4rec/source', ...defaultClientConditions] },
    build: {
      target: 'es2022',
      modulePreload: false,
      write: output !== undefined,
      ...(output !== undefined ? { outDir: output, emptyOutDir: false } : {}),
      rollupOptions: {
        input: { ...entries },
        preserveEntrySignatures: 'exports-only',
        output: { entryFileNames: '[name].js' },
      },
    },
  });
  const [bundle] = [result].flat();
  if (!bundle || !('output' in bundle)) throw new Error('bundlePage: Vite returned no files');
  return bundle.output;
}

function forbid(names: readonly string[]): Plugin {
  const isForbidden = (source: string): boolean =>
    source.startsWith('node:') || names.some((name) => source === name || source.startsWith(`${name}/`));
  return {
    name: 'forbid',
    enforce: 'pre',
    resolveId(source, importer) {
      if (isForbidden(source)) throw new Error(`${importer} imports ${source}, which browsers do not have`);
      return null;
    },
  };
}
