/** ECDSA signatures on P-256: Cloud KMS writes ASN.1 (RFC 3279 section 2.2.3), JOSE two plain numbers (RFC 7518 section 3.4). */
const BYTES = 32;

/** @returns 64 bytes, or `undefined` for anything that is not exactly one such signature in DER */
export const joseSignature = (der: Uint8Array): Uint8Array | undefined => {
  // SEQUENCE, of at most 2 * (2 + 33) bytes: its length takes one byte.
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  const r = integerAt(der, 2);
  const s = r && integerAt(der, r.end);
  if (!s || s.end !== der.length) return undefined;
  const out = new Uint8Array(2 * BYTES);
  out.set(r.bytes, BYTES - r.bytes.length);
  out.set(s.bytes, 2 * BYTES - s.bytes.length);
  return out;
};

/** A positive INTEGER of at most 32 bytes, in its shortest form. */
const integerAt = (der: Uint8Array, at: number): { readonly bytes: Uint8Array; readonly end: number } | undefined => {
  const length = der[at + 1] ?? 0;
  const end = at + 2 + length;
  const content = der.subarray(at + 2, end);
  const [first = 0x80, second = 0] = content;
  if (der[at] !== 0x02 || length === 0 || content.length !== length || first >= 0x80) return undefined;
  // A zero in front keeps the number positive, and stands nowhere else.
  if (first === 0 && second < 0x80) return undefined;
  const bytes = first === 0 ? content.subarray(1) : content;
  return bytes.length <= BYTES ? { bytes, end } : undefined;
};
