/** The door of `@tickwire/testing`: fakes and a scripted server for tests of price streams. It never imports the client. */
export { FakeClock, settle } from './fake-clock.js';
export { FakeEnvironment } from './fake-environment.js';
export { FakeSocket, FakeSockets } from './fake-socket.js';
export {
  coinPrice,
  coinsAck,
  coinsWelcome,
  hello,
  metalPrices,
  snapshot,
  subscribeAck,
  whale,
  type Message,
} from './messages.js';
export { Peer, ScriptedServer, until, type Script } from './scripted-server.js';
