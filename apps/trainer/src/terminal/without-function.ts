/** `readDataset: `, `ItemIdTable: ` or `engine-wasm: `; neither a path, nor `ENOENT: `, nor a word such as `Warning: `. */
const functionName = /^(?!configuration: )(?:[a-z]+[\w-]*|[A-Z][a-z]+(?:[A-Z][a-z]+)+): /;

/** The text of a package's error without the function that it begins with, which tells a programmer only. */
export function withoutFunction(message: string): string {
  return message.replace(functionName, '');
}
