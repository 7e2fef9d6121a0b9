import { type AddressInfo, Server } from 'node:net';

/** The framework listens on port 0 where it is told to, and does not say which port that became. */
export const announcePort = (): void => {
  const { listen } = Server.prototype;
  Server.prototype.listen = function (this: Server, ...args: unknown[]) {
    this.once('listening', () => console.log(`port ${(this.address() as AddressInfo).port}`));
    return Reflect.apply(listen, this, args);
  };
};
