/** The web twin of `node-rooms.ts`: a page has no sockets to listen on. */

function needsNode(what: string): never {
  throw new Error(`${what} needs Node: use it in a test that runs there. In a page use createFakeClient.`);
}

export function createFaultProxy(): never {
  return needsNode('createFaultProxy');
}

export function createScriptedServer(): never {
  return needsNode('createScriptedServer');
}

export function listenOn(): never {
  return needsNode('listenOn');
}

export const FaultProxy = { start: (): never => needsNode('FaultProxy') };

export const ScriptedServer = { start: (): never => needsNode('ScriptedServer') };

export const Peer = needsNode;
