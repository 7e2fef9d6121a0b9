// Loaded before a function (`-r`): tells on stdout, when asked by SIGUSR2, what its process has loaded since.
const fs = require('node:fs');
const { readFileSync } = fs;
const read = [];
fs.readFileSync = (file, ...rest) => {
  read.push(String(file));
  return readFileSync(file, ...rest);
};
process.on('SIGUSR2', () => {
  fs.writeSync(1, `\nloaded ${JSON.stringify([...read, ...Object.keys(require.cache)])}\n`);
});
