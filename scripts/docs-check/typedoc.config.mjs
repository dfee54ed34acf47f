// TypeDoc as a check: it reads every package's entry and writes nothing.
import { readdirSync, readFileSync } from 'node:fs';

const packages = new URL('../../packages/', import.meta.url);
const folders = readdirSync(packages);

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  entryPoints: folders.map((folder) => `../../packages/${folder}/src/index.ts`),
  packagesRequiringDocumentation: folders.map(
    (folder) => JSON.parse(readFileSync(new URL(`${folder}/package.json`, packages), 'utf8')).name,
  ),
  // Not properties: a comment such as "The seed." on `seed: number` would only repeat the type.
  requiredToBeDocumented: [
    'Variable',
    'Function',
    'Class',
    'Interface',
    'TypeAlias',
    'Enum',
    'EnumMember',
    'Method',
    'CallSignature',
    'Accessor',
    'GetSignature',
  ],
  validation: { notDocumented: true, notExported: true, invalidLink: true, invalidPath: false },
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  // `tsc -b` checks the types, with the compiler of the repository.
  skipErrorChecking: true,
  readme: 'none',
  emit: 'none',
};
