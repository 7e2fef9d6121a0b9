/** A simulated organization at Google Workspace: its users, groups, members and domains, and what happens to them. */

export interface WorkspaceUser {
  readonly id: string;
  primaryEmail: string;
  givenName: string;
  familyName: string;
  title?: string;
  department?: string;
  suspended: boolean;
}

export interface WorkspaceMember {
  readonly id: string;
  readonly email?: string;
  readonly type: 'USER' | 'GROUP' | 'EXTERNAL' | 'CUSTOMER';
  readonly role: 'OWNER' | 'MANAGER' | 'MEMBER';
}

export interface WorkspaceGroup {
  readonly id: string;
  email: string;
  name: string;
  description?: string;
  members: WorkspaceMember[];
}

export interface WorkspaceDomain {
  readonly name: string;
  readonly primary: boolean;
}

/** Kept in the order in which it is listed: by address. */
export class Workspace {
  readonly customer: string;
  readonly administrator: string;
  domains: WorkspaceDomain[];
  readonly #users = new Map<string, WorkspaceUser>();
  readonly #groups = new Map<string, WorkspaceGroup>();
  #ordered: WorkspaceUser[] | undefined;
  #orderedGroups: WorkspaceGroup[] | undefined;

  constructor(given: {
    readonly customer: string;
    readonly administrator: string;
    readonly domains: readonly WorkspaceDomain[];
    readonly users: readonly WorkspaceUser[];
    readonly groups: readonly WorkspaceGroup[];
  }) {
    this.customer = given.customer;
    this.administrator = given.administrator;
    this.domains = [...given.domains];
    for (const user of given.users) this.#users.set(user.id, user);
    for (const group of given.groups) this.#groups.set(group.id, group);
  }

  users(): readonly WorkspaceUser[] {
    this.#ordered ??= [...this.#users.values()].sort((a, b) => (a.primaryEmail < b.primaryEmail ? -1 : 1));
    return this.#ordered;
  }

  groups(): readonly WorkspaceGroup[] {
    this.#orderedGroups ??= [...this.#groups.values()].sort((a, b) => (a.email < b.email ? -1 : 1));
    return this.#orderedGroups;
  }

  /** By id or address, as the Admin SDK takes it. */
  user(key: string): WorkspaceUser | undefined {
    return (
      this.#users.get(key) ?? (key.includes('@') ? this.users().find((user) => user.primaryEmail === key) : undefined)
    );
  }

  group(key: string): WorkspaceGroup | undefined {
    return (
      this.#groups.get(key) ?? (key.includes('@') ? this.groups().find((group) => group.email === key) : undefined)
    );
  }

  addUser(user: WorkspaceUser): void {
    this.#users.set(user.id, user);
    this.#ordered = undefined;
  }

  /** A new address moves the user to another place of the listing. */
  changeUser(id: string, change: Partial<Omit<WorkspaceUser, 'id'>>): void {
    const user = this.#users.get(id);
    if (!user) throw new Error(`there is no user ${id}`);
    Object.assign(user, change);
    if (change.primaryEmail !== undefined) this.#ordered = undefined;
  }

  /** Members of this kind vanish from groups, too. */
  removeUser(id: string): void {
    this.#users.delete(id);
    this.#ordered = undefined;
    for (const group of this.#groups.values()) group.members = group.members.filter((member) => member.id !== id);
  }

  addGroup(group: WorkspaceGroup): void {
    this.#groups.set(group.id, group);
    this.#orderedGroups = undefined;
  }

  removeGroup(id: string): void {
    this.#groups.delete(id);
    this.#orderedGroups = undefined;
    for (const group of this.#groups.values()) group.members = group.members.filter((member) => member.id !== id);
  }
}
