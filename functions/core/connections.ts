/** `GET /v1/connections`: what the caller has authorized. */
import type { Connection, RefusalReason } from './connection.ts';
import type { Owner } from './identity.ts';
import type { ConnectionRemover } from './ports.ts';
import type { ProviderProfile } from './provider.ts';
import { standingReason } from './refusals.ts';
import { grantedOf, integrationsOf } from './scopes.ts';

export interface ConnectionView extends Pick<Connection, 'scopes' | 'connectedAt' | 'updatedAt'> {
  /** What a token call would answer, as far as it is known. */
  readonly authorizeAgain?: NonNullable<Connection['authorizeAgain']> | RefusalReason;
  readonly provider: string;
  readonly integrations: readonly string[];
}

/** Throws `Unavailable`. */
export const connections = async (
  { store, profiles }: { store: Pick<ConnectionRemover, 'list'>; profiles: ReadonlyMap<string, ProviderProfile> },
  owner: Owner,
): Promise<ConnectionView[]> => {
  const stored = await store.list(owner);
  return stored
    .filter(({ stray }) => !stray)
    .map(({ key, connection }) => {
      const { scopes, connectedAt, updatedAt } = connection;
      const authorizeAgain = connection.authorizeAgain ?? standingReason(connection);
      const catalogue = profiles.get(key.provider)?.catalogue;
      const integrations = catalogue ? integrationsOf(catalogue, scopes) : [];
      return {
        provider: key.provider,
        integrations,
        scopes: catalogue ? grantedOf(catalogue, scopes) : scopes,
        connectedAt,
        updatedAt,
        ...(authorizeAgain === undefined ? {} : { authorizeAgain }),
      };
    })
    .sort((one, other) => one.provider.localeCompare(other.provider, 'en'));
};
