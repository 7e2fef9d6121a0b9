/** Reads a request's body as the functions framework would, and holds no more of it than an operation takes (S25). */
import { markBodyFault, type WithBody } from './body.ts';
import { bodyLimitOf } from './routing.ts';

/** Content codings (RFC 9110 section 8.4.1); `undefined`: as it is. Loaded when first used. */
const decoderOf = async (coding: string) => {
  const { createBrotliDecompress, createGunzip, createInflate } = await import('node:zlib');
  switch (coding) {
    case 'gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      return undefined;
  }
};

/** Whatever is left is read and dropped, so that the connection stays usable and the client gets its answer. */
const drop = (req: WithBody): Promise<void> =>
  new Promise((resolve) => {
    if (req.readableEnded || req.destroyed) return resolve();
    req.once('close', resolve).once('end', resolve).resume();
  });

/** @returns the bytes, or the status of what is wrong with them */
const read = async (req: WithBody): Promise<Buffer | number> => {
  const limit = bodyLimitOf(req);
  const coding = req.headers['content-encoding']?.toLowerCase() ?? 'identity';
  const decoder = coding === 'identity' ? undefined : await decoderOf(coding);
  if (coding !== 'identity' && !decoder) return 415;
  if (!decoder && Number(req.headers['content-length'] ?? 0) > limit) return 413;
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    const stop = (result: Buffer | number) => {
      req.unpipe();
      decoder?.destroy();
      stream.removeAllListeners('data');
      resolve(result);
    };
    const stream = decoder ? req.pipe(decoder) : req;
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) stop(413);
      else chunks.push(chunk);
    });
    stream.once('end', () => stop(Buffer.concat(chunks)));
    stream.once('error', () => stop(400));
    req.once('close', () => {
      // The client is gone; a decoder may still be at work on what did come whole.
      if (!req.complete) stop(400);
    });
  });
};

/** Puts the bytes on the request (`rawBody`), or marks what is wrong with them for the operation to answer. Never throws. */
export const receiveBody = async (req: WithBody & { rawBody?: Buffer }): Promise<void> => {
  // RFC 9112 section 6.3: a request without either has no body.
  if (req.headers['transfer-encoding'] === undefined && req.headers['content-length'] === undefined) return;
  const body = await read(req);
  if (typeof body !== 'number') {
    req.rawBody = body;
    return;
  }
  markBodyFault(req, body);
  await drop(req);
};
