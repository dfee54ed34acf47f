/** A study that cannot be opened, continued or finished. The message is one line. */
export class StudyError extends Error {
  override readonly name = 'StudyError';
}
