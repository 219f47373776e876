import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';

import { wasNeverSent } from '../../../nodes/shared/http/neverSent';

const error = (code: string, syscall?: string, more: object = {}) =>
	Object.assign(new Error(code), { code, syscall, ...more });
const wrapped = (cause: unknown) => new Error('of n8n', { cause: error('', undefined, { cause }) });
const of = (...errors: Error[]) => Object.assign(new AggregateError(errors), { code: 'ECONNREFUSED' });

it.each<[string, Error]>([
	['a connection that is refused', error('ECONNREFUSED', 'connect')],
	['a host that is not known', error('ENOTFOUND', 'getaddrinfo')],
	['a lookup that fails for now', error('EAI_AGAIN', 'getaddrinfo')],
	['a host without a route to it', error('EHOSTUNREACH', 'connect')],
	['all addresses of a host', of(error('ECONNREFUSED', 'connect'), error('EHOSTUNREACH', 'connect'))],
])('nothing was sent with %s, however deep the error is wrapped', (_, cause) => {
	expect([cause, wrapped(cause), wrapped(wrapped(cause))].map(wasNeverSent)).toEqual([true, true, true]);
});

it.each<[string, unknown]>([
	['a connection that was made and cut', error('ECONNRESET', 'read')],
	['a connection that is cut while it is made', error('ECONNRESET', 'connect')],
	['a connection that was made and lost its route', error('EHOSTUNREACH', 'read')],
	['a connection that was made and refused later', error('ECONNREFUSED', 'write')],
	['a code without the call that failed', error('ECONNREFUSED')],
	[
		'one address of a host that is silent',
		of(error('ECONNREFUSED', 'connect'), error('ETIMEDOUT', 'connect')),
	],
	['no addresses', of()],
	['a timeout', error('ECONNABORTED')],
	['a hang-up', error('ECONNRESET')],
	['anything else', 'broken'],
	['nothing', undefined],
])('something may have been sent with %s', (_, cause) => {
	expect([cause, wrapped(cause)].map(wasNeverSent)).toEqual([false, false]);
});

const ofN8n1 = (code: string, message: string) =>
	Object.assign(new Error('The service refused the connection'), { httpCode: code, messages: [message] });

it.each([
	['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1', true],
	['ENOTFOUND', 'getaddrinfo ENOTFOUND nowhere.invalid', true],
	['EHOSTUNREACH', 'connect EHOSTUNREACH 10.0.0.7:443', true],
	['EHOSTUNREACH', 'read EHOSTUNREACH', false],
	['ECONNRESET', 'connect ECONNRESET', false],
	['504', 'connect to the proxy', false],
])('in the form of n8n 1.123.81: %s, %s', (code, message, expected) => {
	expect(wasNeverSent(ofN8n1(code, message))).toBe(expected);
});

it('Node.js gives the errors in that form', async () => {
	const refused = await new Promise((resolve) => connect(1, '127.0.0.1').on('error', resolve));
	const unknown: unknown = await lookup('nowhere.invalid').catch((reason: unknown) => reason);
	expect([refused, unknown].map(wasNeverSent)).toEqual([true, true]);
});
