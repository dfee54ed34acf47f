import { build, type Metafile, type Plugin } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../lib/repository.mjs';

const othersOutside: Plugin = {
  name: 'others-outside',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./#]/ }, ({ path, kind }) => {
      if (kind === 'entry-point' || path.startsWith('@gru4rec/')) return undefined;
      return { path, external: true };
    });
  },
};

let outputs: Metafile['outputs'] = {};

beforeAll(async () => {
  const { metafile } = await build({
    absWorkingDir: repositoryRoot,
    entryPoints: ['packages/cli/src/main.ts'],
    outdir: 'out',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@gru4rec/source'],
    plugins: [othersOutside],
    write: false,
    metafile: true,
    tsconfigRaw: {},
  });
  outputs = metafile.outputs;
}, 60_000);

/** The packages that a module and its imports load immediately, not on use. */
function packagesOf(entry: string): string[] {
  const found = new Set<string>();
  const visit = (output: string) => {
    for (const { path, kind, external } of outputs[output]?.imports ?? []) {
      if (kind !== 'import-statement' || found.has(path)) continue;
      found.add(path);
      if (!external) visit(path);
    }
  };
  const output = Object.keys(outputs).find(
    (name) => outputs[name]?.entryPoint === `packages/cli/src/${entry}`,
  );
  if (output === undefined) throw new RangeError(`${entry} is not loaded on use`);
  visit(output);
  return [...found].filter((path) => !path.startsWith('out/') && !path.startsWith('node:'));
}

describe('the trainer', () => {
  it('loads no more than the finder of misspelt words before it knows the command', () => {
    expect(packagesOf('main.ts')).toEqual(['fastest-levenshtein']);
  });

  it.each(['recommend', 'train', 'evaluate', 'inspect'])(
    'loads no other engine or database for %s',
    (name) => {
      const packages = packagesOf(`commands/${name}.ts`);
      expect(packages).toContain('apache-arrow');
      for (const heavy of ['@duckdb/node-api', 'protobufjs', 'echarts', 'pg']) {
        expect(packages).not.toContain(heavy);
      }
    },
  );
});
