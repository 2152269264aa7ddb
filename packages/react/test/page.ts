/**
 * A page for tests that run in Node, because a real WebSocket server does. Import it before anything of React's:
 * react-dom looks for a page when it is loaded.
 */
import { Window } from 'happy-dom';

const page = new Window({ url: 'http://localhost/' });

Object.assign(globalThis, {
  window: page,
  document: page.document,
  navigator: page.navigator,
  requestAnimationFrame: page.requestAnimationFrame.bind(page),
  cancelAnimationFrame: page.cancelAnimationFrame.bind(page),
});

/** Ends the page with its timers. */
export const closePage = (): Promise<void> => page.happyDOM.close();
