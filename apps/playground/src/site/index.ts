export { pageFolder } from './page-folder.ts';
export {
  MANIFEST_FILE,
  type PackableSessions,
  type PackableSplits,
  packSessions,
  type SiteFeatures,
  type SiteManifest,
} from './site-files.ts';
