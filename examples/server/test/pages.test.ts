import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { startTestServer } from './test-server.js';

it.each(['/', '/page.js'])('the pages say at %s that no code may run but their files', async (url) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'tickwire-served-'));
  await writeFile(path.join(folder, 'index.html'), '<!doctype html>');
  await writeFile(path.join(folder, 'page.js'), '');
  const server = await startTestServer({}, { PAGES_DIR: folder });
  const { headers } = await fetch(`${server.base}${url}`);
  const policy = (headers.get('content-security-policy') ?? '').split('; ');
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("default-src 'self'");
  expect(policy.find((rule) => rule.startsWith('script-src'))).not.toContain('unsafe');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  await server.close();
  await rm(folder, { recursive: true });
});
