/** Name of the file beside the page that says what the site has besides the page. */
export const MANIFEST_FILE = 'playground.json';

/** What a site has; all addresses are relative to the page. */
export interface SiteManifest {
  /** Folder of a model as `export --format web` writes it. Without it, the page starts with training. */
  readonly model?: string;
  /** Packed sessions with the model's item indices, for baselines and for training. */
  readonly sessions?: string;
  /** `SiteFeatures` of a model with features, as JSON. */
  readonly features?: string;
  /** What the page calls the model. */
  readonly name?: string;
}

/** Which features the items of a model have, so that the page can say why it lists an item that nobody has clicked. */
export interface SiteFeatures {
  /** Of each feature, such as `brand=Alder`. */
  readonly names: readonly string[];
  /** Features per item, by item index. */
  readonly items: readonly (readonly number[])[];
  /** Indices of the items without training clicks. */
  readonly cold: readonly number[];
}
