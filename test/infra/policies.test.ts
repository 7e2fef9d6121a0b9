/** What the terraform configuration may never lose. Each policy is shown a configuration that breaks it. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type InfraManifest, MANIFEST } from '../../tools/infra.ts';
import { contract } from '../support/contract.ts';
import { BREAKS, type Change, type Mutable } from './breaks.ts';
import { type Configuration, readConfiguration } from './configuration.ts';
import * as data from './policies/data.ts';
import * as edge from './policies/edge.ts';
import * as grants from './policies/grants.ts';

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
  'grants are made of the tables, and roles are what they say': grants.howGrantsAreMade,
  'each function has an account of its own': grants.ownAccounts,
  'keys rotate, and nobody destroys them': data.keys,
  'what is deleted of tokens and users stays deleted, and no database can be dropped': data.databases,
  'what expires is removed': data.expiry,
  'secrets are write-only and pinned': data.secrets,
  'who uses keys and reads documents is logged': data.audit,
  'nobody gets in but through the balancer or from inside': edge.ingress,
  'the URL map is the routes, and 404': edge.urlMap,
  'routes, functions and the contract are the same set': (_, given) => edge.routes(given, inContract),
  'S43 no request log keeps the code of a callback': edge.callbackLogs,
  'S58 the scheduler calls with its identity, each function for itself': edge.scheduler,
  'the balancer limits addresses and speaks TLS 1.2 or later': edge.balancer,
  'the content decides what is deployed': edge.deployment,
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
