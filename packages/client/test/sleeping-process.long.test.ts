import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { hello, ScriptedServer, until } from '@tickwire/testing';

const tsx = createRequire(import.meta.url).resolve('tsx');
const follow = path.resolve(import.meta.dirname, 'processes', 'follow.ts');
const pongAfterMs = 150;

describe('a process that is stopped for 2.5 s in the middle of a ping', () => {
  it('keeps its connection: what arrived meanwhile is read before the verdict', async () => {
    let freeze: (() => void) | undefined;
    let pings = 0;
    const pongs: NodeJS.Timeout[] = [];
    const server = await ScriptedServer.start({
      connected: (peer) => peer.send(hello()),
      received: (peer, message) => {
        if (message['type'] !== 'ping') return;
        pings += 1;
        pongs.push(setTimeout(() => peer.send({ type: 'pong', id: message['id'] }), pongAfterMs));
        freeze?.();
        freeze = undefined;
      },
    });
    const child = spawn(process.execPath, ['--conditions=@tickwire/source', '--import', tsx, follow, server.url]);
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    try {
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      await until('a ping', () => pings > 0);
      let frozen = false;
      freeze = () => {
        frozen = child.kill('SIGSTOP');
      };
      await until('the stop', () => frozen);
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      const before = pings;
      child.kill('SIGCONT');
      await until('pings after the stop', () => pings >= before + 3);
      expect(server.peers).toHaveLength(1);
      child.stdin.write('end\n');
      expect(await ended).toBe(0);
      expect(new Set(output.trim().split('\n'))).toEqual(new Set(['connecting', 'connected', 'closed']));
    } finally {
      child.kill('SIGKILL');
      for (const pong of pongs) clearTimeout(pong);
      await server.stop();
    }
  });
});
