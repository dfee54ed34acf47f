/** Name of the file beside the page that says what the site has besides the page. */
export const MANIFEST_FILE = 'playground.json';

/** What a site has; all addresses are relative to the page. */
export interface SiteManifest {
  /** Folder of a model as `export --format web` writes it. Without it, the page starts with training. */
  readonly model?: string;
  /** Packed sessions with the model's item indices, for baselines and for training. */
  readonly sessions?: string;
  /** What the page calls the model. */
  readonly name?: string;
}
