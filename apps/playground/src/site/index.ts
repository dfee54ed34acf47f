import { fileURLToPath } from 'node:url';

export {
  MANIFEST_FILE,
  type PackableSessions,
  type PackableSplits,
  packSessions,
  type SiteFeatures,
  type SiteManifest,
} from './site-files.ts';

/** The folder of the built page: static files, with relative addresses. It is missing if the package was not built. */
export const pageFolder: string = fileURLToPath(new URL('../../dist/page', import.meta.url));
