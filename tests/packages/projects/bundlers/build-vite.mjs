import path from 'node:path';
import { build, createLogger } from 'vite';

const logger = createLogger('warn');
await build({
  root: import.meta.dirname,
  customLogger: { ...logger, warn: (text) => console.error(text), warnOnce: (text) => console.error(text) },
  build: { outDir: path.join(import.meta.dirname, 'out-vite') },
});
