// Runs before `npm start` and `npm test`, on whatever Node npm found: says what to do instead of a syntax error.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    [
      `This project runs on Node 24, which it brings along as the npm package "node"; here runs ${process.version}.`,
      'Its install script did not run. Run it with:',
      '',
      '  npm rebuild node --ignore-scripts=false',
      '',
    ].join('\n'),
  );
  process.exit(1);
}
