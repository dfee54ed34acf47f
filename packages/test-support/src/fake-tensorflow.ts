import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes a fake tfjs-node into a project that depends on gru4rec; `module` is its code. @returns the package's folder. */
export function installFake(project: string, name: string, module: string): string {
  const directory = join(project, 'node_modules', ...name.split('/'));
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(project, 'package.json'), '{"dependencies": {"gru4rec": "*"}}');
  writeFileSync(
    join(directory, 'package.json'),
    JSON.stringify({ name, version: '4.22.0', main: 'index.js' }),
  );
  writeFileSync(join(directory, 'index.js'), module);
  return directory;
}

/** The code of a module that passes the trial, with or without a GPU. */
export function answering(usesGpu: boolean): string {
  return `
    const tensor = () => ({ dataSync: () => [7, 10, 15, 22] });
    const backend = () => ({ isUsingGpuDevice: ${usesGpu}, binding: { TF_Version: '2.9.1' } });
    module.exports = { version: { 'tfjs-node': '4.22.0' }, tensor, matMul: tensor, backend };
  `;
}
