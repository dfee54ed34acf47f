export { type PackableSessions, type PackableSplits, packSessions } from './packed-sessions.ts';
export { pageFolder } from './page-folder.ts';
export { MANIFEST_FILE, type SiteFeatures, type SiteManifest } from './site-manifest.ts';
