/** Who is signed in, and how to become somebody; nothing where the server has no demo accounts. */
import type { ReactNode } from 'react';

export function AccountButton(): ReactNode {
  return null;
}
