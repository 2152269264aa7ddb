/** A registry on this machine that has our packages alone, so that they are installed the way users install them. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { mustRun } from './run-program.js';

interface Manifest {
  readonly name: string;
  readonly version: string;
}

export interface Registry {
  readonly url: string;
  /** The packages that it has. */
  readonly names: readonly string[];
  close(): Promise<void>;
}

async function manifestOf(tarball: string): Promise<Manifest> {
  const { stdout } = await mustRun('tar', ['-xOzf', tarball, 'package/package.json'], { cwd: path.dirname(tarball) });
  return JSON.parse(stdout) as Manifest;
}

export async function startRegistry(tarballs: readonly string[]): Promise<Registry> {
  const packages = new Map<string, { manifest: Manifest; bytes: Buffer }>();
  for (const tarball of tarballs) {
    const manifest = await manifestOf(tarball);
    packages.set(manifest.name, { manifest, bytes: await readFile(tarball) });
  }
  const http = createServer((request, response) => {
    const [, name = '', file] = /^\/(@[^/]+\/[^/]+)(\/-\/.+)?$/.exec(decodeURIComponent(request.url ?? '')) ?? [];
    const found = packages.get(name);
    if (found === undefined) {
      response.writeHead(404).end('{}');
      return;
    }
    const { manifest, bytes } = found;
    if (file !== undefined) {
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(bytes);
      return;
    }
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
    const dist = { tarball: `${url()}/${name}/-/package-${manifest.version}.tgz`, integrity };
    const versions = { [manifest.version]: { ...manifest, dist } };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ name, 'dist-tags': { latest: manifest.version }, versions }));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = (): string => `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    url: url(),
    names: [...packages.keys()].sort(),
    close: () => {
      http.closeAllConnections();
      return new Promise((resolve) => http.close(() => resolve()));
    },
  };
}
