/** What somebody sees who could not be signed in. Nothing of the request is on it; the way back is registered. */
import type { SignInCode } from '../core/sign-in.ts';
import type { Answer } from '../http/answer.ts';
import { backLink, styledPage } from '../http/page.ts';

const pages: Readonly<Record<SignInCode, readonly [status: number, title: string, text: string]>> = {
  invalid_request: [
    400,
    'You were not signed in',
    'The link that led here is not complete. Go back to the application and sign in again.',
  ],
  invalid_state: [
    400,
    'This sign-in is over',
    'It was finished before, took too long, or was begun in another browser. Go back to the application. If it does not know you, sign in again.',
  ],
  context_mismatch: [
    400,
    'This sign-in belongs elsewhere',
    'It was begun with another provider. Go back to the application and sign in again.',
  ],
  code_exchange_failed: [400, 'You were not signed in', 'The provider did not confirm the sign-in. Try once more.'],
  organization_forbids: [
    403,
    'Your organization does not allow this sign-in',
    'A rule of your organization, or of your account at the provider, does not let this application sign you in. Ask your administrator to allow it.',
  ],
  sign_in_failed: [
    401,
    'You were not signed in',
    'What the provider sent about you could not be verified, so it was not used. Try once more.',
  ],
  domain_not_allowed: [
    403,
    'This account is not of your organization',
    'Sign in with your work account. If this is your work account, ask your administrator.',
  ],
  tenant_not_allowed: [
    403,
    'This account is not of your organization',
    'Sign in with your work or school account. If this is that account, ask your administrator.',
  ],
  email_not_verified: [
    403,
    'Your e-mail address is not verified',
    'Google does not confirm that the address of this account is yours. Verify it there, then sign in again.',
  ],
  account_conflict: [
    403,
    'Your e-mail address belongs to another account',
    'Another account of your organization has the same address. If it is yours, sign in with it; otherwise ask your administrator. Accounts are never joined by their address.',
  ],
  not_in_directory: [
    403,
    'Your organization does not list you',
    'Only people in the directory of your organization can sign in. Ask your administrator.',
  ],
  user_suspended: [403, 'Your account is suspended', 'Your organization has suspended it. Ask your administrator.'],
  provider_error: [502, 'The provider gave no usable answer', 'You were not signed in. Try again later.'],
  temporarily_unavailable: [
    503,
    'You cannot be signed in at the moment',
    'Something that is needed for it did not answer. Wait a little, go back to the application and sign in again.',
  ],
};

export const refusalPage = ({
  code,
  backTo,
}: {
  readonly code: SignInCode;
  readonly backTo?: string | undefined;
}): Answer<string> => {
  const [status, title, text] = pages[code];
  return styledPage(
    status,
    title,
    `<p>${text}</p>${backLink(backTo)}\n<p><small>For your administrator: ${code}</small></p>`,
  );
};
