/** The accounts that a user of the simulated providers can choose from: two of organizations, one personal. */
export interface Account {
  readonly email: string;
  readonly name: string;
  /** The organization's domain; absent for a personal account. */
  readonly organization?: string;
  /** Google's `sub`. */
  readonly subject: string;
  /** Microsoft's `oid` and `tid`. */
  readonly objectId: string;
  readonly tenantId: string;
}

/** The tenant that Microsoft reports for every personal account. */
export const PERSONAL_TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad';

export const accounts: readonly Account[] = [
  {
    email: 'account-1@org-1.example',
    name: 'Account One',
    organization: 'org-1.example',
    subject: '100000000000000000001',
    objectId: '00000000-0000-4000-8000-0000000000a1',
    tenantId: '00000000-0000-4000-8000-000000000001',
  },
  {
    email: 'account-2@org-2.example',
    name: 'Account Two',
    organization: 'org-2.example',
    subject: '100000000000000000002',
    objectId: '00000000-0000-4000-8000-0000000000a2',
    tenantId: '00000000-0000-4000-8000-000000000002',
  },
  {
    email: 'account-3@personal.example',
    name: 'Account Three',
    subject: '100000000000000000003',
    objectId: '00000000-0000-4000-8000-0000000000a3',
    tenantId: PERSONAL_TENANT,
  },
];

export const accountOf = (email: string | null | undefined): Account | undefined =>
  accounts.find((account) => account.email === email);

export const accountBySubject = (subject: string | undefined): Account | undefined =>
  accounts.find((account) => account.subject === subject);
