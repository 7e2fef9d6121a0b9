/** Makes up an organization of any size: the same one for the same numbers. */
import { Workspace, type WorkspaceGroup, type WorkspaceMember, type WorkspaceUser } from './directory.ts';

const GIVEN = (
  'Ada Alan Amara Anna Bela Carla Chidi Clara Dana Dilan Edda Elif Emil Enzo Fatou Femi Finn Greta Hana Hugo Ida Ines ' +
  'Ivo Jana Jonas Jun Kaja Karim Kofi Lena Lior Luca Mai Malik Mara Mei Mika Nadia Nils Noor Olga Omar Oskar Paula ' +
  'Petra Priya Quinn Rania Ravi Rosa Samir Sara Selma Sven Tariq Theo Tuva Uma Vera Viktor Wanda Xenia Yara Yusuf Zoë'
).split(' ');
const FAMILY = (
  'Abara Adler Baker Bauer Becker Berg Blum Castro Chen Costa Dahl Diaz Eriksen Falk Fischer Fuchs García Gruber ' +
  'Haddad Hansen Hoffmann Ito Jansen Kaya Keller Kim Klein Koch Kovač Krüger Lang Larsen Lehmann Lopez Maier Marín ' +
  'Mensah Meyer Moreau Müller Nagy Neumann Novák Okafor Olsen Pereira Peters Petit Rao Reyes Richter Rossi Sato Schmid ' +
  'Schulz Silva Singh Sommer Suzuki Tanaka Torres Vogel Wagner Weber Winter Wolf Yilmaz Zhang Ziegler'
).split(' ');
const TITLES = [
  'Engineer',
  'Senior engineer',
  'Product designer',
  'Account manager',
  'Data analyst',
  'Team lead',
  'Office manager',
  'Legal counsel',
  'Support specialist',
];
const DEPARTMENTS = [
  'Engineering',
  'Design',
  'Sales',
  'Finance',
  'Human resources',
  'Legal',
  'Customer support',
  'Operations',
];

const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;

/** Numbers from 0 up to `below`, always the same ones (mulberry32). */
const createRandom = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

export const userIdOf = (index: number): string =>
  String(100_000_000_000_000_000_000n + BigInt(index) * 7_919_000_033n);
const groupIdOf = (index: number): string => `01grp${index.toString(36).padStart(8, '0')}`;

export interface WorkspaceSize {
  readonly users: number;
  readonly groups: number;
  /** Direct members of a group, about. */
  readonly members?: number;
  /** The second group is all staff, and one of 500 has a fortieth of it. */
  readonly largeGroups?: boolean;
  readonly domain?: string;
  readonly administrator?: string;
}

export const generateWorkspace = ({
  users: userCount,
  groups: groupCount,
  members: size = 12,
  largeGroups = false,
  domain = 'org-1.example',
  administrator = `admin@${domain}`,
}: WorkspaceSize): Workspace => {
  const random = createRandom(userCount * 31 + groupCount);
  const domains = [
    { name: domain, primary: true },
    { name: `branch.${domain}`, primary: false },
  ];
  const users = Array.from({ length: userCount }, (_, index): WorkspaceUser => {
    const givenName = at(GIVEN, random(GIVEN.length));
    const familyName = at(FAMILY, random(FAMILY.length));
    // Every tenth belongs to the secondary domain, every fiftieth is suspended.
    const home = index % 10 === 9 ? `branch.${domain}` : domain;
    const local = index === 0 ? 'admin' : `${plain(givenName)}.${plain(familyName)}.${index}`;
    return {
      id: userIdOf(index),
      primaryEmail: index === 0 ? administrator : `${local}@${home}`,
      givenName,
      familyName,
      ...(index % 7 === 6 ? {} : { title: at(TITLES, random(TITLES.length)) }),
      department: at(DEPARTMENTS, random(DEPARTMENTS.length)),
      suspended: index % 50 === 49,
    };
  });
  const groups = Array.from({ length: groupCount }, (_, index): WorkspaceGroup => {
    const name = `${at(DEPARTMENTS, index)} ${index < DEPARTMENTS.length ? 'all' : `team ${index}`}`;
    return {
      id: groupIdOf(index),
      email: `${plain(name).replaceAll(' ', '-')}@${domain}`,
      name,
      ...(index % 3 === 0 ? { description: `Everybody who works in ${at(DEPARTMENTS, index).toLowerCase()}.` } : {}),
      members: [],
    };
  });
  for (const [index, group] of groups.entries()) group.members = membersOf(index, { users, groups, size, random });
  if (largeGroups) {
    for (const [index, group] of groups.entries()) {
      if (index === 1) group.members = everyNth(users, 1);
      if (index % 500 === 50) group.members = everyNth(users, 40);
    }
  }
  return new Workspace({ customer: 'C01local', administrator, domains, users, groups });
};

const everyNth = (users: readonly WorkspaceUser[], n: number): WorkspaceMember[] =>
  users
    .filter((_, index) => index % n === 0)
    .map(({ id, primaryEmail: email }) => ({ id, email, type: 'USER', role: 'MEMBER' }));

const membersOf = (
  index: number,
  {
    users,
    groups,
    size,
    random,
  }: {
    users: readonly WorkspaceUser[];
    groups: readonly WorkspaceGroup[];
    size: number;
    random: (below: number) => number;
  },
): WorkspaceMember[] => {
  const count = users.length === 0 ? 0 : 1 + random(size * 2);
  const chosen = new Map<string, WorkspaceMember>();
  for (let n = 0; n < count; n++) {
    const { id, primaryEmail: email } = at(users, random(users.length));
    chosen.set(id, { id, email, type: 'USER', role: n === 0 ? 'OWNER' : n === 1 ? 'MANAGER' : 'MEMBER' });
  }
  // Some groups have a group in them, some somebody from outside, the first one everybody.
  const nested = groups[index + 1];
  if (index % 5 === 0 && nested)
    chosen.set(nested.id, { id: nested.id, email: nested.email, type: 'GROUP', role: 'MEMBER' });
  if (index % 25 === 3) {
    const id = `ext${index}`;
    chosen.set(id, { id, email: `guest-${index}@partner.example`, type: 'EXTERNAL', role: 'MEMBER' });
  }
  if (index === 0) chosen.set('C01local', { id: 'C01local', type: 'CUSTOMER', role: 'MEMBER' });
  return [...chosen.values()];
};
