/** The page's colours for a canvas, which knows no custom properties; told again when the theme changes. */

/** What a chart is painted with. */
export interface ChartColours {
  text: string;
  line: string;
  accent: string;
  up: string;
  down: string;
}

const tokens: Readonly<Record<keyof ChartColours, string>> = {
  text: '--muted',
  line: '--line-soft',
  accent: '--accent',
  up: '--up',
  down: '--down',
};

/** The colours as they are at this element. */
export function coloursAt(element: HTMLElement): ChartColours {
  const probe = document.createElement('span');
  element.append(probe);
  const read = (token: string): string => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const colours = { text: '', line: '', accent: '', up: '', down: '' };
  for (const [name, token] of Object.entries(tokens)) colours[name as keyof ChartColours] = read(token);
  probe.remove();
  return colours;
}

/** Calls back when the theme changes, by the system or by the switch; returns the undo. */
export function onThemeChange(call: () => void): () => void {
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const choice = new MutationObserver(call);
  choice.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  system.addEventListener('change', call);
  return () => {
    choice.disconnect();
    system.removeEventListener('change', call);
  };
}
