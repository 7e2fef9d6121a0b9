/** Who connects to what: each user has one connection, to one provider, with an account of its own. */
import { createHash } from 'node:crypto';
import type { RotationClass } from '../../functions/core/ports.ts';
import { type Account, accounts } from '../../local/providers/accounts.ts';
import { filesOf, notesOf } from '../../local/providers/content.ts';

export const CLASSES = ['stable', 'tolerant', 'grace', 'strict'] as const;
export type ClassName = (typeof CLASSES)[number];

export const byClass = <T>(make: (name: ClassName) => T): Record<ClassName, T> => ({
  stable: make('stable'),
  tolerant: make('tolerant'),
  grace: make('grace'),
  strict: make('strict'),
});

export interface ProviderClass {
  readonly name: ClassName;
  /** As in the broker's paths. */
  readonly provider: string;
  /** As the broker treats it. */
  readonly rotation: RotationClass;
  readonly integration: string;
  readonly resource: string;
}

/** `grace` is the strict provider once more, where a spent token works for five seconds on. */
export const PROVIDER_CLASSES: Readonly<Record<ClassName, ProviderClass>> = {
  stable: {
    name: 'stable',
    provider: 'google',
    rotation: 'stable',
    integration: 'files',
    resource: '/drive/v3/files',
  },
  tolerant: {
    name: 'tolerant',
    provider: 'microsoft',
    rotation: 'tolerant',
    integration: 'files',
    resource: '/v1.0/me/drive/root/children',
  },
  grace: { name: 'grace', provider: 'grace', rotation: 'strict', integration: 'notes', resource: '/me/notes' },
  strict: { name: 'strict', provider: 'notes', rotation: 'strict', integration: 'notes', resource: '/me/notes' },
};
export const GRACE_SECONDS = 5;

/** Two users share an id, one in each organization: they have nothing else in common. */
export interface User {
  readonly id: string;
  readonly tenant: string;
  /** Names the user in the journal and in what is told. */
  readonly subject: string;
  readonly class: ProviderClass;
  readonly account: Account;
  /** The id of the connection's document: docs/storage.md. */
  readonly document: string;
  /** What only this account's resource contains. */
  readonly content: string;
}

export const createUsers = (perClass: number): User[] =>
  CLASSES.flatMap((className, classIndex) =>
    Array.from({ length: perClass }, (_, index) => createUser(PROVIDER_CLASSES[className], classIndex, index + 1)),
  );

const createUser = (of: ProviderClass, classIndex: number, number: number): User => {
  const id = `${of.name}-${Math.ceil(number / 2)}`;
  // Of its own: what its admin switches is nobody else's.
  const tenant = `org-${2 - (number % 2)}-${id}`;
  const account = enroll(`${id}@${tenant}.example`, (classIndex + 1) * 1000 + number);
  const name = JSON.stringify([tenant, id, of.provider]);
  const [first] = of.integration === 'files' ? filesOf(account) : notesOf(account);
  return {
    id,
    tenant,
    subject: `${tenant}/${id}`,
    class: of,
    account,
    document: createHash('sha256').update(name).digest('base64url'),
    content: first?.name ?? '',
  };
};

/** The providers know three accounts, and read this list when they are asked: one more. */
const enroll = (email: string, number: number): Account => {
  const known = accounts.find((account) => account.email === email);
  if (known) return known;
  const tail = String(number).padStart(12, '0');
  const account: Account = {
    email,
    name: email,
    organization: 'org-1.example',
    subject: `2000${tail}`,
    objectId: `00000000-0000-4000-8000-${tail}`,
    tenantId: accounts[0]?.tenantId ?? '',
  };
  (accounts as Account[]).push(account);
  return account;
};
