/** The framework as it comes: what framework.test.ts shows to be necessary. */
import type { HttpFunction } from '@google-cloud/functions-framework';
import { announcePort } from './announce-port.ts';

announcePort();
export const plain: HttpFunction = (_req, res) => res.end('reached');
