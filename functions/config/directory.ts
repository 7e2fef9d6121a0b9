/** The settings of directory search and synchronization. */

import { METADATA_SERVER } from '../adapters/google-access-token.ts';
import { isSubject } from '../core/identity.ts';
import { loopbackUrls, members, none, text } from './forms.ts';
import { FormError, type Setting } from './load.ts';
import { database } from './settings.ts';

/** Whose directory is read, and as whom. */
export interface DirectoryOrganization {
  readonly administrator: string;
  /** `my_customer`: the administrator's own. */
  readonly customer: string;
}

const organizations = (value: string): ReadonlyMap<string, DirectoryOrganization> => {
  const entries = Object.entries(members(JSON.parse(value), 'it')).map(([tenant, given]) => {
    if (!isSubject(tenant))
      throw new FormError('has an organization id that is empty, longer than 256 characters, . or ..');
    const { administrator, customer = 'my_customer', ...rest } = members(given, tenant);
    none(rest, tenant);
    if (!/^[^@\s]+@[^@\s]+$/.test(text(administrator, `${tenant}.administrator`))) {
      throw new FormError(`${tenant}.administrator is no e-mail address`);
    }
    if (!/^(my_customer|C[A-Za-z0-9]{1,32})$/.test(text(customer, `${tenant}.customer`))) {
      throw new FormError(`${tenant}.customer is no customer id`);
    }
    return [tenant, { administrator: String(administrator), customer: String(customer) }] as const;
  });
  return new Map(entries);
};

const numberFrom =
  (least: number, most: number) =>
  (value: string): number => {
    const number = /^\d{1,9}$/.test(value) ? Number(value) : -1;
    if (number < least || number > most) throw new FormError(`is not a whole number from ${least} to ${most}`);
    return number;
  };

const ENDPOINTS = {
  metadata: METADATA_SERVER,
  sign: 'https://iamcredentials.googleapis.com',
  token: 'https://oauth2.googleapis.com/token',
  admin: 'https://admin.googleapis.com',
};
export type DirectoryEndpoints = typeof ENDPOINTS;

export const directoryOrganizations: Setting<ReadonlyMap<string, DirectoryOrganization>> = {
  variable: 'DIRECTORY_ORGANIZATIONS',
  describe:
    'JSON: by organization, the `administrator` who is impersonated and (optional) the `customer` id. Whose directory is read, and as whom, stands here alone.',
  parse: organizations,
};

/** The database of users and groups; not the one of the tokens. */
export const directoryDatabase = {
  databaseId: {
    variable: 'DIRECTORY_DATABASE',
    describe: "The Firestore database of the organizations' directories. Sign-in does without it where there are none.",
    parse: (value: string) => value,
  },
  firestoreEmulator: database.firestoreEmulator,
} satisfies Record<string, Setting<unknown>>;

export const directorySync = {
  directoryOrganizations,
  directoryAccount: {
    variable: 'DIRECTORY_ACCOUNT',
    describe: "The e-mail address of this function's own service account, which the organizations have approved.",
    parse: (value: string) => {
      if (!/^[^@\s]+@[^@\s]+$/.test(value)) throw new FormError('is no e-mail address');
      return value;
    },
  },
  directoryInterval: {
    variable: 'DIRECTORY_INTERVAL_MINUTES',
    describe: 'Minutes between the beginnings of two runs of an organization. Default: 360.',
    parse: numberFrom(1, 100_000),
    absent: { value: 360 },
  },
  directoryCall: {
    variable: 'DIRECTORY_CALL_SECONDS',
    describe: "How long one call works, well under the function's timeout; the next one goes on. Default: 480.",
    parse: numberFrom(1, 3_000),
    absent: { value: 480 },
  },
  directoryShare: {
    variable: 'DIRECTORY_REMOVAL_PERCENT',
    describe:
      'A run that would remove more than this share of the users or groups, and more than ten, stops and asks; so does one in which as many groups lose more than it of their members. Default: 20.',
    parse: numberFrom(0, 100),
    absent: { value: 20 },
  },
  directoryEndpoints: {
    variable: 'DIRECTORY_ENDPOINTS',
    describe:
      'JSON: `metadata`, `sign`, `token` and `admin`, of stand-ins on loopback for the metadata server, IAM Credentials, the token endpoint and the Admin SDK.',
    parse: loopbackUrls('metadata', 'sign', 'token', 'admin'),
    absent: { value: ENDPOINTS },
    development: true,
  },
} satisfies Record<string, Setting<unknown>>;
