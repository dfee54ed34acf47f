export { HeldError, type LockAttempt, lockOutput, tryLock } from './file-lock.ts';
export { checkWritable, flush } from './flush.ts';
export { followPointer, pointTo } from './pointer.ts';
export {
  checkReplaceable,
  createFile,
  type FolderManifest,
  makeFile,
  type ReplaceOptions,
  replaceFile,
  replaceFolder,
  writeFolder,
} from './replace.ts';
export { describeOtherWriters, modulesBeside } from './trusted-code.ts';
export { DurableError, type KeptWorkspace, keptWorkspaces, recover } from './workspace.ts';
