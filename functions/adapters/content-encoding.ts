/**
 * Content encodings (RFC 9110 section 8.4) of answers that were asked for without any: some servers, and proxies before
 * them, compress all the same, and the answer to a refresh must not be lost to that.
 */
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib';

export interface Decoded {
  /** As far as it could be decoded, and never longer than allowed. */
  readonly body: Buffer;
  readonly fault?: 'encoding' | 'too_large';
}

/** They are named in the order in which they were applied. */
const MAX_CODINGS = 3;

/** What servers write there though it names a charset, or nothing at all. */
const NO_CODING = /^(identity|none|utf-?8|iso-8859-1|us-ascii|binary|7bit|8bit)?$/;

/** @param maxBytes of the body after every step: a small answer may unpack to a very large one */
export const decoded = async (
  body: Buffer,
  contentEncoding: string | undefined,
  maxBytes: number,
): Promise<Decoded> => {
  const named = (contentEncoding ?? '')
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => !NO_CODING.test(coding))
    .reverse();
  // A proxy may have dropped the header and left the body compressed.
  const codings = named.length === 0 && isGzip(body) ? ['gzip'] : named;
  if (codings.length > MAX_CODINGS) return { body: NOTHING, fault: 'encoding' };
  let step: Decoded = { body };
  for (const coding of codings) {
    if (step.body.length === 0) return step;
    const unpack = unpackOf(coding, step.body);
    // What can be read all the same may hold a token.
    if (unpack === undefined) return { body: isPlain(step.body) ? step.body : NOTHING, fault: 'encoding' };
    if (unpack === 'plain') continue;
    const next = await unpacked(unpack, step.body, maxBytes);
    const fault = step.fault ?? next.fault;
    step = fault === undefined ? next : { ...next, fault };
  }
  return step;
};

const NOTHING = Buffer.alloc(0);

const isGzip = (body: Buffer): boolean => body[0] === 0x1f && body[1] === 0x8b;
/** RFC 1950 section 2.2: method 8, and a header that is a multiple of 31. */
const isZlib = ([first = 0, second = 0]: Buffer): boolean => (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
/** JSON never begins a compressed body: a proxy may have unpacked it and left the header. */
const isPlain = (body: Buffer): boolean => /^(\xef\xbb\xbf)?\s*[[{]\s*["{[\]}]/.test(body.toString('latin1', 0, 64));

const unpackOf = (coding: string, body: Buffer): Transform | 'plain' | undefined => {
  if (isPlain(body)) return KNOWN.includes(coding) ? 'plain' : undefined;
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      // Both are seen: with zlib's header, as RFC 9110 says, and without it.
      return isZlib(body) ? createInflate() : createInflateRaw();
    case 'br':
      return createBrotliDecompress();
    case 'zstd':
      return createZstdDecompress();
    default:
      return undefined;
  }
};

const KNOWN = ['gzip', 'x-gzip', 'deflate', 'br', 'zstd'];

const unpacked = (stream: Transform, body: Buffer, maxBytes: number): Promise<Decoded> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const end = (fault?: Decoded['fault']) => {
      stream.destroy();
      resolve({ body: Buffer.concat(chunks), ...(fault === undefined ? {} : { fault }) });
    };
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk.subarray(0, maxBytes - length));
      length = Math.min(maxBytes, length + chunk.length);
      if (chunks.at(-1)?.length !== chunk.length) end('too_large');
    });
    stream.once('error', () => end('encoding'));
    stream.once('end', () => end());
    stream.end(body);
  });
