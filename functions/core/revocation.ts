/** Ending a grant at the provider, where that ends nothing else (decisions/0006 and 0026). */
import type { ConnectionKey } from './connection.ts';
import { dataKeyPlace, open, tokenPlace } from './envelope.ts';
import type { AccountIndex, KeyUnwrapper, Observe, Revocation, Revoker, Stored } from './ports.ts';

/** A grant at a provider: whose account it is, as far as the provider says. */
export interface Grant {
  readonly provider: string;
  /** Keyed hash, as in `Connection`. */
  readonly account: string;
}

/**
 * Whether revoking a token of this grant ends no other connection: one account of the provider may serve several users
 * here, in several organizations.
 * @param except connections that are meant to end
 */
export const mayRevoke = async (
  { ends, knowsAccounts }: Pick<Revoker, 'ends' | 'knowsAccounts'>,
  accounts: AccountIndex,
  { provider, account }: Grant,
  except: readonly ConnectionKey[],
): Promise<boolean> =>
  ends === 'token' || !(await accounts.hasOthers(knowsAccounts ? { account } : { provider }, except));

export interface RevocationDependencies {
  readonly accounts: AccountIndex;
  readonly keys: KeyUnwrapper;
  readonly observe: Observe;
}

/**
 * One attempt to revoke what is stored. A key service that is down, or a record that does not open, is no reason to keep a
 * connection.
 * @param isMeant asked right before the revocation, where it ends more than the token
 */
export const revokeSealed = async (
  { accounts, keys, observe }: RevocationDependencies,
  revoker: Revoker | undefined,
  { key, connection }: Pick<Stored, 'key' | 'connection'>,
  except: readonly ConnectionKey[],
  isMeant: () => Promise<boolean> = async () => true,
): Promise<Revocation> => {
  const { sealed, generation, revision, account } = connection;
  // A dead grant has left nothing to revoke with.
  if (!revoker || !sealed) return 'impossible';
  const may = () => mayRevoke(revoker, accounts, { provider: key.provider, account }, except);
  try {
    if (!(await may())) return 'impossible';
    const dataKey = await keys.unwrap(sealed.wrappedKey, dataKeyPlace(key, generation));
    const token = open(dataKey, sealed.ciphertext, tokenPlace(key, generation, revision));
    // All of this took time: who has authorized meanwhile, here or as another user, would lose the new grant with this one.
    if (revoker.ends !== 'token' && !((await may()) && (await isMeant()))) return 'impossible';
    return await revoker.revoke(token);
  } catch (error) {
    const reason = error instanceof Error ? error.name : 'unknown';
    observe({ event: 'revocation_failed', severity: 'WARNING', tenant: key.tenant, provider: key.provider, reason });
    return 'failed';
  }
};
