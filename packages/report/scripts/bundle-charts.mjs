// Replaces the compiled drawing of charts by a bundle with the parts of ECharts that it uses, and their licences beside it:
// the published package then does not install ECharts, which has 62 MB.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const licences = 'draw-svg.licences.txt';

await build({
  entryPoints: [join(root, 'src/charts/draw-svg.ts')],
  outfile: join(root, 'dist/charts/draw-svg.js'),
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  banner: { js: `// With parts of ECharts, zrender and tslib, whose licences are in ${licences}.` },
});

const echarts = createRequire(join(root, 'package.json')).resolve('echarts/package.json');
const zrender = createRequire(echarts).resolve('zrender/package.json');
const tslib = createRequire(echarts).resolve('tslib');
const texts = [
  ...['LICENSE', 'NOTICE', 'licenses/LICENSE-d3'].map((name) => join(dirname(echarts), name)),
  join(dirname(zrender), 'LICENSE'),
  join(dirname(tslib), 'LICENSE.txt'),
].map((path) => readFileSync(path, 'utf8'));
writeFileSync(join(root, 'dist/charts', licences), texts.join('\n'));
