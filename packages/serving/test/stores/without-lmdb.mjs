// Opens a folder of sessions in a process that does not find the package lmdb, and prints the error.
import { register } from 'node:module';
import { register as registerTypeScript } from 'tsx/esm/api';

registerTypeScript();
const hook = `export const resolve = (name, context, next) => next(name === 'lmdb' ? 'not-installed' : name, context);`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
const { openSessionStore } = await import('../../src/stores/open-session-store.ts');
await openSessionStore(`file:${process.argv[2]}`).catch(({ message }) => process.stdout.write(message));
