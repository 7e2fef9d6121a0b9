/** The organizations that may sign in, and what an identity says about where it belongs. */

export interface Organization {
  readonly tenant: string;
  /** What Google calls `hd`: domains of the organization's Google Workspace, in lower case. */
  readonly googleDomains: readonly string[];
  /** Ids of its Microsoft Entra directories, in lower case. */
  readonly microsoftTenants: readonly string[];
  /** Whether somebody whom its directory does not know becomes a user by signing in. */
  readonly firstSignIn: 'create' | 'directory_only';
  /** Ids of users (`userOf`) with the administrators' role. */
  readonly admins: readonly string[];
}

/** What a verified id_token says of an account. */
export interface ProviderIdentity {
  readonly kind: 'google' | 'microsoft';
  /** Google: `sub`. Microsoft: `oid`, since its `sub` differs from client to client. */
  readonly subject: string;
  /** Google: `hd`, absent for a personal account. Microsoft: `tid`. */
  readonly home?: string;
  readonly email?: string;
  /** Google's word for it. Microsoft gives none. */
  readonly emailVerified?: boolean;
  readonly name?: string;
}

/** Why somebody is not let in: `SignInRefusal` in openapi.yaml. */
export type Refusal =
  | 'domain_not_allowed'
  | 'tenant_not_allowed'
  | 'email_not_verified'
  | 'account_conflict'
  | 'not_in_directory'
  | 'user_suspended';

/**
 * The user's id: made of what the provider never gives to another account, and of nothing that can be changed. Google's is
 * the id by which its directory lists the user; Microsoft's account ids are unique within a directory.
 */
export const userOf = ({ kind, home, subject }: ProviderIdentity): string =>
  kind === 'google' ? subject : `${home}.${subject}`;

/**
 * The organization of an identity, by what the provider vouches for: `hd` or `tid`, never the e-mail's domain.
 * @param wanted the only tenant that will do, where the sign-in was begun for one
 */
export const organizationOf = (
  organizations: readonly Organization[],
  identity: ProviderIdentity,
  wanted: string | undefined,
): Organization | Refusal => {
  const { kind, home, email, emailVerified } = identity;
  const homesOf = (each: Organization) => (kind === 'google' ? each.googleDomains : each.microsoftTenants);
  const found = organizations.find((each) => home !== undefined && homesOf(each).includes(home));
  if (!found || (wanted !== undefined && found.tenant !== wanted)) {
    return kind === 'google' ? 'domain_not_allowed' : 'tenant_not_allowed';
  }
  if (kind === 'google' && (email === undefined || emailVerified !== true)) return 'email_not_verified';
  return email === undefined || isPlainAddress(kind, email) ? found : 'domain_not_allowed';
};

/**
 * Whether nobody takes the address for another: a letter of another script looks like one of ours. Domains of other scripts have
 * an ASCII form (RFC 5890), and so has every local part at Google. Microsoft's may be of any one script: it is shown, and proves
 * nothing.
 */
const isPlainAddress = (kind: ProviderIdentity['kind'], email: string): boolean => {
  if (/^[\x21-\x7e]+$/.test(email)) return true;
  const at = email.lastIndexOf('@');
  const [local, domain] = [email.slice(0, at).normalize('NFC'), email.slice(at + 1)];
  if (kind === 'google' || at < 1 || !/^[\x21-\x7e]+$/.test(domain)) return false;
  const isText = /^[\p{L}\p{M}\p{N}\x21-\x7e]+$/u.test(local);
  const isMixed = /\p{Script=Latin}/u.test(local) && /[^\P{L}\p{Script=Latin}]/u.test(local);
  return isText && !isMixed;
};

/** E-mail addresses that differ in case, or in how an accent is written, are one. */
export const foldAddress = (email: string): string => email.normalize('NFC').toLowerCase();

/** The session's roles. */
export const rolesOf = ({ admins }: Organization, user: string, adminRole: string): readonly string[] =>
  admins.includes(user) ? [adminRole] : [];
