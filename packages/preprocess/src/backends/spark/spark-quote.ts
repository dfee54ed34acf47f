/**
 * A text as an SQL literal. Whatever means something to Spark's parser or lies outside ASCII is written as its number.
 */
export function sparkQuote(text: string): string {
  const escaped = text.replace(
    /[^A-Za-z0-9 _.,:/=(){}[\]^*+?|<>@-]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `'${escaped}'`;
}

/** A column's name. */
export function sparkIdentifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
