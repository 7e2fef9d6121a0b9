/** What the terraform configuration may never lose. Each policy is shown a configuration that breaks it. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type InfraManifest, MANIFEST } from '../../tools/infra.ts';
import { contract } from '../support/contract.ts';
import type { Change, Mutable } from './breaks/change.ts';
import { DATA } from './breaks/data.ts';
import { EDGE } from './breaks/edge.ts';
import { GRANTS } from './breaks/grants.ts';
import { type Configuration, configurationOf, readConfiguration } from './configuration.ts';
import * as data from './policies/data.ts';
import * as edge from './policies/edge.ts';
import * as grants from './policies/grants.ts';
import * as monitoring from './policies/monitoring.ts';

const manifest = JSON.parse(readFileSync(MANIFEST, 'utf8')) as InfraManifest;

/** Read here anew, not by the tool that made the manifest. */
const inContract = Object.entries(contract.paths as Record<string, Record<string, Operation>>).flatMap(([path, item]) =>
  Object.values(item).flatMap((operation) =>
    operation['x-function'] === undefined
      ? []
      : [
          {
            path: `/v1${path.replace(/\{\w+\}/g, '*')}`,
            function: operation['x-function'],
            internal: (operation.security ?? []).some((scheme) => 'schedulerBearer' in scheme),
          },
        ],
  ),
);
interface Operation {
  readonly 'x-function'?: string;
  readonly security?: readonly object[];
}

const POLICIES: Readonly<Record<string, (configuration: Configuration, manifest: InfraManifest) => string[]>> = {
  'each function gets what the table has, and no more': grants.perFunction,
  'nothing is given anywhere else, to anybody': grants.everyGrant,
  'every resource is of a kind that the table has': grants.kinds,
  'grants are made of the tables, and roles are what they say': grants.howGrantsAreMade,
  'each function has an account of its own': grants.ownAccounts,
  'keys rotate, and nobody destroys them': data.keys,
  'what is deleted of tokens and users stays deleted, and no database can be dropped': data.databases,
  'what expires is removed': data.expiry,
  'what only grows is in no index': data.growing,
  'secrets are write-only and pinned': data.secrets,
  'who uses keys and reads documents is logged': data.audit,
  'nobody gets in but through the balancer or from inside': edge.ingress,
  'the URL map is the routes, and 404': edge.urlMap,
  'routes, functions and the contract are the same set': (_, given) => edge.routes(given, inContract),
  'S43 no request log keeps the code of a callback': edge.callbackLogs,
  'S58 the scheduler calls with its identity, each function for itself': edge.scheduler,
  'the balancer limits addresses and speaks TLS 1.2 or later': edge.balancer,
  'the content decides what is deployed': edge.deployment,
  'alerts fire at what they were made for': monitoring.alerts,
  'the prober asks for a route': monitoring.uptime,
};

let configuration: Configuration;
beforeAll(async () => {
  configuration = await readConfiguration();
});

describe('infra/', () => {
  test.each(Object.entries(POLICIES))('%s', (_, policy) => {
    expect(policy(configuration, manifest)).toEqual([]);
  });
});

const BREAKS = [...GRANTS, ...DATA, ...EDGE];

/** A copy of both, changed. */
const changed = (change: Change): [Configuration, InfraManifest] => {
  const copy = structuredClone(configuration);
  const given = structuredClone(manifest) as Mutable;
  change(copy, given);
  return [copy, given];
};

describe('a policy finds', () => {
  test.each(BREAKS)('%s', (_, policy, found, change) => {
    const findings = POLICIES[policy]?.(...changed(change)) ?? [];
    expect(findings.join('\n')).toMatch(new RegExp(found.source, `${found.flags}m`));
  });

  test('each of them', () => {
    expect(new Set(BREAKS.map(([, policy]) => policy))).toEqual(new Set(Object.keys(POLICIES)));
  });
});

/** What terraform would apply, and policies over parsed resources would not see. */
describe('refused, not passed over', () => {
  const EDITOR = 'resource "google_project_iam_member" "editor" { role = "roles/editor" }';

  test.each([
    ['resources as JSON', { 'hole.tf.json': '{}' }, /hole\.tf\.json is not read/],
    ['a module', { 'hole.tf': 'module "iam" { source = "terraform-google-modules/iam/google" }' }, /has module/],
    ['an import', { 'hole.tf': 'import { to = google_project_iam_member.editor }' }, /has import/],
    ['an override', { 'override.tf': EDITOR }, /override\.tf is not read/],
    ['an override of one file', { 'kms_override.tf': EDITOR }, /kms_override\.tf is not read/],
  ])('%s', async (_, files, refused) => {
    await expect(configurationOf(files)).rejects.toThrow(refused);
  });

  test('a resource, which is read', async () => {
    const { resources } = await configurationOf({ 'hole.tf': EDITOR });
    expect(
      grants.everyGrant({ ...configuration, resources: new Map([...configuration.resources, ...resources]) }),
    ).toEqual(['google_project_iam_member.editor gives something that the table does not have']);
  });
});
