/** `npm run scale:directory`: figures of a large directory. SCALE_USERS, SCALE_GROUPS, SCALE_KILLS and SCALE_SEED change it. */
import { scaleCampaign } from './campaign.ts';

const { SCALE_USERS = '200000', SCALE_GROUPS = '20000', SCALE_KILLS = '50', SCALE_SEED = '1' } = process.env;
const scale = {
  users: Number(SCALE_USERS),
  groups: Number(SCALE_GROUPS),
  kills: Number(SCALE_KILLS),
  seed: Number(SCALE_SEED),
};
console.log(
  `Node ${process.version}; ${scale.users} users, ${scale.groups} groups, ${scale.kills} kills, seed ${scale.seed}`,
);
const figures = await scaleCampaign(scale, (line) => console.log(line));
console.log(
  '\n| run | seconds | calls | peak RSS, MB | requests | reads | writes |\n| --- | --- | --- | --- | --- | --- | --- |',
);
for (const { what, seconds, calls, peak, requests, reads, writes } of figures) {
  console.log(
    `| ${what} | ${Math.round(seconds)} | ${calls} | ${Math.round(peak / 1e6)} | ${requests} | ${reads} | ${writes} |`,
  );
}
console.log('\nThe killed run left the same directory.');
