// The API of every public package, one Markdown page per entry.
import { readdirSync, readFileSync } from 'node:fs';

const packages = new URL('../../packages/', import.meta.url);
/** @param {string} folder */
const manifestOf = (folder) => JSON.parse(readFileSync(new URL(`${folder}/package.json`, packages), 'utf8'));
const folders = readdirSync(packages).filter((folder) => manifestOf(folder).private !== true);

/** @type {Partial<import('typedoc').TypeDocOptions & import('typedoc-plugin-markdown').PluginOptions>} */
export default {
  plugin: ['typedoc-plugin-markdown'],
  entryPoints: folders.flatMap((folder) =>
    Object.values(manifestOf(folder).exports)
      .filter((entry) => typeof entry === 'object' && entry['@gru4rec/source'])
      .map((entry) => `../../packages/${folder}/${entry['@gru4rec/source']}`),
  ),
  tsconfig: '../../scripts/docs-check/tsconfig.json',
  basePath: '../../packages',
  displayBasePath: '../../packages',
  out: 'generated/api',
  router: 'module',
  name: 'API',
  readme: 'none',
  entryFileName: 'README',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  disableSources: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  useCodeBlocks: true,
  sanitizeComments: true,
  skipErrorChecking: true,
  logLevel: 'Error',
};
