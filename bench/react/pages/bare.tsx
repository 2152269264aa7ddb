/** The same table, and a socket whose messages nobody reads: what the browser alone takes for them. */
import { cells, ids, show, socketUrl } from './bench-page.js';

new WebSocket(socketUrl('/plain')).addEventListener('message', () => undefined);
show(() => ids.map((id) => <p key={id}>{cells(id, '100.125')}</p>));
