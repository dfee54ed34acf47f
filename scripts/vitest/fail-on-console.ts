import { afterAll, afterEach } from 'vitest';
import { ConsoleGuard } from './console-guard.ts';

// Code reports through callbacks and return values. A test that needs the console spies on it.
const guard = new ConsoleGuard(console);
guard.install();
afterEach(() => guard.check());
afterAll(() => guard.check());
