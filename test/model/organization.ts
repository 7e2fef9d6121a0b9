/** The organization's policy as the model's database keeps it, and the removal that a switch asks for. */
import type { AuthorizationFlow, Policy } from '../../functions/core/policy-form.ts';
import type { PolicyStore, RemovalQueue } from '../../functions/core/ports.ts';

const MAX_TRANSACTION_TRIES = 5;

/** One step: others may act before it. */
export type Step = (label: string) => Promise<void>;

export class Organization {
  readonly #place: { readonly tenant: string; readonly provider: string };
  readonly #time: () => number;
  #policy: Policy = { providers: {} };
  #removal: { readonly version: number } | undefined;
  #version = 0;
  /** Since when which flow; the database's time. */
  readonly history: { readonly since: number; readonly flow: AuthorizationFlow }[] = [];

  constructor(place: { readonly tenant: string; readonly provider: string }, time: () => number) {
    this.#place = place;
    this.#time = time;
    this.history.push({ since: 0, flow: 'authorization_code' });
  }

  get policy(): Policy {
    return this.#policy;
  }

  /** Grows with every change of the policy: what a transaction that has read it must still find. */
  get version(): number {
    return this.#version;
  }

  get flow(): AuthorizationFlow {
    return this.history.at(-1)?.flow ?? 'authorization_code';
  }

  get isRemoving(): boolean {
    return this.#removal !== undefined;
  }

  ports(step: Step): { policies: PolicyStore; removals: RemovalQueue } {
    const { provider } = this.#place;
    return {
      policies: {
        policy: async () => {
          await step('policy');
          const found = { policy: this.#policy, readAt: this.#time() };
          await step('policy answered');
          return found;
        },
        change: async (_tenant, decide) => {
          for (let attempt = 0; attempt < MAX_TRANSACTION_TRIES; attempt++) {
            await step('change reads');
            const version = this.#version;
            const decided = decide({ policy: this.#policy, isOwn: version > 0 });
            await step('change commits');
            if (this.#version !== version) continue;
            const { change } = decided;
            if (change) {
              this.#version += 1;
              this.#policy = change.write;
              if (change.remove.includes(provider)) this.#removal = { version: this.#version };
              if (change.keep.includes(provider)) this.#removal = undefined;
              const flow = change.write.providers[provider]?.flow ?? 'authorization_code';
              if (flow !== this.flow) this.history.push({ since: this.#time(), flow });
            }
            await step('change answered');
            return decided;
          }
          throw new Error('contention');
        },
      },
      removals: {
        next: async () => {
          await step('next');
          return this.#removal ? [{ ...this.#place, version: this.#removal.version }] : [];
        },
        pending: async () => new Set(this.#removal ? [provider] : []),
        end: async ({ version }) => {
          await step('end removal');
          if (this.#removal?.version === version) this.#removal = undefined;
        },
      },
    };
  }
}
