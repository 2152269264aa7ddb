/** The same table, in which nothing happens. */
import { cells, ids, show } from './bench-page.js';

show(() => ids.map((id) => <p key={id}>{cells(id, '100.125')}</p>));
