// The API of every public package, one Markdown page per entry.
import { Converter } from 'typedoc';
import { entriesOf, manifests } from '../../scripts/lib/typedoc-entries.mjs';

const published = [...manifests].filter(([, manifest]) => manifest.private !== true);

/**
 * Names modules as they are imported: TypeDoc calls `@gru4rec/model/storage` `model/src/storage`.
 *
 * @param {import('typedoc').Application} app
 */
function nameModules({ converter }) {
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) module.name = module.name.replace(/^([\w-]+)\/src\b/, '$1');
  });
}

/** @type {Partial<import('typedoc').TypeDocOptions & import('typedoc-plugin-markdown').PluginOptions>} */
export default {
  plugin: ['typedoc-plugin-markdown', nameModules],
  entryPoints: published.flatMap(([folder]) => entriesOf(folder)),
  tsconfig: '../../scripts/docs-check/tsconfig.json',
  basePath: '../../packages',
  displayBasePath: '../../packages',
  out: 'generated/api',
  router: 'module',
  name: 'API',
  readme: 'none',
  entryFileName: 'README',
  hidePageHeader: true,
  pageTitleTemplates: { module: ({ name }) => (name === 'gru4rec' ? name : `@gru4rec/${name}`) },
  useHTMLAnchors: true,
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
