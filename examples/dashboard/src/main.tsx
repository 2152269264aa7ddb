/** Starts the page: one client, one tree. */
import { PriceWebSocketClient } from '@tickwire/client';
import { PriceStreamProvider } from '@tickwire/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { serverUrl } from './server-url.js';
import './styles.css';
import './price-table.css';
import './events-panel.css';

const url = serverUrl(window.location);
const client = new PriceWebSocketClient(url);
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id "root".');

createRoot(root).render(
  <StrictMode>
    <PriceStreamProvider client={client}>
      <App url={url} />
    </PriceStreamProvider>
  </StrictMode>,
);

// The channels come from the catalog, and the catalog from the connection. How it fares is the pill's to say.
client.connect().catch(() => undefined);
