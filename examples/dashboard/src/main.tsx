/** Starts the page: one client, one tree. */
import { PriceWebSocketClient } from '@tickwire/client';
import { PriceStreamProvider } from '@tickwire/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createAccount } from './account/account-store.js';
import { DemoProvider } from './account/demo-context.js';
import { createDemoServer } from './account/demo-server.js';
import { createSessionShelf } from './account/session-shelf.js';
import { App } from './app.js';
import { withPageId } from './shell/page-id.js';
import { serverUrl } from './shell/server-url.js';
import { askedRows } from './watchlist/list.js';
import './shell/theme.css';
import './shell/shell.css';
import './shell/places.css';
import './shell/controls.css';
import './account/account.css';

const url = serverUrl(window.location);
const page = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join(
  '',
);
// What the page's own server offers is for that server: a token of its users goes to no other.
const isOwnServer = new URL(url).host === window.location.host;
const demo = createDemoServer(page);
const account = createAccount({ demo, shelf: createSessionShelf(), client: () => client });
// Who watches prices all day wants to know within seconds that they stand still.
const client = new PriceWebSocketClient(withPageId(url, page), {
  // A server that is known need not be guessed at: one that is frozen would be taken for another kind.
  dialect: isOwnServer ? 'tickwire' : 'auto',
  token: isOwnServer ? account.token : undefined,
  heartbeat: { idleMs: 5_000, timeoutMs: 4_000 },
});
const shownRows = askedRows(window.location.search);
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id "root".');

createRoot(root).render(
  <StrictMode>
    <PriceStreamProvider client={client}>
      {isOwnServer ? (
        <DemoProvider server={demo} account={account}>
          <App url={url} page={page} shownRows={shownRows} />
        </DemoProvider>
      ) : (
        <App url={url} page={page} shownRows={shownRows} />
      )}
    </PriceStreamProvider>
  </StrictMode>,
);

// The channels come from the catalog, and the catalog from the connection. How it fares is the pill's to say.
client.connect().catch(() => undefined);
