import { afterAll, afterEach } from 'vitest';
import { ConsoleGuard } from './console-guard.ts';

// Whatever wants to be printed is a callback or a return value: a test that needs the console spies on it.
const guard = new ConsoleGuard(console);
guard.install();
afterEach(() => guard.check());
afterAll(() => guard.check());
