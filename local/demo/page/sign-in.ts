/** What a sign-in with a provider brought back to this page, and what to say about it. */
import type { components } from '../../../functions/http/generated/types.ts';

type Fragment = components['schemas']['SignInFragment'];
type SignInError = NonNullable<Fragment['error']>;

export type SignInReturn =
  | { readonly code: string; readonly tenant: string }
  | { readonly error: SignInError; readonly provider: string };

/** Takes the result out of the address bar and the history. `undefined`: this page load is no return from a sign-in. */
export const readSignIn = (): SignInReturn | undefined => {
  const result = new URLSearchParams(location.hash.slice(1));
  const [provider, code, tenant, error] = ['provider', 'code', 'tenant', 'error'].map((name) => result.get(name));
  if (!provider || (!error && !(code && tenant))) return undefined;
  history.replaceState(null, '', location.pathname + location.search);
  return code && tenant ? { code, tenant } : { error: error as SignInError, provider };
};

const AGAIN = 'You were not signed in. Try once more.';

const sentences: Readonly<Record<SignInError, (title: string) => string>> = {
  access_denied: (title) => `You cancelled at ${title}, so you are not signed in.`,
  organization_forbids: (title) =>
    `A rule of your organization, or of your account at ${title}, does not let this product sign you in. Ask your administrator.`,
  invalid_scope: () => 'The provider refused what the broker asked for. Ask your administrator.',
  consent_required: (title) => `${title} wants you to agree first. Try once more.`,
  interaction_required: (title) => `${title} wants to hear from you first. Try once more.`,
  login_required: (title) => `You were not signed in at ${title}. Try once more.`,
  account_selection_required: () => 'You did not choose an account. Try once more.',
  temporarily_unavailable: (title) => `${title} does not answer at the moment. Try again later.`,
  server_error: (title) => `${title} does not answer at the moment. Try again later.`,
  provider_error: () => AGAIN,
  issuer_mismatch: () => AGAIN,
  code_exchange_failed: () => AGAIN,
  sign_in_failed: () => AGAIN,
  domain_not_allowed: () => 'That account is not of an organization that uses this product. Take your work account.',
  tenant_not_allowed: () => 'That account is not of an organization that uses this product. Take your work account.',
  email_not_verified: () => 'Google does not confirm the address of that account. Verify it there first.',
  account_conflict: () =>
    'Your address belongs to another account here. Sign in as you did before, or ask your administrator.',
  not_in_directory: () => 'Your organization does not list you. Ask your administrator.',
  user_suspended: () => 'Your organization has suspended your account. Ask your administrator.',
};

export const explainSignIn = (error: SignInError, title: string): string => (sentences[error] ?? (() => AGAIN))(title);
