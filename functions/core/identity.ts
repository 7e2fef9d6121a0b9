/** Who is asking: read from a verified session, never from a request's path, query or body. */
export interface Identity {
  readonly tenant: string;
  readonly user: string;
  readonly roles: readonly string[];
}

/** The one owner of a connection. Every read of a stored token starts from a verified identity's owner. */
export type Owner = Pick<Identity, 'tenant' | 'user'>;
