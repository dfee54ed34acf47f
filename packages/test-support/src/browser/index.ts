export { bundlePage, type PageFiles, type PageOptions } from './bundle-page.ts';
export { type ChromiumForTests, chromiumForTests } from './chromium.ts';
export { type Site, type SiteOptions, serveFolder } from './serve-folder.ts';
