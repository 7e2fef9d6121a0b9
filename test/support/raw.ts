import { connect } from 'node:net';

/** Sends bytes as they are, and reads until the other side closes. */
export const exchange = async (port: number, sent: string) => {
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(5_000, () => socket.destroy(new Error('no answer in time')));
  socket.write(sent, 'latin1');
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  const [front = '', text = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n', 2);
  const [head = '', ...lines] = front.split('\r\n');
  const headers = new Map(lines.map((line) => [line.split(': ', 1)[0]?.toLowerCase(), line.replace(/^[^:]*: /, '')]));
  return { head, headers, text };
};
