import type { ConnectionKey } from './connection.ts';
import type { AccountIndex, Revoker } from './ports.ts';

/** Whether revoking for this user ends only what is this user's: one provider account may serve two users here. */
export const mayRevoke = async (
  revoker: Pick<Revoker, 'endsWholeGrant'>,
  accounts: AccountIndex,
  key: ConnectionKey,
  account: string,
): Promise<boolean> => !revoker.endsWholeGrant || !(await accounts.isAccountShared(key, account));
