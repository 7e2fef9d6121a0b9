/** Who serves the functions of this process: the functions framework, unless the project's own server says that it does. */
import type { Observe } from '../core/ports.ts';
import { hardenFramework } from './framework.ts';

let prepare: (observe: Observe) => void = hardenFramework;

/** For the project's own server, before any entry is loaded. */
export const hostBy = (own: (observe: Observe) => void): void => {
  prepare = own;
};

/** To be called by every entry as it is loaded: hosts make their server afterwards. Throws where the host is not as expected. */
export const prepareHost = (observe: Observe): void => prepare(observe);
