// Installs both lines of n8n: a program of its own, so that it can run beside other work.
import { ensureN8n } from './install.mjs';

await ensureN8n();
await ensureN8n(1);
