/** Which addresses are the public internet: nothing else may be reached by a URL that comes from outside. */
import type { LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

export class PrivateAddress extends Error {}

/** The addresses that are checked are the ones that are connected to: a name that resolves anew gains nothing. */
export const publicOnly =
  (resolve: (hostname: string) => Promise<LookupAddress[]>): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined || addresses.some(({ address }) => isPrivate(address))) {
          callback(new PrivateAddress(), '');
        } else if (options.all) callback(null, addresses);
        else callback(null, first.address, first.family);
      },
      (error) => callback(error, ''),
    );
  };

export const isPrivateLiteral = (hostname: string): boolean => {
  const address = hostname.replace(/^\[|\]$/g, '');
  return isIP(address) !== 0 && isPrivate(address);
};

const isPrivate = (address: string): boolean =>
  isIP(address) === 6
    ? !globalUnicast.check(address, 'ipv6') || embedding.check(address, 'ipv6')
    : reserved.check(address, 'ipv4');

/** IANA IPv4 special-purpose address registry (RFC 6890), multicast and class E. */
const reserved = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  reserved.addSubnet(network, bits, 'ipv4');
}
/** RFC 4291: everything else (loopback, link-local, unique local, IPv4-mapped, NAT64) is not the public internet. */
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');
/** Special-purpose and documentation blocks within it, and 6to4, which embeds any IPv4 address. */
const embedding = new BlockList();
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  embedding.addSubnet(network, bits, 'ipv6');
}
