/** The searches that this package can do at the providers, by the name of their source. */
import { calendar, drive, gmail } from './google.ts';
import { onedrive, outlook } from './microsoft.ts';
import type { Hit } from './result.ts';

/** GETs a path of the provider's API as JSON. */
export type Get = <Answer>(path: string) => Promise<Answer>;

export interface Connector {
  /** Of the provider, as the broker's configuration names it. */
  readonly kind: 'microsoft' | 'google';
  /** What the broker has to give a token for: which scopes that takes is the broker's to know. */
  readonly integration: string;
  readonly origin: string;
  /** It can look only at a part. */
  readonly isPartial?: true;
  search(query: string, get: Get): Promise<readonly Hit[]>;
}

export type ConnectorName = 'onedrive' | 'outlook' | 'drive' | 'gmail' | 'calendar';

export const connectors: Readonly<Record<ConnectorName, Connector>> = { onedrive, outlook, drive, gmail, calendar };

/** In the order in which equally good results stand. */
export const sourceNames: readonly ConnectorName[] = ['onedrive', 'outlook', 'drive', 'gmail', 'calendar'];
