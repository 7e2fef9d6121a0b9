/** The Admin SDK's resources as records: https://developers.google.com/workspace/admin/directory/reference/rest */
import type { admin_directory_v1 as directory } from '@googleapis/admin';
import {
  type DirectoryDomain,
  type DirectoryGroup,
  type DirectoryMember,
  type DirectoryUser,
  isDirectoryId,
} from '../../core/directory/records.ts';

/** Partial responses: nothing else is asked for, and nothing else comes. */
export const FIELDS = {
  user: 'id,primaryEmail,name(fullName,givenName,familyName),organizations(primary,title,department),suspended,archived',
  group: 'id,email,name,description',
  memberCount: 'id,directMembersCount',
  member: 'id,email,type,role',
  domain: 'domainName,isPrimary,verified',
} as const;

/** Longer texts are cut: nobody searches by them. */
const MAX_TEXT = 500;

const text = (value: unknown): string =>
  typeof value === 'string' ? value.slice(0, MAX_TEXT).toWellFormed().trim() : '';
const member = <K extends string>(name: K, value: unknown): Partial<Record<K, string>> => {
  const found = text(value);
  return found === '' ? {} : ({ [name]: found } as Record<K, string>);
};

/** @returns nothing for what has no usable id: it could not be told from others */
export const userOf = (user: directory.Schema$User): DirectoryUser[] => {
  const { id, primaryEmail, name, suspended, archived } = user;
  if (!isDirectoryId(id)) return [];
  const organizations: unknown = user.organizations;
  const posts: { primary?: boolean; title?: unknown; department?: unknown }[] = Array.isArray(organizations)
    ? organizations
    : [];
  const post = posts.find(({ primary }) => primary === true) ?? posts[0];
  return [
    {
      id,
      email: text(primaryEmail),
      name: text(name?.fullName),
      suspended: suspended === true || archived === true,
      ...member('givenName', name?.givenName),
      ...member('familyName', name?.familyName),
      ...member('title', post?.title),
      ...member('department', post?.department),
    },
  ];
};

export const groupOf = ({ id, email, name, description }: directory.Schema$Group): DirectoryGroup[] =>
  isDirectoryId(id) ? [{ id, email: text(email), name: text(name), ...member('description', description) }] : [];

const TYPES: Readonly<Record<string, DirectoryMember['type']>> = {
  USER: 'user',
  GROUP: 'group',
  CUSTOMER: 'everybody',
};
const ROLES: Readonly<Record<string, DirectoryMember['role']>> = { OWNER: 'owner', MANAGER: 'manager' };

export const memberOf = ({ id, email, type, role }: directory.Schema$Member): DirectoryMember[] =>
  isDirectoryId(id)
    ? [{ id, ...member('email', email), type: TYPES[text(type)] ?? 'other', role: ROLES[text(role)] ?? 'member' }]
    : [];

export const domainOf = ({ domainName, isPrimary, verified }: directory.Schema$Domains): DirectoryDomain[] =>
  typeof domainName === 'string' && /^(?!\.)[a-z0-9.-]{1,253}$/.test(domainName)
    ? [{ id: domainName, primary: isPrimary === true, verified: verified === true }]
    : [];
