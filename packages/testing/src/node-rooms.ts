/** What needs sockets of Node; the web build swaps this room for one that says so. */
export { createFaultProxy, FaultProxy } from './fault-proxy.js';
export { listenOn } from './same-port.js';
export { createScriptedServer, Peer, ScriptedServer } from './scripted-server.js';
