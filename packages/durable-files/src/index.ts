export { checkWritable } from './check-writable.ts';
export { DurableError } from './durable-error.ts';
export { flush } from './flush.ts';
export { type KeptWorkspace, keptWorkspaces, recover } from './leftovers.ts';
export { lockOutput } from './output-lock.ts';
export { createFile, replaceFile } from './replace-file.ts';
export { type ReplaceOptions, replaceFolder } from './replace-folder.ts';
export { describeOtherWriters, modulesBeside } from './trusted-code.ts';
export { type FolderManifest, writeFolder } from './write-folder.ts';
