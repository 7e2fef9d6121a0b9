/** What the framework itself costs: the least that it can host. */
exports.hello = (_request, response) => {
  response.send('hello');
};
