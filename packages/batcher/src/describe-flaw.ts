/** The message of an error about an argument: `caller: "name" expected …, got ….` */
export function describeFlaw(caller: string, name: string, expected: string, got: unknown): string {
  const shown = typeof got === 'object' ? (got?.constructor.name ?? 'null') : String(got);
  return `${caller}: "${name}" expected ${expected}, got ${shown}.`;
}
