/**
 * Quotes a string as an SQL literal. Characters that are special to Spark's parser or not ASCII are escaped by code.
 */
export function sparkQuote(text: string): string {
  const escaped = text.replace(
    /[^A-Za-z0-9 _.,:/=(){}[\]^*+?|<>@-]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `'${escaped}'`;
}

/** Quotes the name of a column. */
export function sparkIdentifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
