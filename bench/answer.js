/**
 * A child's side of the questions in ipc.ts. Plain JavaScript: a server that is measured loads it, and shall not load
 * what strips types along with it.
 */

/** Answers the questions that it knows, and ends with its parent. */
export const answerParent = (answers) => {
  process.on('message', async ({ id, name, value }) => {
    const answer = answers[name];
    if (!answer) return;
    try {
      process.send?.({ id, value: await answer(value) });
    } catch (error) {
      process.send?.({ id, error: String(error) });
    }
  });
  process.once('disconnect', () => process.exit(0));
};
