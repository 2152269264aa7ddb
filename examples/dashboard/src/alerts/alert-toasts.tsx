/** Says that an alert fired, over whatever is looked at; stands once in the page. */
import type { ReactNode } from 'react';

export function AlertToasts(): ReactNode {
  return null;
}
