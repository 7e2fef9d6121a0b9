/** What an operation costs at its neighbours: counted where it arrives. */
import type { Operations } from '../../tools/cost/model.ts';
import type { TestStack } from '../support/broker.ts';

const providerCalls = (stack: TestStack): number =>
  Object.values(stack.providers).reduce((sum, { control }) => {
    const { tokenCalls, turnedAway, revocations } = control.read().counts;
    return sum + Object.values(tokenCalls).reduce((all, each) => all + each, turnedAway + revocations);
  }, 0);

const present = (stack: TestStack): Operations => {
  const { reads = 0, writes = 0, deletes = 0 } = stack.firestore?.counts() ?? {};
  return {
    reads,
    writes: writes - deletes,
    deletes,
    keys: Object.values(stack.kms.calls()).reduce((sum, each) => sum + each, 0),
    provider: providerCalls(stack),
    logLines: stack.logs.length,
    logBytes: stack.logs.reduce((sum, line) => sum + Buffer.byteLength(line), 0),
  };
};

/** What `run` adds. The log comes by a pipe, a moment later. */
export const operationsOf = async (stack: TestStack, run: () => Promise<unknown>): Promise<Operations> => {
  const before = present(stack);
  await run();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const after = present(stack);
  const added = Object.entries(after).map(([name, value]) => [name, value - before[name as keyof Operations]]);
  return Object.fromEntries(added) as Operations;
};
