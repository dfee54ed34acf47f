export { HeldError, type LockAttempt, lockOutput, tryLock } from './file-lock.ts';
export { checkWritable, flush, makeFolder } from './flush.ts';
export {
  checkReplaceable,
  createFile,
  type FolderManifest,
  followPointer,
  makeFile,
  pointTo,
  replaceFile,
  replaceFolder,
  writeFolder,
} from './replace.ts';
export { describeOtherWriters, modulesBeside } from './trusted-code.ts';
export { DurableError, recover } from './workspace.ts';
