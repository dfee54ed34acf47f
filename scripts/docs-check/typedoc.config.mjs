// TypeDoc as a check: it reads every entry of every package and writes nothing.
import { entriesOf, manifests } from '../lib/typedoc-entries.mjs';

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  entryPoints: [...manifests.keys()].flatMap(entriesOf),
  packagesRequiringDocumentation: Array.from(manifests.values(), ({ name }) => name),
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
