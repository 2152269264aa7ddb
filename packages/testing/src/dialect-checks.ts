/** The checks of a dialect, each on streams of its own. */
import type { Pace } from '@tickwire/client/core';
import { withStream, writesForEver, type CheckedStream } from './checked-stream.js';
import { failureOf, givesPrices, neverThrows, readsRecording, shown, type Facts, type Seen } from './frame-checks.js';

const minuteMs = 60_000;

/** Asks for all channels together, and waits until all have been asked for. @returns why not, where one never is */
async function askForAll(stream: CheckedStream): Promise<Seen | undefined> {
  const isAsked = await stream.until(() => stream.asked.length === stream.keys.length);
  if (stream.floods) return { ok: false, note: writesForEver };
  const failure = failureOf(stream);
  if (failure !== undefined) return { ok: false, note: failure };
  if (isAsked) return undefined;
  const missing = stream.keys.filter((key) => !stream.asked.includes(key));
  return { ok: false, note: `Never asked for: ${shown(missing.join(', '))}. ${stream.errors[0] ?? ''}`.trim() };
}

const textOf = (frames: readonly unknown[]): string => JSON.stringify(frames).toLowerCase();

async function asksAgain(facts: Facts): Promise<Seen> {
  return withStream(facts, async (stream) => {
    stream.want();
    await stream.begin();
    const never = await askForAll(stream);
    if (never !== undefined) return never;
    const before = textOf(stream.sentOn(stream.sockets.all.length));
    await stream.reconnect();
    await stream.greet();
    const after = await askForAll(stream);
    if (after !== undefined) return { ok: false, note: `After a reconnect: ${after.note}` };
    const again = textOf(stream.sentOn(stream.sockets.all.length));
    // A name that stood in a frame before has to stand in one again, whatever is said of the keys.
    const names = facts.channels.map((channel) => channel.slice(channel.lastIndexOf(':') + 1).toLowerCase());
    const lost = names.filter((name) => before.includes(name) && !again.includes(name));
    if (lost.length > 0) return { ok: false, note: `After a reconnect no frame names ${lost.join(', ')}` };
    return { ok: true, note: `${stream.keys.length} keys are asked for again` };
  });
}

async function asksTogether(facts: Facts): Promise<Seen> {
  return withStream(facts, async (stream) => {
    await stream.begin();
    await stream.clock.advance(0);
    const before = stream.sent.length - stream.pings;
    for (const channel of facts.channels) stream.want([channel]);
    const never = await askForAll(stream);
    if (never !== undefined) return never;
    const count = stream.sent.length - stream.pings - before;
    const most = facts.mostFrames ?? stream.keys.length;
    return { ok: count <= most, note: `${count} frames for ${facts.channels.length} channels, at most ${most}` };
  });
}

/** The most frames by which a pace was overdrawn, 0 for none. */
export function overdrawn(sentAt: readonly number[], pace: Pace): number {
  let worst = 0;
  for (const [last, end] of sentAt.entries()) {
    for (let first = last; first >= 0; first -= 1) {
      const ms = end - (sentAt[first] ?? end);
      if ('count' in pace && ms >= pace.windowMs) break;
      const most = 'count' in pace ? pace.count : pace.burst + Math.ceil((ms * pace.perMinute) / minuteMs);
      worst = Math.max(worst, last - first + 1 - most);
    }
  }
  return worst;
}

async function keepsPace(facts: Facts): Promise<Seen> {
  return withStream(
    facts,
    async (stream) => {
      await stream.begin();
      const pace = facts.pace ?? stream.link?.dialect.pace;
      const limit = pace === undefined ? 50 : 'count' in pace ? pace.count : pace.burst;
      // Each round asks, and lets go: as fast as anybody can click, then once a second.
      for (let round = 0; round < Math.min(600, limit + 20) && !stream.floods; round += 1) {
        const undo = stream.want();
        await stream.pass(2);
        undo();
        await stream.pass(2);
      }
      for (let second = 0; second < 70 && !stream.floods; second += 1) {
        const undo = stream.want();
        await stream.pass(500);
        undo();
        await stream.pass(500);
      }
      if (stream.floods) return { ok: false, note: writesForEver };
      const sentAt = stream.sent.map(({ at }) => at);
      if (pace === undefined)
        return { ok: true, note: `It says no pace; ${sentAt.length} frames went out in a minute` };
      const tooMany = overdrawn(sentAt, pace);
      const said = shown(pace);
      return { ok: tooMany === 0, note: tooMany === 0 ? said : `${tooMany} frames more than ${said} lets through` };
    },
    1,
  );
}

async function letsGo(facts: Facts): Promise<Seen> {
  return withStream(facts, async (stream) => {
    await stream.begin();
    const undo = stream.want();
    const never = await askForAll(stream);
    if (never !== undefined) return never;
    const { keys } = stream;
    if (keys.length === 0) return { ok: true, note: 'All of it comes by itself' };
    const before = stream.sent.length - stream.pings;
    undo();
    await stream.pass(1_500);
    const isGone = await stream.until(() => stream.asked.length === 0);
    if (!isGone) return { ok: false, note: `Not let go: ${shown(stream.asked.join(', '))}` };
    const count = stream.sent.length - stream.pings - before;
    stream.want();
    const again = await askForAll(stream);
    return (
      again ?? { ok: true, note: `${count} frames let go of ${keys.length} keys, and they can be asked for again` }
    );
  });
}

async function refuses(facts: Facts): Promise<Seen> {
  const names = facts.refuses ?? ['nobody has this one'];
  return withStream(facts, async (stream) => {
    await stream.begin();
    const notes: string[] = [];
    for (const name of names) {
      let answer: string | undefined;
      stream.stream
        .subscribe(name, () => undefined)
        .ready()
        .then(
          ({ confirmed }) => (answer = confirmed ? 'confirmed' : 'unconfirmed'),
          (error: unknown) => (answer = `rejects with ${String((error as { code?: unknown }).code)}`),
        );
      await stream.until(() => answer !== undefined);
      const said = answer ?? 'waiting';
      const isRefused = said.startsWith('rejects') && !said.endsWith('REQUEST_TIMEOUT');
      if (!isRefused) return { ok: false, note: `ready() of '${name}' ${said === 'waiting' ? 'waits' : `is ${said}`}` };
      notes.push(`'${name}' ${said}`);
    }
    return { ok: true, note: notes.join(', ') };
  });
}

/** What went out on a socket, with the numbers of requests left out: each is another. */
function saidOn(stream: CheckedStream, socket: number): string[] {
  return stream.sentOn(socket).map((message) => JSON.stringify(message).replace(/"r\d+"/g, '"r"'));
}

async function resumesOrNot(facts: Facts): Promise<Seen> {
  return withStream(facts, async (stream) => {
    stream.want();
    await stream.begin();
    await askForAll(stream);
    await stream.playRest();
    const before = new Set(saidOn(stream, stream.sockets.all.length));
    await stream.reconnect();
    await stream.greet();
    await askForAll(stream);
    const [news] = saidOn(stream, stream.sockets.all.length).filter((frame) => !before.has(frame));
    const ok = facts.resumes === undefined || facts.resumes === (news !== undefined);
    if (news === undefined) return { ok, note: 'It does not resume: it asks as if for the first time' };
    return { ok, note: `It resumes, or asks otherwise than at first: ${shown(news)}` };
  });
}

async function keepsApart(facts: Facts): Promise<Seen> {
  const first = await withStream(facts, async (stream) => {
    stream.want();
    await stream.begin();
    await askForAll(stream);
    const said = saidOn(stream, 1);
    await stream.playRest();
    // While the first still stands, and remembers what it has heard.
    const second = await withStream(facts, async (other) => {
      other.want();
      await other.begin();
      await askForAll(other);
      return saidOn(other, 1);
    });
    return second.every((frame, index) => frame === said[index]) && second.length === said.length
      ? undefined
      : shown(second.find((frame, index) => frame !== said[index]) ?? 'less');
  });
  if (first === undefined) return { ok: true, note: 'A second stream says the same as the first' };
  return { ok: false, note: `A second stream says something else: ${first}. Give a function where it has to remember` };
}

/** All checks by their names. */
export const dialectChecks: readonly [check: string, run: (facts: Facts) => Promise<Seen>][] = [
  ['reads the recorded frames', readsRecording],
  ['never throws', neverThrows],
  ['gives no price that is none', givesPrices],
  ['asks again after a reconnect', asksAgain],
  ['asks for many together', asksTogether],
  ['keeps its pace', keepsPace],
  ['lets go of what nobody wants', letsGo],
  ['refuses what it cannot carry', refuses],
  ['resumes, or says that it does not', resumesOrNot],
  ['keeps streams apart', keepsApart],
];
