/** Who may sign in: JSON, one member per organization. docs/sign-in.md. */
import { isSubject } from '../core/identity.ts';
import type { Organization } from '../core/organizations.ts';
import { members, none, oneOf } from './forms.ts';
import { FormError } from './load.ts';

/** The directory of everybody with a personal account. */
const PERSONAL = '9188040d-6c67-4c5b-b112-36a304b66dad';
const DOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const parseOrganizations = (json: string): readonly Organization[] => {
  const entries = Object.entries(members(JSON.parse(json), 'it'));
  if (entries.length === 0) throw new FormError('names no organization');
  const organizations = entries.map(([tenant, value]) => parseOrganization(tenant, value));
  for (const homes of ['googleDomains', 'microsoftTenants'] as const) {
    const all = organizations.flatMap((each) => each[homes]);
    if (new Set(all).size < all.length) throw new FormError('has a domain or a directory twice');
  }
  return organizations;
};

const parseOrganization = (tenant: string, value: unknown): Organization => {
  if (!isSubject(tenant))
    throw new FormError('has an organization id that is empty, longer than 256 characters, . or ..');
  const { google_domains = [], microsoft_tenants = [], first_sign_in, admins = [], ...rest } = members(value, tenant);
  none(rest, tenant);
  const googleDomains = texts(google_domains, DOMAIN, `${tenant}.google_domains`);
  const microsoftTenants = texts(microsoft_tenants, GUID, `${tenant}.microsoft_tenants`);
  if (googleDomains.length + microsoftTenants.length === 0)
    throw new FormError(`${tenant} has nowhere to sign in from`);
  if (microsoftTenants.includes(PERSONAL)) throw new FormError(`${tenant}.microsoft_tenants has everybody in it`);
  return {
    tenant,
    googleDomains,
    microsoftTenants,
    firstSignIn: oneOf(first_sign_in, ['create', 'directory_only'], `${tenant}.first_sign_in`),
    admins: texts(admins, /^[\x21-\x7e]+$/, `${tenant}.admins`),
  };
};

const texts = (value: unknown, form: RegExp, name: string): string[] => {
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string' && form.test(each))) {
    throw new FormError(`${name} is not a list of them`);
  }
  return value;
};
