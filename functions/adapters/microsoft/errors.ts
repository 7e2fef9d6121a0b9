/**
 * What Entra's token errors mean: https://learn.microsoft.com/entra/identity-platform/reference-error-codes and
 * "Handle errors and exceptions in MSAL" for the suberrors. Microsoft asks clients to branch on `error` and `suberror`, and
 * they decide whether a grant is dead: no number ends a connection. What they leave open is whose matter a refusal is, and
 * there the AADSTS number decides: the user's, an organization's, the operator's or nobody's.
 */

import { isText, type Members, shortCode } from '../../../shared/token-answer.ts';
import { CLIENT_ERRORS, type ErrorList, INTERACTION_ERRORS, LOAD_ERRORS, withFiner } from '../error-list.ts';
import { DEFAULT_AUTHORITY, type MicrosoftConfig } from './config.ts';

/** A second factor, a sign-in, a device, a password, a consent: the grant lives. */
const USER_NEEDED = [
  16_000, 50_055, 50_058, 50_072, 50_074, 50_076, 50_078, 50_079, 50_085, 50_097, 50_125, 50_127, 50_129, 50_135,
  50_144, 50_155, 50_158, 50_187, 50_192, 53_000, 53_001, 53_004, 65_001, 65_004, 700_020, 9_002_341,
];

/** The directory of the user forbids it: access policies, assignments, consents, a disabled account. */
const ORGANIZATION_FORBIDS = [
  50_005, 50_020, 50_053, 50_057, 50_105, 50_131, 50_177, 50_178, 53_002, 53_003, 53_010, 53_011, 54_000, 90_072,
  90_093, 90_094, 90_095, 90_099, 90_123, 500_021, 500_022, 500_212, 500_213, 530_031, 530_032, 530_034, 530_035,
  650_052, 1_000_031, 1_000_104,
];

/** The application is missing or disabled in a directory: in one customer's, or in the operator's only one. */
const APPLICATION_ABSENT = [70_001, 500_011, 500_014, 650_056, 700_016, 7_000_112, 7_000_113, 7_000_229];

/** The app registration, its secret or federated credential, its redirect URIs or its authority is wrong. */
const OPERATOR_MUST_ACT = [
  50_003, 50_011, 50_012, 50_146, 50_194, 65_002, 65_005, 70_002, 70_003, 70_021, 90_002, 90_130, 500_113, 650_057,
  700_024, 700_025, 700_027, 700_030, 700_038, 700_211, 700_212, 700_213, 700_222, 700_229, 900_023, 900_971, 7_000_215,
  7_000_218, 7_000_222, 9_001_023, 9_002_325, 9_002_326, 9_002_327, 9_002_332,
];

/** Documented as retryable, or as throttling. */
const PASSING = [
  50_033, 50_087, 50_088, 50_166, 50_196, 70_012, 90_006, 90_012, 90_024, 90_033, 90_055, 90_090, 90_091, 501_621,
];

const ABOUT_SCOPES = [28_002, 28_003, 70_011, 700_022, 700_023];

const named = (numbers: readonly number[]): string[] => numbers.map((number) => `AADSTS${number}`);

/** @param config its `authority` says whether the app registration serves one directory or those of many customers */
export const microsoftErrors = ({
  authority = DEFAULT_AUTHORITY,
}: Pick<MicrosoftConfig, 'authority'> = {}): ErrorList => {
  const [, directory = ''] = new URL(authority).pathname.split('/');
  const servesMany = ['common', 'organizations', 'consumers'].includes(directory);
  return {
    // A suberror that is listed goes before the number, and the number before a suberror of tomorrow.
    codes: (error, members) => {
      const [finer, ...rest] = withFiner(error, members.suberror);
      return rest.length === 0 ? [...numbersOf(members), error] : [finer ?? error, ...numbersOf(members), ...rest];
    },
    classes: {
      // AADSTS 700082 and 70008 (unused for too long), 700084 (24 hours of a single-page app's token), 70043 (sign-in
      // frequency) and 50173 (revoked, or the password was reset) come like this. With another suberror the grant lives:
      // `consent_required` (65001), `basic_action` (50076, a second factor), `additional_action`, `message_only`,
      // `user_password_expired`, and `client_mismatch`, where it is this client's configuration that changed.
      dead_grant: ['invalid_grant', 'invalid_grant/bad_token', 'invalid_grant/token_expired'],
      user_needed: [
        'invalid_grant/basic_action',
        'invalid_grant/additional_action',
        'invalid_grant/user_password_expired',
        'invalid_grant/client_mismatch',
        ...named(USER_NEEDED),
        'invalid_grant/*',
        ...INTERACTION_ERRORS,
      ],
      organization_forbids: [
        ...named(ORGANIZATION_FORBIDS),
        ...(servesMany ? named(APPLICATION_ABSENT) : []),
        'access_denied',
      ],
      operator_must_act: [
        ...named(OPERATOR_MUST_ACT),
        ...(servesMany ? [] : named(APPLICATION_ABSENT)),
        ...CLIENT_ERRORS,
      ],
      passing: [...named(PASSING), ...LOAD_ERRORS],
      about_scopes: [...named(ABOUT_SCOPES), 'invalid_scope'],
    },
    // A consent, an administrator's consent or a service that is missing for some of the scopes.
    ofScopes: [...named([65_001, 65_004, 90_094, 90_095, 500_011, 650_052, 650_057]), 'consent_required'],
    detail: (members) => {
      const parts = [numbersOf(members)[0], shortCode(members.suberror)];
      return parts.filter((part) => part !== undefined).join(' ') || undefined;
    },
  };
};

/** `error_codes`; where something between has dropped the list, the number that its description begins with. */
const numbersOf = ({ error_codes, error_description }: Members): string[] => {
  if (Array.isArray(error_codes)) {
    const numbers = error_codes
      .slice(0, 8)
      .map((each: unknown) => (isText(each) && /^\d{4,8}$/.test(each) ? Number(each) : each));
    return named(numbers.filter((each): each is number => Number.isSafeInteger(each)));
  }
  const [, number] = (isText(error_description) && /^AADSTS(\d{4,8})\b/.exec(error_description)) || [];
  return number === undefined ? [] : [`AADSTS${number}`];
};
