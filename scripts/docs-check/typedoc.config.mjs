// TypeDoc as a check: it reads every entry of every package and writes nothing.
import { readdirSync, readFileSync } from 'node:fs';

const packages = new URL('../../packages/', import.meta.url);
const folders = readdirSync(packages);
/** @param {string} folder */
const manifestOf = (folder) => JSON.parse(readFileSync(new URL(`${folder}/package.json`, packages), 'utf8'));

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  entryPoints: folders.flatMap((folder) =>
    Object.values(manifestOf(folder).exports)
      .filter((entry) => typeof entry === 'object')
      .map((entry) => `../../packages/${folder}/${entry['@gru4rec/source']}`),
  ),
  packagesRequiringDocumentation: folders.map((folder) => manifestOf(folder).name),
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
  // Links in inherited comments of Node's types.
  externalSymbolLinkMappings: { '@types/node': { '*': '#' } },
  // `tsc -b` checks the types, with the compiler of the repository.
  skipErrorChecking: true,
  // Nothing is written, so links to sources, which need a git remote, are not either.
  disableSources: true,
  readme: 'none',
  emit: 'none',
};
